"""From a region to line records and their crops, each distinct crop once."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from stages.config.settings import SegmentSettings
from stages.errors import PageError
from stages.ink import find_components
from stages.pages.records import Box, Candidate, Line, Point
from stages.pages.scans import Pixels
from stages.segment.geometry import Shape, flags_of, shape_of, touching_lines
from stages.segment.kraken import find_kraken_lines
from stages.segment.lines import find_all_lines
from stages.segment.projection import find_bands
from stages.segment.segmentation import Segmentation
from stages.segment.straighten import Straightener
from stages.segment.strokes import find_strokes

TIGHT_MARGIN = 6


def segment_region(
    region: Pixels, origin: tuple[int, int], settings: SegmentSettings
) -> tuple[list[Candidate], dict[str, Pixels]]:
    """Every candidate segmentation of a region, and the distinct crops they show.

    Args:
        region: (H, W, 3) uint8 RGB.
        origin: (left, top) of the region in page pixels.
        settings: method, thresholds and crops.

    Returns:
        One candidate a threshold, in the order given; crops by name, (h, w, 3) uint8 each.

    Raises:
        PageError: as `cut_all`, or as `segmentations`.
        UserError: the method is kraken, and it is not installed.
    """
    found = segmentations(region, settings)
    lines, crops = cut_all(region, origin, found, settings)
    return candidates_of(lines, settings), crops


def candidates_of(lines: Sequence[list[Line]], settings: SegmentSettings) -> list[Candidate]:
    """The candidates, of what each threshold finds, in their order."""
    thresholds = settings.thresholds[:1] if settings.method == "kraken" else settings.thresholds
    return [
        Candidate(name=f"{settings.method}@{threshold:g}", threshold=threshold, lines=found)
        for threshold, found in zip(thresholds, lines, strict=True)
    ]


def segmentations(region: Pixels, settings: SegmentSettings) -> list[Segmentation]:
    """What each threshold finds in a region (H, W, 3) uint8 RGB, in their order; all that there is
    to find for kraken, which knows none. Empty where there is no writing.

    Raises:
        PageError: the method is seams, and there is far too much to be lines at every threshold.
        PageError, UserError: the method is kraken, as `find_kraken_lines`.
    """
    if settings.method == "projection":
        return list(find_bands(region, settings.thresholds, settings.projection))
    if settings.method == "kraken":
        found = find_kraken_lines(region, settings.kraken)
        return [] if found is None else [found]
    strokes = find_strokes(region, settings.seams.scale)
    return find_all_lines(strokes, settings.seams, settings.thresholds)


def cut_all(
    region: Pixels,
    origin: tuple[int, int],
    segmentations: Sequence[Segmentation],
    settings: SegmentSettings,
) -> tuple[list[list[Line]], dict[str, Pixels]]:
    """The lines of each segmentation, as `cut_lines`, and the distinct crops of all of them.

    Thresholds often find the same lines: these are cut once.

    Raises:
        PageError: there is no line.
    """
    cut: dict[str, list[Line]] = {}
    crops: dict[str, Pixels] = {}
    digests = [found.digest() for found in segmentations]
    for digest, found in zip(digests, segmentations, strict=True):
        if digest not in cut:
            pairs = list(cut_lines(region, origin, found, settings))
            cut[digest] = [line for line, _ in pairs]
            crops |= {line.crop: crop for line, crop in pairs}
    if not crops:
        raise PageError("no handwritten line was found at any threshold")
    return [cut[digest] for digest in digests], crops


def cut_lines(
    region: Pixels, origin: tuple[int, int], found: Segmentation, settings: SegmentSettings
) -> Iterator[tuple[Line, Pixels]]:
    """The lines that have ink, top to bottom, each with its crop (h, w, 3) uint8.

    Args:
        region, origin, settings: as in `segment_region`.
        found: in the region.
    """
    if not found.count:
        return
    shapes = [shape_of(found, number) for number in range(1, found.count + 1)]
    inked = [(number, shape) for number, shape in enumerate(shapes, 1) if shape is not None]
    touching = touching_lines(found, find_components(found.ink))
    flags = flags_of([shape for _, shape in inked], [touching[number - 1] for number, _ in inked])
    straightener = None
    if settings.crop.shape == "straight":
        straightener = Straightener.of(region, found, settings.crop.rules)
    for (number, shape), flagged in zip(inked, flags, strict=True):
        left, right = _columns(shape, region.shape[1], found, settings)
        top, bottom = found.rows[number - 1]
        if straightener:
            margin = settings.crop.margin * found.height
            crop = straightener.crop(number, left, right, margin)
        else:
            crop = region[top:bottom, left:right]
        line = Line(
            box=_shifted_box(origin, left, top, right, bottom),
            crop=crop_name(crop),
            ink=shape.ink,
            polygon=_shifted(origin, shape.polygon),
            baseline=_shifted(origin, shape.baseline),
            slope=shape.slope,
            height=shape.height,
            flags=flagged,
        )
        yield line, crop


def _columns(
    shape: Shape, width: int, found: Segmentation, settings: SegmentSettings
) -> tuple[int, int]:
    if settings.crop.width == "page":
        return 0, width
    margin = TIGHT_MARGIN
    if settings.crop.shape == "straight":
        margin = round(settings.crop.margin * found.height)
    return max(0, shape.left - margin), min(width, shape.right + margin)


def _shifted(origin: tuple[int, int], points: list[Point]) -> list[Point]:
    return [(x + origin[0], y + origin[1]) for x, y in points]


def _shifted_box(origin: tuple[int, int], left: int, top: int, right: int, bottom: int) -> Box:
    x, y = origin
    return Box(left=x + left, top=y + top, right=x + right, bottom=y + bottom)


def crop_name(crop: Pixels) -> str:
    """A name that equal pixels share: 16 hexadecimal digits of the SHA-256 of shape and bytes."""
    digest = hashlib.sha256(repr(crop.shape).encode())
    digest.update(np.ascontiguousarray(crop).tobytes())
    return digest.hexdigest()[:16]
