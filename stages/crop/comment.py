"""The notebook's reading of the examiner's comment: every paragraph in twelve Tesseract passes.

Kept as the option `crop.comment=twelve_pass` to compare with. Its rendering, modes and score are
the notebook's, number for number; the score rewards length, so a noisy reading can win.
"""

import re

import cv2
import numpy as np

from stages.config.settings import CropSettings
from stages.crop.ocr import run_tesseract
from stages.pages.records import Box
from stages.pages.scans import Pixels
from stages.store.results import Store

MARGIN = 6
GAP = 40
MODES = (6, 4, 3)
WORST = -1e9


def read_comment(
    page: Pixels,
    anchor: Box | None,
    top: int,
    settings: CropSettings,
    store: Store | None = None,
) -> str:
    """The comment below its anchor, or from row `top` on where there is none.

    Args:
        page: (H, W, 3) uint8 RGB.

    Raises:
        PageError: as `run_tesseract`.
    """
    image = cv2.cvtColor(comment_region(page, anchor, top), cv2.COLOR_RGB2BGR)
    paragraphs = [
        read_paragraph(np.asarray(part, dtype=np.uint8), settings, store)
        for part in split_paragraphs(np.asarray(image, dtype=np.uint8))
    ]
    return " ".join(text for text in paragraphs if text.strip())


def comment_region(page: Pixels, anchor: Box | None, top: int) -> Pixels:
    """The page below the anchor, without 3 % at each side, or all of it from row `top` on."""
    height, width = page.shape[:2]
    if anchor is None:
        return page[top:]
    top = min(height, anchor.bottom + MARGIN)
    return page[top:, int(0.03 * width) : int(0.97 * width)]


def split_paragraphs(image: Pixels, gap: int = GAP) -> list[Pixels]:
    """A BGR image cut at `gap` or more rows with under 15 % of the fullest row's ink."""
    if image.size == 0:
        return []
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    _, inverse = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    profile = np.asarray(inverse, dtype=np.uint8).sum(axis=1)
    empty = np.concatenate([[False], profile < profile.max() * 0.15, [False]])
    starts: list[int] = np.flatnonzero(empty[1:] & ~empty[:-1]).tolist()
    ends: list[int] = np.flatnonzero(~empty[1:] & empty[:-1]).tolist()
    gaps = [(s, e) for s, e in zip(starts, ends, strict=True) if e - s >= gap]
    cuts = zip([0, *(e for _, e in gaps)], [*(s for s, _ in gaps), len(image)], strict=True)
    return [image[start:end] for start, end in cuts if end - start > 15]


def read_paragraph(image: Pixels, settings: CropSettings, store: Store | None = None) -> str:
    """The reading with the highest score out of four renderings in three modes each."""
    best, best_score = "", WORST
    for variant in renderings(image):
        for mode in MODES:
            config = f"--oem 1 --psm {mode}"
            text = run_tesseract("txt", variant, settings, config, store)
            text = re.sub(r"\s+", " ", text).strip()
            if (score := quality(text)) > best_score:
                best, best_score = text, score
    return best


def renderings(image: Pixels) -> list[Pixels]:
    """A BGR image enlarged by 1.6: as it is, CLAHE, Otsu, adaptive threshold; all BGR."""
    base = cv2.resize(image, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC)
    gray = cv2.cvtColor(base, cv2.COLOR_BGR2GRAY)
    contrast = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(gray)
    smooth = cv2.bilateralFilter(gray, 7, 50, 50)
    _, otsu = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    adaptive = cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 35, 15
    )
    grays = [cv2.cvtColor(g, cv2.COLOR_GRAY2BGR) for g in (contrast, otsu, adaptive)]
    return [np.asarray(variant, dtype=np.uint8) for variant in (base, *grays)]


def quality(text: str) -> float:
    """The notebook's score of a reading: words and letters for it, scattered letters against."""
    text = text.strip()
    tokens = re.findall(r"[A-Za-z]+(?:'[A-Za-z]+)?|[.,;:!?]", text)
    if not tokens:
        return WORST
    letters = sum(char.isalpha() for char in text) / max(1, len(text))
    scattered = len(re.findall(r"(?:\b[a-zA-Z]\b[\s,.;:!?]*){3,}", text))
    dots = len(re.findall(r"[.,;:!?]{2,}", text))
    return 2.0 * len(tokens) + 200.0 * letters - 50.0 * scattered - 30.0 * dots
