"""Records that somebody else wrote, such as those of a DVC remote: read, never followed out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from stages.assemble.__main__ import assemble
from stages.config.composition import compose_yaml, parse
from stages.config.settings import Params
from stages.correct.__main__ import correct
from stages.errors import UserError
from stages.evaluate.outcomes import gather
from stages.pages.records import CropName, Layout, PageName, Rejection
from stages.pages.stored import read_jsonl, read_record, write_jsonl, write_record
from stages.recognize.__main__ import recognize
from stages.segment.__main__ import segment
from tests.evaluate.pages import make_outcome

OUT = "../../../escaped"
STAGES: list[tuple[str, Callable[[Params], None]]] = [
    ("regions/p/layout.json", segment),
    ("lines/p/lines.json", recognize),
    ("raw/p.json", correct),
    ("corrected/p.json", assemble),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `data` of a page that came through, two folders below the test's."""
    root = tmp_path / "a/b"
    data = root / "data"
    outcome = make_outcome("p")
    reading = outcome.reading
    assert reading and outcome.layout
    write_record(data / "regions/p/layout.json", outcome.layout)
    write_record(data / "raw/p.json", reading.raw)
    write_record(data / "corrected/p.json", reading.corrected)
    lines = {"page": "p", "source": "p.png"}
    lines["candidates"] = [c.model_dump(mode="json") for c in reading.candidates]  # type: ignore[assignment]
    (data / "lines/p").mkdir(parents=True)
    (data / "lines/p/lines.json").write_text(json.dumps(lines))
    (data / "dataset").mkdir()
    for folder in ("regions", "lines", "raw", "corrected", "dataset"):
        write_jsonl(data / folder / "rejected.jsonl", [])
    write_jsonl(data / "dataset/dataset.jsonl", [reading.record])
    write_jsonl(data / "dataset/provenance.jsonl", [reading.provenance])
    (root / "models").symlink_to(Path(__file__).parents[2] / "models")
    monkeypatch.chdir(root)
    return data


PARAMS = parse(compose_yaml(), "conf")


def _everything(root: Path) -> set[Path]:
    own = {"data", ".cache"}
    return {path for path in root.rglob("*") if own.isdisjoint(path.relative_to(root).parts)}


@pytest.mark.parametrize(("file", "stage"), STAGES)
def test_a_page_s_name_cannot_lead_out_of_its_folder(
    project: Path, tmp_path: Path, file: str, stage: Callable[[Params], None]
) -> None:
    path = project / file
    content = json.loads(path.read_text()) | {"page": OUT}
    path.write_text(json.dumps(content))
    before = _everything(tmp_path)
    with pytest.raises(UserError, match=r"^[^\n]+$") as caught:
        stage(PARAMS)
    assert str(caught.value).startswith(f"data/{file}: ")
    assert "page: Value error, a name of a file" in str(caught.value)
    assert str(caught.value).endswith("`dvc repro --force` makes it anew")
    assert _everything(tmp_path) == before


@pytest.mark.parametrize(("file", "stage"), STAGES)
def test_a_record_of_another_page_is_refused(
    project: Path, file: str, stage: Callable[[Params], None]
) -> None:
    path = project / file
    path.write_text(json.dumps(json.loads(path.read_text()) | {"page": "other"}))
    with pytest.raises(UserError, match=rf"^data/{file}: is of page other; `dvc repro --force`"):
        stage(PARAMS)


@pytest.mark.parametrize("name", [OUT, "/etc/passwd", "a/b", "..", ""])
def test_a_crop_s_name_cannot_either(project: Path, name: str) -> None:
    path = project / "lines/p/lines.json"
    content = json.loads(path.read_text())
    content["candidates"][0]["lines"][0]["crop"] = name
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"^data/lines/p/lines\.json: no PageLines \(candidates"):
        recognize(PARAMS)


@pytest.mark.parametrize("file", ["provenance.jsonl", "rejected.jsonl"])
def test_nor_a_name_in_the_dataset(project: Path, file: str) -> None:
    path = project / "dataset" / file
    record = Rejection(page="x", source="x", stage="crop", reason="is blank").model_dump()
    content = json.loads(path.read_text() or "null") or record
    path.write_text(json.dumps(content | {"page": OUT}) + "\n")
    with pytest.raises(UserError, match=rf"^data/dataset/{file}: no \w+ \(page: "):
        gather({})


@given(st.text())
def test_names_are_names_of_one_file(name: str) -> None:
    adapter = TypeAdapter(PageName)
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        with pytest.raises(ValidationError):
            adapter.validate_python(name)
    else:
        folder = Path("/data/lines")
        assert (folder / f"{adapter.validate_python(name)}").parent == folder


@given(st.text())
def test_crops_names_are_letters_and_digits(name: str) -> None:
    adapter = TypeAdapter(CropName)
    plain = name.isascii() and bool(name) and name.replace("-", "a").replace("_", "a").isalnum()
    try:
        assert adapter.validate_python(name) == name and plain
    except ValidationError:
        assert not plain


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"page": 1}'])
def test_what_is_no_record_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "layout.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^[^\n]*layout\.json: no Layout \([^\n]+$"):
        read_record(path, Layout)
    path.write_bytes(content or b"x")
    with pytest.raises(UserError, match=r"^[^\n]*layout\.json: no Layout \([^\n]+$"):
        read_jsonl(path, Layout)
    with pytest.raises(UserError, match=r"gone\.json: cannot be read \(No such file"):
        read_record(tmp_path / "gone.json", Layout)
