"""An answer sheet as a whole: from a page's pixels to its layout and its essay region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stages.config.settings import CropSettings
from stages.crop.anchors import SENTENCES, Match, bounding_box, find_anchors
from stages.crop.comment import TOP_FALLBACK as COMMENT_FALLBACK
from stages.crop.comment import read_comment
from stages.crop.fields import field_words, find_band, find_test, printed_below, words_below
from stages.crop.ocr import read_words
from stages.crop.photo import as_scanned
from stages.crop.printed import hide_tall_ink, letter_height, reading_scale
from stages.crop.region import Region, find_region, paint_out
from stages.crop.skew import find_skew
from stages.crop.text import reading
from stages.errors import PageError
from stages.ink import Components, Mask, find_components, find_ink, to_gray
from stages.pages.records import AnchorName, Layout, Reading, Word
from stages.pages.scans import Pixels
from stages.pages.upright import rotate
from stages.store.results import Store

TOP_FALLBACK = 0.33
BOTTOM_FALLBACK = 0.85
BLANK = 1e-4
BLACK = 64
# Counter-clockwise, the likeliest way of laying a sheet wrongly first.
TURNS = (0.0, 180.0, 90.0, -90.0)

Anchors = Mapping[AnchorName, Match]


@dataclass(frozen=True)
class Look:
    """A page turned upright by `degrees`, its ink, and what Tesseract read on it."""

    degrees: float
    upright: Pixels
    components: Components
    words: list[Word]
    anchors: Anchors


def read_sheet(
    scan: Pixels, page: str, source: str, settings: CropSettings, store: Store | None = None
) -> tuple[Layout, Pixels]:
    """What a page's print says and where, and the pixels of its essay region.

    Args:
        scan: (H, W, 3) uint8 RGB.
        store: what Tesseract read before is taken from it.

    Returns:
        The layout, and (h, w, 3) uint8 RGB: the region cut from the upright page.

    Raises:
        PageError: the page is blank, none of its printed sentences was found, there is no
            handwriting between them, or Tesseract failed on it.
    """
    sheet = as_scanned(scan)
    look = _look_any_way_up(sheet.pixels, settings, store)
    words, anchors, upright = look.words, look.anchors, look.upright
    fallbacks = [
        *sheet.notes,
        *_turned(look.degrees),
        *(_ABSENT[name] for name in SENTENCES if name not in anchors),
    ]
    band = find_band(words, anchors["band"]) if "band" in anchors else None
    if "band" in anchors and band is None:
        fallbacks.append("band: the number in its sentence could not be read; left empty")
    test = find_test(words, anchors["test"]) if "test" in anchors else None
    topic = reading(field_words(words, list(anchors.values()), "topic"))
    region = _region(look.components, words, anchors)
    layout = Layout(
        page=page,
        source=source,
        width=upright.shape[1],
        height=upright.shape[0],
        rotation_degrees=look.degrees,
        anchors=[match.anchor(words) for match in anchors.values()],
        region=region.box,
        topic=topic,
        test=test[0] if test else None,
        test_confidence=test[1] if test else None,
        band=band[0] if band else None,
        band_confidence=band[1] if band else None,
        comment=_comment(upright, words, anchors, settings, store),
        words=words,
        fallbacks=fallbacks,
        outline=sheet.outline,
    )
    return layout, paint_out(upright, region)


def _look_any_way_up(scan: Pixels, settings: CropSettings, store: Store | None) -> Look:
    """The page as it is read; turned by quarters only if no printed sentence is found so."""
    first = None
    for turn in TURNS:
        look = _look(scan, turn, settings, store)
        if look.anchors:
            return look
        first = first or look
    raise PageError(_nothing_found(first.words if first else []))


def _look(scan: Pixels, turn: float, settings: CropSettings, store: Store | None) -> Look:
    turned = rotate(scan, turn)
    skew = find_skew(find_components(_ink_of_scan(turned)), settings.max_skew_degrees)
    upright = rotate(turned, skew)
    gray = to_gray(upright)
    components = find_components(find_ink(gray))
    letters = letter_height(components)
    shown = hide_tall_ink(gray, components, letters)
    words = read_words(shown, settings, reading_scale(letters), store)
    anchors = {match.name: match for match in find_anchors(words, settings.min_similarity)}
    return Look(round(turn + skew, 2), upright, components, words, anchors)


def _turned(degrees: float) -> list[str]:
    """A note of the quarters by which a page had to be turned."""
    turn = round(degrees / 90) * 90
    if not turn:
        return []
    how = "upside down" if abs(turn) == 180 else "on its side"
    return [f"scan: {how}; turned by {turn} degrees"]


_ABSENT: dict[AnchorName, str] = {
    "topic": f"topic: {SENTENCES['topic']!r} was not found; left empty",
    "test": f"test: {SENTENCES['test']!r} was not found; left empty",
    "band": f"band: {SENTENCES['band']!r} was not found; left empty, and the region begins at"
    f" {TOP_FALLBACK:.0%} of the height",
    "comment": f"comment: {SENTENCES['comment']!r} was not found; taken from below"
    f" {COMMENT_FALLBACK:.0%} of the height, and the region ends at {BOTTOM_FALLBACK:.0%}",
}


def _ink_of_scan(scan: Pixels) -> Mask:
    gray = to_gray(scan)
    ink = find_ink(gray)
    if ink.mean() >= BLANK:
        return ink
    if gray.mean() < BLACK:
        raise PageError("the page is black: no light paper on it; scan it again")
    raise PageError("the page is blank: hardly a dark pixel on it; leave it out")


def _nothing_found(words: Sequence[Word]) -> str:
    sentences = ", ".join(repr(sentence) for sentence in SENTENCES.values())
    read = " ".join(word.text for word in words[:8]) or "nothing"
    return (
        f"no printed sentence was found, whichever way up: none of {sentences} among"
        f" {len(words)} words read ({read!r}...); check that the scan is sharp and an answer sheet"
    )


def _region(components: Components, words: Sequence[Word], anchors: Anchors) -> Region:
    comment = anchors.get("comment")
    leading = [
        match
        for match in anchors.values()
        if match.name != "comment" and (comment is None or match.start < comment.start)
    ]
    above = list(words[: max((match.stop for match in leading), default=0)])
    if leading and leading[-1].name == "topic":
        above += printed_below(words, list(anchors.values()), "topic")
    below: list[Word] = []
    if comment is not None:
        below = [*comment.words(words), *words_below(words, comment, len(words))]
    height = len(components.labels)
    top = bottom = None
    if "band" not in anchors:
        printed = bounding_box(above).bottom if above else 0
        top = max(int(TOP_FALLBACK * height), printed)
    if comment is None:
        bottom = int(BOTTOM_FALLBACK * height)
    return find_region(components, above, below, top, bottom)


def _comment(
    upright: Pixels,
    words: Sequence[Word],
    anchors: Anchors,
    settings: CropSettings,
    store: Store | None,
) -> Reading | None:
    """The comment by the chosen option.

    Twelve passes give no confidence of their own: theirs is that of the single pass, 0 where it
    read nothing.
    """
    if "comment" in anchors:
        found = field_words(words, list(anchors.values()), "comment")
    else:
        found = [word for word in words if word.box.top >= COMMENT_FALLBACK * len(upright)]
    single = reading(found)
    if settings.comment == "single_pass":
        return single
    box = anchors["comment"].anchor(words).box if "comment" in anchors else None
    text = read_comment(upright, box, settings, store)
    return Reading(text=text, confidence=single.confidence if single else 0.0) if text else None
