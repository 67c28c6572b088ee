"""The pages of the pipeline's last run as sheets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from exchange.frame import Frame, frame_of
from exchange.images import image_name
from exchange.places import Place, between, printed, written
from exchange.sheets import FIELDS, Field, Region, Sheet, TextFrom, TextLine
from exchange.texts import UNWRITABLE, choose_band, choose_texts, pair_lines, spread
from stages.config.settings import CropSettings
from stages.errors import PageError, UserError
from stages.evaluate.confidence import confidence
from stages.pages.records import (
    Box,
    CorrectedPage,
    Layout,
    Point,
    RawPage,
    Rejection,
    Transcription,
)
from stages.pages.scans import PAGES, PageSource, Pixels, list_pages, read_page
from stages.pages.stored import (
    CORRECTED,
    RAW,
    REGIONS,
    REJECTED,
    read_jsonl,
    read_record,
    read_records,
)
from stages.store.digest import file_digest


@dataclass(frozen=True)
class Scan:
    """A sheet with the scan that shows it: its file, and its pixels (H, W, 3) uint8 RGB."""

    sheet: Sheet
    source: PageSource
    pixels: Pixels


@dataclass(frozen=True)
class Page:
    """What the stages know of a page."""

    layout: Layout
    raw: RawPage
    corrected: CorrectedPage
    truth: Transcription | None


def rejected_pages() -> list[Rejection]:
    """The pages that cannot be exported, with the reason."""
    return read_jsonl(CORRECTED / REJECTED, Rejection)


def gather(
    truths: Mapping[str, Transcription],
    choice: TextFrom,
    only_transcribed: bool,
    settings: CropSettings,
) -> Iterator[Scan]:
    """All pages that came through the pipeline, one at a time, in the order of their names.

    Args:
        truths: the transcriptions by page.
        only_transcribed: leave out pages whose essay is not transcribed.

    Raises:
        UserError: the pipeline has not run on the scans as they are, or a text or a scan's name
            holds what no file can hold.
    """
    sources = {source.page: source for source in list_pages()}
    for corrected in read_records(CORRECTED, "*.json", CorrectedPage):
        truth = truths.get(corrected.page)
        if only_transcribed and (truth is None or truth.essay is None):
            continue
        if corrected.page not in sources:
            raise UserError(f"{PAGES / corrected.source}: is gone; put it back or run `dvc repro`")
        source = sources[corrected.page]
        if UNWRITABLE.search(source.source):
            raise UserError(f"{source.source!r}: no XML file can hold this name; rename the scan")
        try:
            pixels = read_page(source, settings.max_megapixels)
        except PageError as error:
            raise UserError(f"{source.path}: {error}") from None
        page = Page(
            layout=read_record(REGIONS / corrected.page / "layout.json", Layout),
            raw=read_record(RAW / f"{corrected.page}.json", RawPage),
            corrected=corrected,
            truth=truth,
        )
        if page.layout.scan != file_digest(source.path):
            raise UserError(
                f"{source.path}: is not the scan that was read; run `dvc repro`, then export again"
            )
        frame = frame_of(pixels.shape[1], pixels.shape[0], page.layout)
        sheet = make_sheet(page, frame, image_name(source), choice, settings.min_similarity)
        yield Scan(sheet, source, pixels)


def make_sheet(
    page: Page, frame: Frame, image: str, choice: TextFrom, min_similarity: float
) -> Sheet:
    """A page's regions and lines in pixels of its scan, each line with its text.

    Args:
        image: the name of the image file that will show the scan.
        min_similarity: of an anchor, as the crop stage was set.
    """
    print_places = printed(page.layout, min_similarity)
    regions = []
    for field in FIELDS:
        texts, origin = choose_texts(field, choice, page.truth, page.corrected, page.layout)
        if field == "essay":
            lines = _essay(page, texts, origin, frame)
            polygon = _hull(lines) or frame.box(page.layout.region)
        else:
            places = print_places[field]
            lines = _print(field, places, " ".join(texts), frame)
            polygon = frame.box(_bounds(places))
        blank = texts == [""]
        if blank or any(line.text is not None or not line.estimated for line in lines):
            regions.append(Region(field, polygon, lines, origin, blank))
    return Sheet(
        page=page.corrected.page,
        source=page.corrected.source,
        image=image,
        width=frame.width,
        height=frame.height,
        recogniser=page.raw.checkpoint,
        band=choose_band(choice, page.truth, page.layout),
        regions=regions,
    )


def _essay(page: Page, texts: Sequence[str], origin: TextFrom, frame: Frame) -> list[TextLine]:
    """The lines found and those that only the text tells of, in reading order."""
    found = [written(line) for line in page.raw.lines]
    best = {reading.crop: reading.hypotheses[0] for reading in page.raw.readings}
    pairs = pair_lines(texts, [best[line.crop].text for line in page.raw.lines], origin)
    placed = _filled([None if spot is None else found[spot] for _, spot in pairs], page.layout)
    lines = []
    for number, ((text, _), place) in enumerate(zip(pairs, placed, strict=True), 1):
        read = best[place.crop] if place.crop and origin != "transcription" else None
        lines.append(
            TextLine(
                id=f"essay-{number:03d}",
                polygon=frame.outline(place.polygon),
                baseline=frame.path(place.baseline),
                text=text or None,
                confidence=confidence(read.score) if read else None,
                crop=place.crop,
                estimated=place.estimated,
            )
        )
    return lines


def _filled(places: Sequence[Place | None], layout: Layout) -> list[Place]:
    """The places, with those that are missing between or beside them worked out."""
    filled: list[Place] = []
    for number, place in enumerate(places):
        if place is not None:
            filled.append(place)
            continue
        known = [other for other in range(len(places)) if places[other] is not None]
        first = max((other for other in known if other < number), default=-1)
        last = min((other for other in known if other > number), default=len(places))
        before = places[first] if first >= 0 else None
        after = places[last] if last < len(places) else None
        share = (number - first) / (last - first)
        filled.append(between(before, after, share, layout.region))
    return filled


def _print(field: Field, places: Sequence[Place], text: str, frame: Frame) -> list[TextLine]:
    parts = spread(text, [place.words for place in places])
    return [
        TextLine(
            id=f"{field}-{number:03d}",
            polygon=frame.outline(place.polygon),
            baseline=frame.path(place.baseline),
            text=part or None,
            estimated=place.estimated,
        )
        for number, (place, part) in enumerate(zip(places, parts, strict=True), 1)
    ]


def _hull(lines: Sequence[TextLine]) -> list[Point]:
    """The convex hull of the lines, not the crop's box, as wide as the page: eScriptorium sorts
    regions by the corner that is nearest to the page's, and the band's stands further in."""
    points = [point for line in lines for point in line.polygon]
    if not points:
        return []
    hull = cv2.convexHull(np.array(points, np.int32))
    return [(int(x), int(y)) for [(x, y)] in hull] if len(hull) > 2 else []


def _bounds(places: Sequence[Place]) -> Box:
    points = [point for place in places for point in place.polygon]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(left=min(xs), top=min(ys), right=max(xs) + 1, bottom=max(ys) + 1)
