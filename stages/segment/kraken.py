"""Lines by kraken's own trained baseline model, a peer to compare the other methods with.

B. Kiessling, "A modular region and text line layout analysis system", ICFHR 2020. kraken runs in
an environment of its own (`make kraken`), one process a region, and says where baselines and the
polygons round them are; the ink, its height and the line of each stroke are found here.
"""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from PIL import Image
from pydantic import BaseModel, TypeAdapter, ValidationError

from stages.config.settings import KrakenSettings
from stages.errors import OutOfMemoryError, PageError, UserError
from stages.ink import Components, Mask
from stages.pages.scans import Pixels
from stages.segment.assign import spread
from stages.segment.level import Rows
from stages.segment.segmentation import LineMap, Segmentation, inked_lines
from stages.segment.strokes import Strokes, find_strokes

CURE = "install it with `make kraken`"
WORKER = Path(__file__).with_name("kraken_worker.py")
# The worker's exit code where kraken cannot be imported.
NOT_INSTALLED = 3
# Height over width of the pages that the model was trained on, near enough.
PAGE = 2**0.5
# In letter heights: ink so near a polygon, dots and the ends of strokes, may be its line's.
REACH = 0.5
# A component with this share of its ink in one line is that line's as a whole.
WHOLE = 0.85


class Outline(BaseModel):
    """A line as kraken found it, points (x, y) in pixels: its baseline from left to right, and the
    corners of the polygon round its letters."""

    baseline: list[tuple[float, float]]
    boundary: list[tuple[float, float]]

    def moved(self, x: float, y: float) -> "Outline":
        """The line with every point moved by (x, y)."""
        baseline, boundary = (
            [(px + x, py + y) for px, py in points] for points in (self.baseline, self.boundary)
        )
        return Outline(baseline=baseline, boundary=boundary)


OUTLINES = TypeAdapter(list[Outline])


def find_kraken_lines(region: Pixels, settings: KrakenSettings) -> Segmentation | None:
    """The lines of a region (H, W, 3) uint8 RGB; None where there is no writing or no line.

    Raises:
        PageError, UserError: as `run_kraken`.
    """
    strokes = find_strokes(region)
    if strokes.height < 1:
        return None
    page, top = as_page(region)
    outlines = [outline.moved(0, -top) for outline in run_kraken(page, settings)]
    return to_segmentation(outlines, strokes) if outlines else None


def as_page(region: Pixels) -> tuple[Pixels, int]:
    """The region (H, W, 3) on blank paper of a page's proportions, and the row of its upper edge.

    kraken scales whatever it is given to a height of 1800 pixels and was trained on whole pages:
    the letters of a low region by itself would be enlarged beyond what the model knows (FM(0.95)
    on six real pages: 0.11 by themselves, 0.79 at a page's top, 0.85 in its middle).
    """
    height, width = region.shape[:2]
    missing = max(0, round(PAGE * width) - height)
    paper = np.median(region, axis=(0, 1)).astype(np.uint8)
    page = np.tile(paper, (height + missing, width, 1))
    top = missing // 2
    page[top : top + height] = region
    return page, top


def run_kraken(page: Pixels, settings: KrakenSettings) -> list[Outline]:
    """What kraken finds on a page (H, W, 3) uint8 RGB, in its reading order.

    Raises:
        PageError: kraken failed on this page or took longer than `settings.timeout_s`.
        UserError: its environment is not there, or not whole.
    """
    python = Path(settings.python)
    with TemporaryDirectory() as folder:
        image, lines = Path(folder, "page.png"), Path(folder, "lines.json")
        Image.fromarray(page).save(image, compress_level=1)
        # -I keeps this folder off the path, where this module would pass for kraken's.
        command = [str(python), "-I", str(WORKER), str(image), str(lines)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=settings.timeout_s
            )
        except OSError as error:
            raise UserError(f"segment.kraken.python={python}: {error.strerror}; {CURE}") from None
        except subprocess.TimeoutExpired:
            limit = f"segment.kraken.timeout_s={settings.timeout_s}"
            raise PageError(f"kraken was stopped at its time limit, {limit}") from None
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        if done.returncode == NOT_INSTALLED:
            raise UserError(f"segment.kraken.python={python}: {said}; {CURE}")
        if done.returncode == -signal.SIGKILL:
            raise OutOfMemoryError("kraken was killed on it, most likely for its memory")
        if done.returncode:
            raise PageError(f"kraken ended with exit code {done.returncode}: {said}")
        return _read_outlines(lines)


def _read_outlines(path: Path) -> list[Outline]:
    try:
        return OUTLINES.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise PageError("kraken left no readable list of lines") from None


def to_segmentation(outlines: Sequence[Outline], strokes: Strokes) -> Segmentation:
    """Lines from their outlines, in the order given; those without ink are left out.

    A connected component belongs as a whole to the line whose polygon holds at least WHOLE of what
    the polygons hold of it; any other is divided by the polygons. Ink that no polygon comes near
    belongs to no line.

    Args:
        outlines: at least one, in pixels of the region.
        strokes: the region's ink (H, W), its components, and the letters' height.
    """
    band = _bands(outlines, strokes)
    lines = _vote(strokes.ink, strokes.components, band)
    width = band.shape[1]
    # The middle of the letters is half their height above their feet.
    centres = np.array([_row(outline, width) for outline in outlines]) - strokes.height / 2
    return inked_lines(spread(lines, band), strokes, centres, 1)


def _bands(outlines: Sequence[Outline], strokes: Strokes) -> LineMap:
    """(H, W): the line, from 1, whose polygon is nearest; 0 beyond REACH of all."""
    inside: LineMap = np.zeros(strokes.ink.shape, np.uint16)
    for number, outline in enumerate(outlines, 1):
        cv2.fillPoly(inside, [np.round(outline.boundary).astype(np.int32)], number)
    outside = (inside == 0).astype(np.uint8)
    distance, nearest = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner: LineMap = np.zeros(int(nearest.max()) + 1, np.uint16)
    owner[nearest[inside > 0]] = inside[inside > 0]
    near = np.asarray(distance) <= REACH * strokes.height
    return np.where(near, owner[nearest], 0).astype(np.uint16)


def _vote(ink: Mask, components: Components, band: LineMap) -> LineMap:
    """(H, W): the line of every ink pixel, 0 for none and on paper."""
    inside = ink & (band > 0)
    count = int(band.max()) + 1
    label, line = components.labels[inside].astype(np.int64), band[inside].astype(np.int64)
    pairs, areas = np.unique(label * count + line, return_counts=True)
    order = np.argsort(areas, kind="stable")
    component, number = np.divmod(pairs[order], count)
    held = np.bincount(component, areas[order], minlength=len(components.area) + 1)
    most, winner = np.zeros(len(held)), np.zeros(len(held), np.uint16)
    # Of the pairs of one component the last, which is the largest, stays.
    most[component], winner[component] = areas[order], number
    whole = (most >= WHOLE * held)[components.labels]
    lines = np.where(whole, winner[components.labels], band)
    return np.where(ink, lines, 0).astype(np.uint16)


def _row(outline: Outline, width: int) -> Rows:
    """(W,): the baseline's row in every column, level beyond its ends."""
    x, first = np.unique([x for x, _ in outline.baseline], return_index=True)
    y = np.array([y for _, y in outline.baseline])[first]
    return np.asarray(np.interp(np.arange(width), x, y), np.float64)
