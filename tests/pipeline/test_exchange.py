import json
import sys
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from htrvx.schemas import Validator
from lxml import etree
from PIL import Image, ImageDraw

from exchange.__main__ import parser
from stages.errors import UserError
from stages.pages.transcriptions import read_transcription
from tests.pipeline.conftest import Clone

SAMPLES = ["01-food-waste", "02-free-buses"]


@pytest.fixture
def inside(built: Clone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The built clone as the working directory; nothing may be written there."""
    monkeypatch.chdir(built.root)
    return built.root


def run(*arguments: str | Path) -> None:
    given = parser().parse_args(list(map(str, arguments)))
    given.run(given)


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_exported_lines_lie_on_the_ink_of_the_scan(inside: Path, tmp_path: Path) -> None:
    """The baselines and outlines fit the scan itself, not the page after deskewing."""
    run("export", "page", "--out", tmp_path / "out")
    assert set(files(tmp_path / "out")) == {f"{p}.{s}" for p in SAMPLES for s in ("png", "xml")}
    for page in SAMPLES:
        tree = etree.parse(tmp_path / "out" / f"{page}.xml")
        image = tree.find("{*}Page").get("imageFilename")
        scan = Image.open(tmp_path / "out" / image).convert("L")
        assert str(scan.width) == tree.find("{*}Page").get("imageWidth")
        essay = tree.find(".//{*}TextRegion[@id='essay']")
        outlines = [points(line.find("{*}Coords")) for line in essay.findall("{*}TextLine")]
        ink = np.asarray(scan) < 100
        inside_lines, inside_region = mask(scan, outlines), mask(scan, [points(essay[0])])
        own = (ink & inside_lines).sum() / (ink & inside_region).sum()
        assert own > 0.97, page
        assert ink[inside_lines].mean() > 4 * ink[inside_region & ~inside_lines].mean()


def points(element: etree._Element) -> list[tuple[int, int]]:
    pairs = (pair.split(",") for pair in element.get("points").split())
    return [(int(x), int(y)) for x, y in pairs]


def mask(scan: Image.Image, polygons: list[list[tuple[int, int]]]) -> np.ndarray:
    image = Image.new("1", scan.size)
    for polygon in polygons:
        ImageDraw.Draw(image).polygon(polygon, fill=1, outline=1)
    return np.asarray(image)


def test_the_same_pages_give_the_same_bytes_and_come_back_as_they_were(
    copy: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copy.root)
    marked = copy.root / "data/transcriptions/02-free-buses.yaml"
    marked.write_text(marked.read_text().replace("free bus\n", "free ~~buz~~ bus [?]\n"))
    run("export", "page", "--out", tmp_path / "one")
    run("export", "page", "--out", tmp_path / "two", "--transcribed")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    run("export", "huggingface", "--out", tmp_path / "dataset")
    assert "free bus [?]\\n" in (tmp_path / "dataset/pages/metadata.jsonl").read_text()
    typed = files(copy.root / "data/transcriptions")
    assert b"~~buz~~" in typed["02-free-buses.yaml"]
    for path in (copy.root / "data/transcriptions").glob("*.yaml"):
        path.unlink()
    run("import", "page", *sorted((tmp_path / "one").glob("*.xml")))
    assert files(copy.root / "data/transcriptions") == typed
    for path in (copy.root / "data/transcriptions").glob("*.yaml"):
        path.unlink()
    run("export", "labelstudio", "--out", tmp_path / "ls", "--text", "raw")
    tasks = json.loads((tmp_path / "ls/tasks.json").read_text())
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=ls/images/01-food-waste.png"
    assert (tmp_path / "ls/images/01-food-waste.png").is_file()
    for task in tasks:
        task["annotations"] = [{"result": task["predictions"][0]["result"]}]
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    capsys.readouterr()
    run("import", "labelstudio", tmp_path / "export.json")
    told = capsys.readouterr().out
    assert "warning: 2 essays say exactly what the machine read." in told
    assert told.endswith(f": {', '.join(SAMPLES)}\n")
    raw = json.loads((copy.root / "data/corrected/01-food-waste.json").read_text())["essay"]["raw"]
    assert read_transcription(Path("data/transcriptions/01-food-waste.yaml")).essay == raw


def test_what_is_taken_for_handwriting_is_told(
    copy: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copy.root)
    run("export", "page", "--out", tmp_path / "out")
    path = tmp_path / "out" / f"{SAMPLES[0]}.xml"
    renamed = path.read_text().replace('id="examiner_comment"', 'id="r4"')
    path.write_text(renamed.replace("{type:examiner_comment;}", "{type:endnote;}"))
    capsys.readouterr()
    run("import", "page", path, "--overwrite")
    told = capsys.readouterr().out
    assert told == (
        f"data/transcriptions/{SAMPLES[0]}.yaml; taken for handwriting, as no field has the name:"
        " 'r4'\n1 pages in 1 files\n"
    )


def test_the_dataset_folder_loads(inside: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    run("export", "huggingface", "--out", out, "--license", "cc-by-4.0")
    pages = load_dataset(str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert pages["page"] == SAMPLES
    truth = read_transcription(inside / "data/transcriptions/01-food-waste.yaml")
    first = pages[0]
    assert first["essay"].split("\n") == truth.essay
    assert (first["topic"], first["band"]) == (truth.topic, truth.band)
    assert first["image"].size == Image.open("data/pages/01-food-waste.png").size
    lines = load_dataset(str(out), "lines", split="train", cache_dir=str(tmp_path / "cache"))
    own = [row["text"] for row in lines if row["page"] == SAMPLES[0]]
    assert own == truth.essay
    assert all(row["image"].width > row["image"].height for row in lines)
    card = (out / "README.md").read_text()
    assert "license: cc-by-4.0\n" in card
    scores = json.loads((inside / "metrics/scores.json").read_text())
    assert f"| {100 * scores['essay_cer_raw']:.2f} % | {100 * scores['essay_cer']:.2f} % |" in card
    assert len((out / "provenance.jsonl").read_text().splitlines()) == len(SAMPLES)


def test_mistakes_are_one_line_and_leave_nothing(
    copy: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    told = copy.run(
        sys.executable, "-m", "exchange", "export", "alto", "--out", str(out), check=False
    )
    assert (
        told == f"exchange: {out}: is there already; name a new folder, or remove this one first\n"
    )
    assert set(files(out)) == {"mine.txt"}
    monkeypatch.chdir(copy.root)
    (copy.root / "data/transcriptions/02-free-buses.yaml").write_text('topic: "a\\x07b"\n')
    with pytest.raises(
        UserError, match=r"02-free-buses\.yaml: line 1: holds the control character U\+0007"
    ):
        run("export", "alto", "--out", tmp_path / "new")
    assert not list(tmp_path.glob("*new*"))
    (copy.root / "data/transcriptions/02-free-buses.yaml").unlink()
    scans = [copy.root / f"data/pages/{name}.png" for name in SAMPLES[:2]]
    scans[0].write_bytes(scans[1].read_bytes())  # of the same size
    with pytest.raises(UserError, match=r"01-food-waste\.png: is not the scan that was read"):
        run("export", "page", "--out", tmp_path / "new")
    copy.run("git", "checkout", "-q", "data/pages")
    line = next((copy.root / "data/lines" / SAMPLES[0]).glob("*.png"))
    line.unlink()
    with pytest.raises(UserError, match=rf"{line.name}: .*; run `dvc repro`, then again"):
        run("export", "huggingface", "--out", tmp_path / "new")
    assert not list(tmp_path.glob("*new*"))


PAGE_2013 = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"
ALTO_4 = "http://www.loc.gov/standards/alto/ns-v4#"


@pytest.mark.parametrize(
    ("kind", "below", "namespace"), [("transkribus", "page/", PAGE_2013), ("alto", "", ALTO_4)]
)
def test_documents_of_either_kind_lie_where_their_readers_look(
    kind: str, below: str, namespace: str, inside: Path, tmp_path: Path
) -> None:
    run("export", kind, "--out", tmp_path / "out", "--text", "corrected")
    found = files(tmp_path / "out")
    assert set(found) == {f"{p}.png" for p in SAMPLES} | {f"{below}{p}.xml" for p in SAMPLES}
    for page in SAMPLES:
        tree = etree.parse(BytesIO(found[f"{below}{page}.xml"]))
        assert etree.QName(tree.getroot()).namespace == namespace
        if kind == "alto":
            validator = Validator("alto")
            assert validator.validate(tree), validator.xmlschema.error_log
        else:
            assert tree.find("{*}Page").get("imageFilename") == f"{page}.png"
        essay = json.loads((inside / f"data/corrected/{page}.json").read_text())["essay"]
        words = " ".join(essay["corrected"]).split()
        assert " ".join(written_in(tree, kind)).split() == words


def written_in(tree: etree._ElementTree, kind: str) -> list[str]:
    """The words of the essay."""
    if kind == "alto":
        tag = tree.find(".//{*}OtherTag[@LABEL='essay']").get("ID")
        block = next(b for b in tree.iterfind(".//{*}TextBlock") if tag in b.get("TAGREFS", ""))
        return [word.get("CONTENT") for word in block.iterfind(".//{*}String")]
    lines = tree.iterfind(".//{*}TextRegion[@id='essay']/{*}TextLine")
    return [line.find("{*}TextEquiv/{*}Unicode").text for line in lines]


def test_label_studios_tasks_may_hold_their_images(inside: Path, tmp_path: Path) -> None:
    run("export", "labelstudio", "--out", tmp_path / "out", "--embed")
    assert set(files(tmp_path / "out")) == {"labelling.xml", "tasks.json"}
    for page, task in zip(
        SAMPLES, json.loads((tmp_path / "out/tasks.json").read_text()), strict=True
    ):
        kind, content = task["data"]["image"].split(",")
        assert kind == "data:image/png;base64"
        assert b64decode(content) == (inside / f"data/pages/{page}.png").read_bytes()
