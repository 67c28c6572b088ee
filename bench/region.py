"""python -m bench.region FOLDER: does the essay region hold the handwriting and nothing else?

FOLDER holds one folder a page with `page.png` and `lines.png`, a label map of its handwriting
(0 for none). Prints, as a Markdown table, the share of the handwriting's ink that the region keeps
and the dark pixels in it, beyond specks, that are not handwriting.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from bench.labelled import Labelled, pages_in

DARK = 128
SPECK = 12
NEAR = 5


def measure(page: Labelled) -> tuple[float, int]:
    """(share of handwriting ink kept, count of dark pixels that are not handwriting) of a page."""
    assert page.labels is not None
    assert page.upright_labels is not None
    inside = (page.labels > 0).astype(np.uint8)
    kept = inside.sum() / (page.upright_labels > 0).sum()

    near = cv2.dilate(inside, np.ones((NEAR, NEAR), np.uint8)) > 0
    strange = ((page.region.min(axis=2) < DARK) & ~near).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(strange, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return float(kept), int(areas[areas > SPECK].sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.region", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print("| page | handwriting ink kept | other dark pixels |\n|---|--:|--:|")
    for page in pages_in(folder):
        if page.labels is not None:
            kept, strange = measure(page)
            print(f"| {page.name} | {kept:.2%} | {strange} |")


if __name__ == "__main__":
    main()
