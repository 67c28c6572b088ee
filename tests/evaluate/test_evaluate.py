import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

import stages.evaluate.__main__ as stage
from stages.config.settings import Params
from stages.errors import UserError
from stages.evaluate.__main__ import evaluate
from stages.pages.records import PageLines
from stages.pages.stored import read_record, write_record


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _quiet(params: Params) -> Params:
    return params.model_copy(
        update={"evaluate": params.evaluate.model_copy(update={"track": False})}
    )


def test_the_stage_then_the_summary(workplace: Path) -> None:
    stage = _python("stages.evaluate")
    assert (stage.returncode, stage.stderr) == (0, "")
    metrics = workplace / "metrics"
    scores = json.loads((metrics / "scores.json").read_text(encoding="utf-8"))
    assert scores["essay_cer"] == round(3 / 23, 6)
    assert sorted(path.name for path in (metrics / "plots/overlays").iterdir()) == [
        "a.jpg",
        "c.jpg",
    ]
    assert "data:image/webp;base64," in (metrics / "report.html").read_text(encoding="utf-8")
    assert (workplace / "mlflow.db").is_file()
    artifacts = {path.name for path in (workplace / "mlartifacts").rglob("*") if path.is_file()}
    assert {path.name for path in metrics.rglob("*") if path.is_file()} < artifacts

    details = json.loads((metrics / "details.json").read_text(encoding="utf-8"))
    assert scores.items() < details.items()
    assert len(scores) <= 30

    summary = _python("stages.evaluate.summary")
    assert summary.returncode == 0
    assert stage.stdout == summary.stdout
    assert "2 pages done, 1 rejected" in summary.stdout
    assert "b.png (b), by crop: is broken" in summary.stdout


def test_every_page_has_its_row(workplace: Path, params: Params) -> None:
    evaluate(_quiet(params))
    with (workplace / "metrics/pages.csv").open(encoding="utf-8") as file:
        rows = {row["page"]: row for row in csv.DictReader(file)}
    assert {page: row["status"] for page, row in rows.items()} == {
        "a": "done",
        "b": "rejected",
        "c": "done",
    }
    assert (rows["a"]["essay_cer_raw"], rows["a"]["essay_cer"]) == ("0.05", "0.0")
    assert rows["b"]["essay_cer"] == "1.0"
    assert rows["c"]["essay_cer"] == ""
    assert not (workplace / "mlflow.db").exists()


def test_under_dvc_the_stage_leaves_the_summary_to_make_run(
    workplace: Path,
    params: Params,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DVC_STAGE", "evaluate")
    evaluate(_quiet(params))
    assert capsys.readouterr().out == ""


def test_the_same_input_gives_the_same_bytes(workplace: Path, params: Params) -> None:
    def outputs() -> dict[Path, bytes]:
        evaluate(_quiet(params))
        return {p: p.read_bytes() for p in Path("metrics").rglob("*") if p.is_file()}

    first = outputs()
    assert len(first) == 8
    shutil.rmtree("metrics")
    assert outputs() == first


def test_without_any_transcription(
    workplace: Path, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree("data/transcriptions")
    evaluate(_quiet(params))
    assert "nothing is scored" in capsys.readouterr().out
    scores = json.loads(Path("metrics/scores.json").read_text(encoding="utf-8"))
    assert scores["pages_done"] == 2
    assert not any("cer" in name for name in scores)


def test_a_transcription_without_page_is_named(
    workplace: Path, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("data/transcriptions/gone.yaml").write_text("band: 5\n", encoding="utf-8")
    evaluate(_quiet(params))
    assert "data/transcriptions/gone.yaml: there is no such page" in capsys.readouterr().err


def test_a_malformed_transcription_is_one_line(workplace: Path) -> None:
    Path("data/transcriptions/a.yaml").write_text("essay: [", encoding="utf-8")
    stage = _python("stages.evaluate")
    assert stage.returncode == 1
    assert stage.stderr.startswith("evaluate: data/transcriptions/a.yaml: ")
    assert len(stage.stderr.splitlines()) == 1


def test_all_malformed_transcriptions_are_told_at_once(workplace: Path) -> None:
    for page in "abc":
        Path(f"data/transcriptions/{page}.yaml").write_text("essay: |\n  one\ntwo\n")
    stage = _python("stages.evaluate")
    assert stage.returncode == 1
    told = stage.stderr.splitlines()
    assert [line.split(": ")[:3] for line in told] == [
        ["evaluate", f"data/transcriptions/{page}.yaml", "line 3"] for page in "abc"
    ]


def test_what_may_be_wrong_with_transcriptions_is_told(
    workplace: Path, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path("data/transcriptions")
    (folder / "a.yaml").write_text("essay: |\n  Quite another text than this\n  and another\n")
    (folder / "b.yaml").rename(folder / "B.yaml")
    (folder / "c.yaml.txt").touch()
    (folder / ".gitkeep").touch()
    evaluate(_quiet(params))
    said = capsys.readouterr()
    told = [line.removeprefix(f"evaluate: warning: {folder}/") for line in said.err.splitlines()]
    assert told == [
        "c.yaml.txt: not read by this name; rename it to end in .yaml, or take it out",
        "B.yaml: there is no such page; did you mean 'b.yaml'?",
        told[2],
    ]
    assert told[2].startswith("a.yaml: hardly anything agrees with what was read (CER ")
    assert told[2].split(": ", 1)[1] in said.out


def test_guesses_are_in_the_summary(
    workplace: Path, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workplace / "data/dataset/provenance.jsonl"
    told = path.read_text(encoding="utf-8").replace('"fallbacks":[]', '"fallbacks":["band: lost"]')
    path.write_text(told, encoding="utf-8")
    evaluate(_quiet(params))
    said = capsys.readouterr().out
    assert "2 pages were read with a guess, look at them:\n  a: band not found" in said


def test_a_name_of_other_accents_is_the_page_s(
    workplace: Path, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("data/dataset/rejected.jsonl").read_text(encoding="utf-8")
    decomposed = text.replace('"page":"b"', '"page":"cafe\u0301"')
    Path("data/dataset/rejected.jsonl").write_text(decomposed, encoding="utf-8")
    Path("data/transcriptions/b.yaml").rename("data/transcriptions/caf\u00e9.yaml")
    evaluate(_quiet(params))
    scores = json.loads(Path("metrics/scores.json").read_text(encoding="utf-8"))
    assert (scores["pages_transcribed"], scores["pages_transcribed_rejected"]) == (2, 1)
    assert capsys.readouterr().err == ""


def test_a_reader_that_leaves_early_is_no_error(workplace: Path, params: Params) -> None:
    evaluate(_quiet(params))
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "stages.evaluate.summary"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_lines_that_were_not_read_are_one_line(workplace: Path, params: Params) -> None:
    path = workplace / "data/lines/a/lines.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"c1"', '"other"'), encoding="utf-8")
    with pytest.raises(UserError, match="data/lines/a: not read since it was made"):
        evaluate(_quiet(params))


KILLED = """
import os, signal
import stages.evaluate.__main__ as stage
from stages.running.runner import run_stage
make = stage.{name}
def killed(outcome, *others):
    if outcome.page == "c":
        os.kill(os.getpid(), signal.SIGKILL)
    return make(outcome, *others)
stage.{name} = killed
run_stage("evaluate", stage.evaluate)
"""


@pytest.mark.parametrize("name", ["score_page", "draw_page"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_of_a_killed_process_the_page_and_the_cure_are_told(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, name: str, workers: str
) -> None:
    monkeypatch.setenv("PAGE_WORKERS", workers)
    stage = subprocess.run(
        [sys.executable, "-c", KILLED.format(name=name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (stage.returncode, stage.stderr) == (
        1,
        "evaluate: c.png (c): could not be scored and drawn for the report: the process that worked"
        " on it was killed, again when nothing ran beside it; if memory was short, scan it at a"
        " lower resolution (SIGKILL); or free some memory, or take it out of data/pages, then"
        " `dvc repro` goes on from here\n",
    )


def test_a_scan_that_is_another_now_is_one_line(workplace: Path, params: Params) -> None:
    (workplace / "data/pages/c.png").write_bytes(b"other")
    with pytest.raises(UserError, match=r"^c\.png \(c\): [^\n]+; run `dvc repro`$"):
        evaluate(_quiet(params))


def test_before_the_other_stages(
    tmp_path: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="data/dataset: not there yet"):
        evaluate(params)


def test_another_threshold_that_finds_the_same_lines_is_not_scored_again(
    workplace: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced(old: str, new: str) -> None:
        for path in workplace.glob("data/*/*/lines.json"):
            path.write_text(path.read_text().replace(old, new))

    evaluate(_quiet(params))
    once = (workplace / "metrics/pages.csv").read_bytes()
    replaced('"name": "0.1"', '"name": "0.2"')
    replaced('"threshold": 0.1', '"threshold": 0.2')
    provenance = workplace / "data/dataset/provenance.jsonl"
    provenance.write_text(provenance.read_text().replace('"candidate":"0.1"', '"candidate":"0.2"'))
    monkeypatch.setattr(stage, "score_page", Mock(side_effect=UserError("scored again")))
    evaluate(_quiet(params))
    assert (workplace / "metrics/pages.csv").read_bytes() == once
    replaced('"crop": "c1"', '"crop": "c0"')
    with pytest.raises(UserError, match="scored again"):
        evaluate(_quiet(params))


def test_lines_of_other_thresholds_than_were_read_are_one_line(
    workplace: Path, params: Params
) -> None:
    path = workplace / "data/lines/a/lines.json"
    lines = read_record(path, PageLines)
    twice = [lines.candidates[0], lines.candidates[0].model_copy(update={"name": "0.2"})]
    write_record(path, lines.model_copy(update={"candidates": twice}))
    with pytest.raises(UserError, match="data/lines/a: not read since it was made"):
        evaluate(_quiet(params))
