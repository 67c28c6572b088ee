import os
import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.config.settings import CropSettings
from stages.crop import ocr
from stages.crop.comment import read_paragraph
from stages.crop.ocr import read_words, require_tesseract, words_of
from stages.errors import PageError, UserError
from stages.store.results import Store
from tests.crop.drawing import draw_sheet

COLUMNS = ("block_num", "par_num", "line_num", "left", "top", "width", "height", "conf", "text")


def table(*rows: tuple[Any, ...]) -> dict[str, list[Any]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}


def test_lines_are_numbered_from_the_top_whatever_their_block() -> None:
    found = words_of(
        table(
            (1, 1, 1, 50, 200, 40, 20, 90.0, "lower"),
            (2, 1, 1, 120, 101, 40, 18, 80.5, "right"),
            (2, 1, 1, 50, 100, 40, 20, 96.0, "left"),
        )
    )
    assert [(word.text, word.line) for word in found] == [("left", 0), ("right", 0), ("lower", 1)]
    assert found[1].confidence == 0.805
    assert found[1].box.corners == (120, 101, 160, 119)


def test_what_is_no_word_is_left_out() -> None:
    found = words_of(
        table(
            (1, 1, 0, 0, 0, 500, 20, -1, ""),
            (1, 1, 1, 0, 0, 40, 20, 95, " "),
            (1, 1, 1, 0, 0, 0, 20, 95, "thin"),
            (1, 1, 1, 50, 0, 40, 20, 95, "ﬁne"),
        )
    )
    assert [word.text for word in found] == ["fine"]


def test_the_thinnest_word_still_has_a_box_on_a_reduced_page() -> None:
    (word,) = words_of(table((1, 1, 1, 1482, 842, 1, 6, 50, "|")), scale=2.0)
    assert word.box.corners == (741, 421, 742, 424)


def test_a_page_of_which_nothing_is_left_when_it_is_reduced_has_no_words(
    settings: CropSettings,
) -> None:
    assert read_words(np.full((160, 1), 208, np.uint8), settings, 0.48) == []


def test_an_unknown_language_is_one_line_with_its_cure() -> None:
    with pytest.raises(UserError, match=r"apt-get install tesseract-ocr-xx-yy"):
        require_tesseract("eng+xx_YY")


def test_a_time_out_rejects_the_page(settings: CropSettings) -> None:
    hurried = settings.model_copy(update={"timeout_s": 0.01})
    with pytest.raises(PageError, match="took longer than"):
        read_words(draw_sheet().pixels[..., 0], hurried)


def test_a_crash_rejects_the_page(settings: CropSettings) -> None:
    broken = settings.model_copy(update={"language": "no_such_language"})
    with pytest.raises(PageError, match="tesseract failed on it"):
        read_words(draw_sheet().pixels[..., 0], broken)


def test_boxes_are_those_of_the_page_whatever_tesseract_saw(settings: CropSettings) -> None:
    gray = draw_sheet(size=60).pixels[..., 0]
    boxes = {}
    for scale in (1.0, 0.5, 1.4):
        words = read_words(gray, settings, scale)
        boxes[scale] = next(word.box.corners for word in words if word.text == "WRITING")
    assert boxes[0.5] == pytest.approx(boxes[1.0], abs=5)
    assert boxes[1.4] == pytest.approx(boxes[1.0], abs=5)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls of Tesseract."""
    calls: list[str] = []

    def watch(output: ocr.Output) -> None:
        real = ocr.READ[output]

        @wraps(real)
        def counted(*given: Any, **options: Any) -> Any:
            calls.append(options["config"])
            return real(*given, **options)

        monkeypatch.setitem(ocr.READ, output, counted)

    watch("tsv")
    watch("txt")
    return calls


def test_a_page_is_read_once(settings: CropSettings, passes: list[str]) -> None:
    gray = draw_sheet().pixels[..., 0]
    expected = read_words(gray, settings)
    store = Store(None)
    for patience in (100, 200):
        patient = settings.model_copy(update={"timeout_s": patience})
        assert read_words(gray, patient, store=store) == expected
    assert len(passes) == 2
    for changed, scale in (({"page_segmentation_mode": 6}, 1.0), ({"language": "osd"}, 1.0)):
        read_words(gray, settings.model_copy(update=changed), scale, store)
    assert len(passes) == 4
    gray = gray.copy()
    gray[0, 0] ^= 1
    read_words(gray, settings, store=store)
    assert len(passes) == 5


def test_the_notebooks_twelve_passes_are_made_once(
    settings: CropSettings, passes: list[str]
) -> None:
    image = draw_sheet().pixels[300:380]
    store = Store(None)
    text = read_paragraph(image, settings, store)
    made = len(passes)
    assert 0 < made <= 12  # of renderings that are alike one is read
    assert read_paragraph(image, settings, store) == text == read_paragraph(image, settings)
    assert len(passes) == made + 12


def test_a_fault_is_not_kept(settings: CropSettings) -> None:
    gray, store = draw_sheet().pixels[..., 0], Store(None)
    with pytest.raises(PageError, match="took longer than"):
        read_words(gray, settings.model_copy(update={"timeout_s": 0.01}), store=store)
    assert read_words(gray, settings, store=store)


def test_other_language_data_is_another_tesseract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ocr.installation.__wrapped__("eng")
    assert known["tesseract"].startswith("tesseract ")
    assert ocr.installation.__wrapped__("eng+osd") != known == ocr.installation.__wrapped__("eng")
    (tmp_path / "eng.traineddata").write_bytes(b"other")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    other = ocr.installation.__wrapped__("eng")
    assert other == known | {"data": other["data"]} != known


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a shell script first on the PATH, as `tesseract`; the real one is `$REAL`."""
    real = shutil.which("tesseract")

    def put(script: str) -> None:
        program = tmp_path / "bin/tesseract"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nREAL={real}\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return put


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sleep 60", "`tesseract --list-langs` did not end within 0.3 s; "),
        ("echo no library >&2; exit 127", r"failed \(exit 127: no library\); install it again"),
        ("kill -9 $$", r"failed \(exit -9: \); install it again"),
    ],
)
def test_a_tesseract_that_never_starts_is_one_line(
    fake: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    fake(script)
    monkeypatch.setattr(ocr, "START_S", 0.3)
    with pytest.raises(UserError, match=told) as caught:
        require_tesseract("eng")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exec sleep 60", r"tesseract took longer than 0.5 s; scan at a lower resolution"),
        ("kill -SEGV $$", r"tesseract failed on it \(exit -11: \)"),
        ("kill -9 $$", "tesseract was killed on it, most likely for its memory"),
        ("exit 0", "tesseract's answer breaks off"),
        ('$REAL "$@"; truncate -s 300 "$2.tsv"', "tesseract's answer breaks off"),
        ('$REAL "$@"; truncate -s 0 "$2.tsv"', "tesseract's answer breaks off"),
    ],
)
def test_a_tesseract_that_hangs_or_dies_costs_its_page_and_is_not_kept(
    settings: CropSettings, fake: Callable[[str], None], script: str, told: str
) -> None:
    gray, store = draw_sheet().pixels[..., 0], Store(None)
    require_tesseract("eng")
    patience = 0.5 if "sleep" in script else settings.timeout_s
    fake(f'case "$1" in --*) exec $REAL "$@";; esac\n{script}')
    with pytest.raises(PageError, match=told):
        read_words(gray, settings.model_copy(update={"timeout_s": patience}), store=store)
    fake('exec $REAL "$@"')
    assert read_words(gray, settings, store=store)
