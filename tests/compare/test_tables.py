import json
import os
from pathlib import Path

import pytest
from mlflow import MlflowClient

from compare.tables import LENGTH_OF, parse_table, read_table
from stages.config.composition import compose_yaml, parse
from stages.errors import UserError
from stages.evaluate.page import score_page
from stages.evaluate.plots import write_table
from stages.evaluate.scores import page_row, total
from stages.evaluate.tracking.run import log_run
from stages.pages.records import Transcription
from tests.compare.conftest import BETTER, FIRST, LENGTH, PERFECT, WORSE
from tests.compare.tables import SCORES, table_text
from tests.evaluate.pages import make_outcome

CONF = Path(__file__).parents[2] / "conf"
NOBODY = "0" * 32


def _edits(name: str) -> dict[str, tuple[int, int]]:
    errors = read_table(name).errors["essay_cer"]
    return {page: (found.edits, found.length) for page, found in errors.items()}


def test_counts_come_back_from_what_evaluate_writes(tmp_path: Path) -> None:
    truth = Transcription(essay=["Don't stop, he said: never!", "Über alles?"])
    pages = [
        score_page(make_outcome("a", raw=["dont stop he sald never"], truth=truth)),
        score_page(make_outcome("b", reason="is broken", truth=truth)),
        score_page(make_outcome("c", raw=["not transcribed"])),
    ]
    rows = [page_row(page) for page in pages]
    write_table(tmp_path / "pages.csv", list(rows[0]), rows)
    text = (tmp_path / "pages.csv").read_text(encoding="utf-8")
    table = parse_table("x", text, json.dumps(total(pages)))
    assert table.pages == {"a", "b", "c"}
    assert table.normalisation == total(pages)["normalisation"]
    for score in LENGTH_OF:
        assert table.errors[score].keys() == {"a", "b"}
        for page in pages[:2]:
            found, expected = table.errors[score][page.page], page.errors[score]
            assert (found.edits, found.length) == (expected.edits, expected.length)


def test_commits_experiments_and_the_working_tree(project: Path) -> None:
    assert _edits("HEAD~1") == FIRST
    assert _edits("HEAD") == BETTER
    assert _edits("trial") == WORSE
    assert _edits("workspace") == PERFECT


def test_a_run_as_evaluate_logs_it(project: Path) -> None:
    (project / "data/dataset").mkdir(parents=True)
    (project / "data/dataset/dataset.jsonl").touch()
    (project / "metrics/details.json").write_text(SCORES, encoding="utf-8")
    whole = log_run(parse(compose_yaml(conf=CONF), "conf"))
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    bare = client.create_run(client.get_run(whole).info.experiment_id).info.run_id
    assert _edits(whole) == PERFECT
    with pytest.raises(UserError, match=rf"{bare}: the MLflow run has no pages\.csv"):
        read_table(bare)
    with pytest.raises(
        UserError, match=rf"{NOBODY}: .*no such run in MLflow .*{NOBODY}.* not found"
    ):
        read_table(NOBODY)


def test_asking_for_a_run_makes_no_store(project: Path) -> None:
    with pytest.raises(UserError, match=f"{NOBODY}: no such revision, and no MLflow runs"):
        read_table(NOBODY)
    assert not (project / "mlflow.db").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nonsense", "unknown Git revision 'nonsense'; .*dvc exp list"),
        ("", "an empty name"),
        ("HEAD:metrics/pages.csv", "HEAD:metrics/pages.csv: names a file or folder; name a commit"),
        ("HEAD^{tree}", "names a file or folder; name a commit"),
        ("empty", r"empty: metrics/pages\.csv is not there; take a revision"),
    ],
)
def test_names_without_a_table(project: Path, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_table(name)


def test_outside_of_git_only_the_working_tree_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError, match=r"HEAD: metrics/pages\.csv cannot be read \(.*; revisions"):
        read_table("HEAD")
    with pytest.raises(UserError, match=r"metrics/pages\.csv: not there yet; run `dvc repro`"):
        read_table("workspace")


def test_a_table_without_lengths_is_an_older_one() -> None:
    older = "page,essay_cer_raw,essay_cer,essay_wer_raw,essay_wer\np,0,0,0,0\n"
    with pytest.raises(UserError, match=r"old: .* has no essay_characters, essay_words; an older"):
        parse_table("old", older, SCORES)


def test_forms_that_an_older_table_lacks_are_not_needed() -> None:
    lines = table_text({"p": (5, LENGTH)}).splitlines()
    columns = lines[0].split(",")
    kept = [index for index, name in enumerate(columns) if "caseless" not in name]
    text = "\n".join(",".join(line.split(",")[index] for index in kept) for line in lines)
    assert LENGTH_OF.keys() - parse_table("x", text, SCORES).errors.keys() == {
        "essay_cer_caseless",
        "essay_wer_caseless",
    }


@pytest.mark.parametrize(
    ("table", "scores"),
    [
        (table_text({"p": (5, LENGTH)}).replace(str(LENGTH), "many"), SCORES),
        (table_text({"p": (5, LENGTH)}), "<<<<<<< HEAD"),
        (table_text({"p": (5, LENGTH)}), "[]"),
    ],
)
def test_damaged_files(table: str, scores: str) -> None:
    with pytest.raises(
        UserError, match=r"x: metrics/pages\.csv or metrics/scores\.json is damaged"
    ):
        parse_table("x", table, scores)


def test_pages_that_trained_the_recogniser_are_known() -> None:
    head, *rows = table_text(FIRST).splitlines()
    marked = "\n".join([f"{head},trained_on", f"{rows[0]},1", *(f"{row},0" for row in rows[1:])])
    assert parse_table("x", marked, SCORES).trained_on == {"p0"}
