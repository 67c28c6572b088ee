"""A small working directory as the stages before evaluate leave it."""

from pathlib import Path

import pytest
from PIL import Image

from stages.config.composition import compose_yaml, parse
from stages.config.settings import Params
from stages.evaluate.outcomes import Outcome
from stages.pages.records import PageLines, Record, Transcription
from stages.pages.stored import write_jsonl, write_record
from tests.evaluate.pages import make_outcome

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DVC_ROOT",
        "DVC_EXP_NAME",
        "DVC_EXP_BASELINE_REV",
        "DVC_STAGE",
        "MLFLOW_TRACKING_URI",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def params() -> Params:
    return parse(compose_yaml(conf=CONF), "conf")


@pytest.fixture
def three_pages() -> list[Outcome]:
    """A page read with errors, a rejected one, and one without transcription."""
    essay = ["A cat sat.", "It is red"]
    return [
        make_outcome(
            "a",
            raw=["A bat sat.", "It is red"],
            final=["A cat sat.", "It is red"],
            topic="Cars",
            truth=Transcription(topic="Cars", band=6.5, essay=essay),
        ),
        make_outcome("b", reason="is broken", truth=Transcription(band=5, essay=["Two"])),
        make_outcome("c", raw=["<script>alert(1)</script>"]),
    ]


@pytest.fixture
def workplace(three_pages: list[Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`three_pages` on disk, as the working directory; commands find the project's code."""
    settings = compose_yaml(conf=CONF)
    (tmp_path / "params.yaml").write_text(settings, encoding="utf-8")
    data = tmp_path / "data"
    for name in ("pages", "dataset", "transcriptions"):
        (data / name).mkdir(parents=True)
    records: dict[str, list[Record]] = {"dataset": [], "provenance": [], "rejected": []}
    for outcome in three_pages:
        Image.new("RGB", (1200, 1600), "white").save(data / "pages" / outcome.source)
        if outcome.rejection:
            records["rejected"].append(outcome.rejection)
        if outcome.layout:
            write_record(data / "regions" / outcome.page / "layout.json", outcome.layout)
        if outcome.reading:
            records["dataset"].append(outcome.reading.record)
            records["provenance"].append(outcome.reading.provenance)
            write_record(data / "corrected" / f"{outcome.page}.json", outcome.reading.corrected)
            write_record(data / "raw" / f"{outcome.page}.json", outcome.reading.raw)
            lines = PageLines(
                page=outcome.page, source=outcome.source, candidates=outcome.reading.candidates
            )
            write_record(data / "lines" / outcome.page / "lines.json", lines)
            for line in outcome.reading.raw.lines:
                crop = data / "lines" / outcome.page / f"{line.crop}.png"
                Image.new("RGB", (880, 60), "white").save(crop)
    for name, content in records.items():
        write_jsonl(data / "dataset" / f"{name}.jsonl", content)
    typed = {
        "a": "topic: Cars\nband: 6.5\nessay: |\n  A cat sat.\n  It is red\n",
        "b": "band: 5\nessay: Two\n",
    }
    for page, text in typed.items():
        (data / "transcriptions" / f"{page}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path
