"""The page's one Tesseract pass: words with boxes, confidences and line numbers."""

import os
import re
import signal
import subprocess
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Literal

import cv2
import numpy as np
import pytesseract
from PIL import Image
from pytesseract import TesseractError, TesseractNotFoundError

from stages.config.settings import CropSettings
from stages.errors import OutOfMemoryError, PageError, UserError
from stages.pages.records import Box, Word
from stages.pages.scans import Pixels
from stages.store.digest import files_digest, work_digest, work_key
from stages.store.results import Store

KIND = "tesseract passes"
START_S = 20
MISSING = (
    "tesseract is not installed or not on the PATH; install it with"
    " `apt-get install tesseract-ocr tesseract-ocr-eng`"
)

BROKEN_OFF = (
    "tesseract's answer breaks off; make room on the disk of temporary files, or install it again"
)

Output = Literal["tsv", "txt"]
READ = {"tsv": pytesseract.image_to_data, "txt": pytesseract.image_to_string}

LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})


def require_tesseract(language: str) -> None:
    """Check that Tesseract can be started and knows the language; hold it to one thread.

    Raises:
        UserError: it is not on the PATH, or its language data is not installed.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"
    installed = _ask("--list-langs").split("\n")[1:]
    missing = [code for code in language.split("+") if code not in installed]
    if missing:
        packages = " ".join("tesseract-ocr-" + code.lower().replace("_", "-") for code in missing)
        raise UserError(
            f"crop.language={language}: tesseract has no data for {', '.join(missing)}"
            f" (it has {', '.join(sorted(filter(None, installed))) or 'none'});"
            f" install it with `apt-get install {packages}`"
        )


def _ask(option: str) -> str:
    """What Tesseract says of itself.

    Raises:
        UserError: it is not on the PATH, or it hangs or dies.
    """
    try:
        done = subprocess.run(
            ["tesseract", option],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=START_S,
            check=True,
        )
    except OSError:
        raise UserError(MISSING) from None
    except subprocess.TimeoutExpired:
        raise UserError(
            f"`tesseract {option}` did not end within {START_S} s; see why, or install it again"
        ) from None
    except subprocess.CalledProcessError as error:
        told = " ".join(error.stdout.split())
        raise UserError(
            f"`tesseract {option}` failed (exit {error.returncode}: {told}); install it again"
        ) from None
    return done.stdout


@cache
def installation(language: str) -> dict[str, str]:
    """What tells this Tesseract from another: its build, and its data of the language."""
    build, listed = _ask("--version"), _ask("--list-langs")
    named = re.search('"(.+)"', listed)
    folder = Path(named[1]) if named else Path(os.environ.get("TESSDATA_PREFIX", "."))
    data = [folder / f"{code}.traineddata" for code in language.split("+")]
    return {
        "tesseract": build,
        "pytesseract": version("pytesseract"),
        "data": files_digest(path for path in data if path.is_file()),
    }


def run_tesseract(
    output: Output, image: Pixels, settings: CropSettings, config: str, store: Store | None = None
) -> str:
    """What Tesseract reads, or has read before, as its table of words or as plain text.

    Raises:
        PageError: Tesseract crashed or took longer than `settings.timeout_s`.
        OutOfMemoryError: it was killed.
    """
    if store is None:
        return _run_tesseract(output, image, settings, config)
    language = settings.language
    work = {"kind": KIND, "output": output, "language": language, "config": config}
    key = work_key(work_digest(work | installation(language)), image)
    read = store.once(KIND, key, lambda: _run_tesseract(output, image, settings, config))
    assert isinstance(read, str)
    return read


def _run_tesseract(output: Output, image: Pixels, settings: CropSettings, config: str) -> str:
    try:
        text: str = READ[output](
            Image.fromarray(image),
            lang=settings.language,
            config=config,
            timeout=settings.timeout_s,
        )
    except TesseractNotFoundError:
        raise UserError(MISSING) from None
    except TesseractError as error:
        if error.status == -signal.SIGKILL:
            raise OutOfMemoryError(
                "tesseract was killed on it, most likely for its memory"
            ) from None
        message = " ".join(str(error.message).split())
        raise PageError(f"tesseract failed on it (exit {error.status}: {message})") from None
    except FileNotFoundError:
        raise PageError(BROKEN_OFF) from None
    except RuntimeError:  # pytesseract's sign of a timeout, which TesseractError is a kind of too
        raise PageError(
            f"tesseract took longer than {settings.timeout_s} s; scan at a lower resolution"
            " or raise crop.timeout_s"
        ) from None
    # On a full disk Tesseract cuts its file off and ends well.
    if output == "tsv" and not text.endswith("\n"):
        raise PageError(BROKEN_OFF)
    return text


def read_words(
    gray: Pixels, settings: CropSettings, scale: float = 1.0, store: Store | None = None
) -> list[Word]:
    """All words of one pass over an upright page, (H, W) uint8, in reading order.

    Args:
        scale: above 0; Tesseract sees the page resized by it, the boxes are those of the page.

    Raises:
        PageError: as `run_tesseract`.
    """
    if min(gray.shape) * scale < 1:
        return []  # nothing is left of it
    if scale != 1:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        resized = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=method)
        gray = np.asarray(resized, dtype=np.uint8)
    config = f"--oem 3 --psm {settings.page_segmentation_mode}"
    return words_of(table_of(run_tesseract("tsv", gray, settings, config, store)), scale)


def table_of(text: str) -> dict[str, list[Any]]:
    """Tesseract's table of words, a line of names and one for each word, by column.

    All but the text are whole numbers, of confidences the per cents without their fractions.
    """
    names, *rows = (line.split("\t") for line in text.split("\n") if line)
    columns = zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True)
    return {
        name: list(column) if name == "text" else [int(float(value)) for value in column]
        for name, column in columns
    }


def _scaled_box(across: tuple[int, int], down: tuple[int, int], scale: float) -> Box:
    """The box of two spans divided by `scale`, at least a pixel wide and high."""
    left, top = round(across[0] / scale), round(down[0] / scale)
    right, bottom = round(across[1] / scale), round(down[1] / scale)
    return Box(left=left, top=top, right=max(right, left + 1), bottom=max(bottom, top + 1))


def words_of(table: Mapping[str, Sequence[Any]], scale: float = 1.0) -> list[Word]:
    """Tesseract's table of words as records in reading order.

    Lines are numbered from the top by the median height of their words, whatever blocks
    Tesseract saw; words follow from left to right. Text is as read, but composed (NFC) and with
    ligatures as letters. Boxes are divided by `scale`.
    """
    lines: dict[tuple[int, ...], list[tuple[Box, str, float]]] = defaultdict(list)
    columns = ("block_num", "par_num", "line_num", "left", "top", "width", "height", "conf", "text")
    for row in zip(*(table[name] for name in columns), strict=True):
        *line, left, top, width, height, conf, text = row
        text = unicodedata.normalize("NFC", text.strip()).translate(LIGATURES)
        if not text or float(conf) < 0 or width <= 0 or height <= 0:
            continue
        box = _scaled_box((left, left + width), (top, top + height), scale)
        lines[tuple(line)].append((box, text, round(min(float(conf) / 100, 1.0), 4)))
    ordered = sorted(
        lines.values(),
        key=lambda line: (median(b.top + b.bottom for b, _, _ in line), line[0][0].left),
    )
    return [
        Word(text=text, box=box, confidence=confidence, line=number)
        for number, line in enumerate(ordered)
        for box, text, confidence in sorted(line, key=lambda word: word[0].left)
    ]
