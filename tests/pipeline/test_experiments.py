"""What DVC itself tells of two experiments."""

import csv
import json
import sys
from typing import Any

import pytest

from tests.pipeline.conftest import Clone

pytestmark = pytest.mark.usefixtures("warm")


def _json(clone: Clone, *command: str) -> Any:
    printed = clone.dvc(*command, "--json")
    return json.loads(printed[min(printed.index(c) for c in "[{" if c in printed) :])


def _values(plots: dict[str, Any], name: str, revision: str) -> list[dict[str, str]]:
    [plot] = plots["data"][name]
    return [row for row in plot["content"]["data"]["values"] if row["rev"] == revision]


@pytest.fixture
def tried(copy: Clone) -> Clone:
    """A clone with an experiment of two thresholds, and one without correction."""
    copy.dvc("exp", "run", "-n", "two", "-S", "segment.thresholds=[0.15,0.25]")
    copy.run("git", "checkout", "-q", ".")
    copy.dvc("exp", "run", "-n", "plain", "-S", "correct=none")
    return copy


def test_plots_metrics_and_params_of_two_experiments(tried: Clone) -> None:
    plots = _json(tried, "plots", "diff", "two", "plain")
    curve = "Raw essay CER, one threshold for all pages"
    assert [row["threshold"] for row in _values(plots, curve, "two")] == ["0.15", "0.25"]
    [single] = _values(plots, curve, "plain")
    scores = json.loads((tried.root / "metrics/scores.json").read_text(encoding="utf-8"))
    assert float(single["essay_cer_raw"]) == scores["essay_cer_raw"] == scores["essay_cer"]
    assert int(single["pages_chosen"]) == 2
    lines = _values(plots, "metrics/plots/lines.csv", "plain")
    assert len(lines) == scores["essay_lines"]
    assert all(0 < float(line["confidence"]) <= 1 for line in lines)
    pages = {row["page"] for row in _values(plots, "Essay CER per page", "two")}
    assert len(pages) == 2
    for page in pages:
        pictures = plots["data"][f"metrics/plots/overlays/{page}.jpg"]
        assert [picture["revisions"] for picture in pictures] == [["two"], ["plain"]]
    assert not plots.get("errors")

    assert _json(tried, "params", "diff", "two", "plain")["params.yaml"] == {
        "segment.thresholds": {"old": "[0.15, 0.25]", "new": "[0.25]"},
        "correct.chain": {"old": "['channel']", "new": "[]"},
    }
    changed = _json(tried, "metrics", "diff", "HEAD", "plain")["metrics/scores.json"]
    assert "essay_cer_raw" not in changed
    assert changed["essay_edits"]["new"] == 0 == scores["essay_edits"]
    assert {name: scores[name] for name in changed} == {n: c["new"] for n, c in changed.items()}
    shown = _json(tried, "exp", "show")
    names = {e["name"] for row in shown for e in row["experiments"] or []}
    assert names == {"two", "plain"}


def test_plots_show_draws_every_table_and_page(copy: Clone) -> None:
    shown = _json(copy, "plots", "show")["data"]
    assert copy.run("git", "status", "--porcelain") == ""
    with (copy.root / "metrics/pages.csv").open(encoding="utf-8") as file:
        pages = [row["page"] for row in csv.DictReader(file)]
    drawn = {name for name in shown if name.endswith(".jpg")}
    assert drawn == {f"metrics/plots/overlays/{page}.jpg" for page in pages}
    for name in shown.keys() - drawn:
        [plot] = shown[name]
        encoding = plot["content"]["encoding"]
        rows = plot["content"]["data"]["values"]
        assert rows
        for axis in "xy":
            assert all(row[encoding[axis]["field"]] != "" for row in rows), name


def test_plots_without_any_transcription(copy: Clone) -> None:
    for path in (copy.root / "data/transcriptions").glob("*.yaml"):
        path.unlink()
    copy.dvc("repro")
    shown = _json(copy, "plots", "show")
    [curve] = shown["data"]["metrics/thresholds.csv"]
    assert [row["threshold"] for row in curve["content"]["data"]["values"]] == ["0.25"]


def test_after_an_experiment_that_failed_a_run_says_how_to_go_back_to_conf(copy: Clone) -> None:
    wanted = "recognize.checkpoint=models/none"
    copy.run("dvc", "exp", "run", "-S", wanted, check=False)
    said = copy.run("dvc", "repro", check=False)
    assert "models/none: no such checkpoint folder" in said
    assert "note: params.yaml holds an experiment's settings, not those of conf/" in said
    assert "note: params.yaml holds an experiment's" in copy.stage("evaluate.summary")
    copy.run(sys.executable, "-m", "stages.params")
    assert "holds an experiment's" not in copy.run("dvc", "repro")
    assert copy.run("git", "status", "--short") == ""
