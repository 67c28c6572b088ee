"""python -m bench.region FOLDER: does the essay region hold the handwriting and nothing else?

FOLDER holds one folder a page with `page.png` and `lines.png`, a label map of its handwriting
(0 for none). Prints, as a Markdown table, the share of the handwriting's ink that the region keeps
and the dark pixels in it, beyond specks, that are not handwriting.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from stages.config import load
from stages.crop.sheet import read_sheet
from stages.pages import PageSource, read_page, rotation

DARK = 128
SPECK = 12
NEAR = 5


def measure(folder: Path) -> tuple[float, int]:
    """(share of handwriting ink kept, count of dark pixels that are not handwriting) of a page."""
    settings = load(["crop=anchors"]).crop
    scan = read_page(PageSource(folder.name, folder / "page.png"), settings.max_megapixels)
    layout, essay = read_sheet(scan, folder.name, "page.png", settings)
    with Image.open(folder / "lines.png") as image:
        labels = (np.asarray(image) > 0).astype(np.uint8)
    matrix, size = rotation(labels.shape[1], labels.shape[0], layout.rotation_degrees)
    upright = np.asarray(cv2.warpAffine(labels, matrix, size, flags=cv2.INTER_NEAREST))
    left, top, right, bottom = layout.region.corners
    inside = upright[top:bottom, left:right]
    kept = inside.sum() / upright.sum()

    near = cv2.dilate(inside, np.ones((NEAR, NEAR), np.uint8)) > 0
    strange = ((essay.min(axis=2) < DARK) & ~near).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(strange, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return float(kept), int(areas[areas > SPECK].sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.region", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print("| page | handwriting ink kept | other dark pixels |\n|---|--:|--:|")
    for page in sorted(path.parent for path in folder.glob("*/lines.png")):
        kept, strange = measure(page)
        print(f"| {page.name} | {kept:.2%} | {strange} |")


if __name__ == "__main__":
    main()
