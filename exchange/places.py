"""Where a page's lines of print and handwriting stand, in page pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from exchange.frame import corners
from exchange.sheets import Field
from stages.crop.anchors import bounding_box, find_anchors
from stages.crop.fields import field_words
from stages.crop.text import is_speck, lines_of
from stages.pages.records import Box, Layout, Line, Point, Word

PRINT: Mapping[Field, str] = {"topic": "topic", "band": "band", "examiner_comment": "comment"}


@dataclass(frozen=True)
class Place:
    """A line's outline and baseline in page pixels, points (x, y); `words` are what print says."""

    polygon: list[Point]
    baseline: list[Point]
    words: list[str]
    crop: str | None = None
    estimated: bool = False


def written(line: Line) -> Place:
    """The place of a handwritten line."""
    return Place(line.polygon, line.baseline, [], crop=line.crop)


def printed(layout: Layout, min_similarity: float) -> dict[Field, list[Place]]:
    """The lines of print of each field; the rows above or below the essay where none was found.

    Args:
        min_similarity: of an anchor, as the crop stage was set.
    """
    anchors = find_anchors(layout.words, min_similarity)
    by_name = {anchor.name: anchor for anchor in anchors}
    words: dict[Field, Sequence[Word]] = {
        "topic": field_words(layout.words, anchors, "topic"),
        "band": by_name["band"].words(layout.words) if "band" in by_name else [],
        "examiner_comment": field_words(layout.words, anchors, "comment"),
    }
    return {
        field: [_print_line(line) for line in lines_of([w for w in found if not is_speck(w)])]
        or [_strip(layout, field)]
        for field, found in words.items()
    }


def _print_line(words: Sequence[Word]) -> Place:
    """A line of print: its baseline runs where its words without descenders end."""
    box = bounding_box(words)
    bottom = sorted(word.box.bottom for word in words)[len(words) // 4] - 1
    baseline = [(box.left, bottom), (box.right - 1, bottom)]
    return Place(corners(box), baseline, [word.text for word in words])


def _strip(layout: Layout, field: Field) -> Place:
    region, below = layout.region, field == "examiner_comment"
    top = min(region.bottom, layout.height - 1) if below else 0
    bottom = layout.height if below else max(region.top, 1)
    box = Box(left=0, top=top, right=layout.width, bottom=bottom)
    return Place(corners(box), [(0, bottom - 1), (layout.width - 1, bottom - 1)], [], None, True)


def between(before: Place | None, after: Place | None, share: float, region: Box) -> Place:
    """A place for a line that was not found: a level band between two lines that were.

    Args:
        before, after: the lines next to it; without one, the edge of the region is taken.
        share: how far it is from the first to the second, in (0, 1).
    """
    top = _row(before) if before else region.top
    bottom = _row(after) if after else region.bottom - 1
    row = round(top + share * (bottom - top))
    half = max(1, round((bottom - top) * min(share, 1 - share) / 2))
    xs = [x for place in (before, after) if place for x, _ in place.polygon]
    left, right = min(xs, default=region.left), max(xs, default=region.right - 1)
    band = Box(left=left, top=max(0, row - half), right=right + 1, bottom=row + half)
    return Place(corners(band), [(left, row), (right, row)], [], None, True)


def _row(place: Place) -> float:
    return fmean(y for _, y in place.baseline)
