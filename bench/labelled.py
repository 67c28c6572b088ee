"""Pages with label maps of their handwriting, as the crop stage hands them to segmentation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.changes import Change
from samples.__main__ import varied_pages
from stages.config.composition import load
from stages.crop.sheet import read_sheet
from stages.pages.scans import PageSource, Pixels, read_page
from stages.pages.upright import rotation


@dataclass(frozen=True)
class Labelled:
    """A page's essay region (h, w, 3), the line of each of its pixels from 1 (0 for none; None for
    a page without label map), and the transcribed lines.

    `upright_labels` is the label map of the whole page in page pixels.
    """

    name: str
    region: Pixels
    labels: NDArray[np.uint8] | None
    upright_labels: NDArray[np.uint8] | None
    essay: list[str]

    def changed(self, change: Change) -> "Labelled":
        """The page with its region and labels changed; as it is without labels."""
        if self.labels is None:
            return self
        region, labels = change(self.region, self.labels)
        return replace(self, region=region, labels=labels)


def crop_page(
    name: str, scan: Pixels, labels: NDArray[np.uint8] | None, essay: list[str]
) -> Labelled:
    """A scan (H, W, 3) and its label map (H, W) through the crop stage."""
    layout, region = read_sheet(scan, name, name, load(["crop=anchors"]).crop)
    if labels is None:
        return Labelled(name, region, None, None, essay)
    matrix, size = rotation(labels.shape[1], labels.shape[0], layout.rotation_degrees)
    upright = np.asarray(cv2.warpAffine(labels, matrix, size, flags=cv2.INTER_NEAREST), np.uint8)
    left, top, right, bottom = layout.region.corners
    return Labelled(name, region, upright[top:bottom, left:right], upright, essay)


def pages_in(folder: Path) -> Iterator[Labelled]:
    """The pages of a folder: one folder each, with `page.png`, and maybe `lines.png` (label map)
    and `page.json` (`essay`: a list of lines)."""
    limit = load(["crop=anchors"]).crop.max_megapixels
    for path in sorted(folder.glob("*/page.png")):
        name, labels, essay = path.parent.name, None, []
        if path.with_name("lines.png").exists():
            with Image.open(path.with_name("lines.png")) as image:
                labels = np.asarray(image, np.uint8)
        if path.with_name("page.json").exists():
            essay = json.loads(path.with_name("page.json").read_text(encoding="utf-8"))["essay"]
        yield crop_page(name, read_page(PageSource(name, path), limit), labels, essay)


def generated_pages(
    count: int, seed: int, nearest: float = 0, farthest: float = np.inf
) -> Iterator[Labelled]:
    """Pages of the sample generator, of all styles: of the first `count` those whose lines are
    from `nearest` to less than `farthest` x-heights apart."""
    for name, page in varied_pages(count, seed):
        if not nearest <= page.pitch < farthest:
            continue
        scan = page.pixels if page.pixels.ndim == 3 else np.repeat(page.pixels[..., None], 3, 2)
        yield crop_page(name, scan, page.label_map, page.transcription.essay or [])
