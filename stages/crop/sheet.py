"""An answer sheet as a whole: from a page's pixels to its layout and its essay region."""

from collections.abc import Sequence
from dataclasses import dataclass

from stages.config.settings import CropSettings
from stages.crop.anchors import SENTENCES, bounding_box, find_anchors, quoted
from stages.crop.bounds import Anchors, find_bounds
from stages.crop.comment import read_comment
from stages.crop.fields import field_words, find_band, find_test
from stages.crop.ocr import read_words
from stages.crop.photo import Sheet, as_scanned
from stages.crop.printed import hide_tall_ink, letter_height, reading_scale, without_frames
from stages.crop.region import find_region, paint_out
from stages.crop.skew import find_skew
from stages.crop.text import reading
from stages.errors import OutOfMemoryError, PageError
from stages.ink import Components, Mask, find_components, find_ink, to_gray
from stages.pages.records import Layout, Reading, Word
from stages.pages.scans import Pixels
from stages.pages.upright import rotate
from stages.store.results import Store

BLANK = 1e-4
BLACK = 64
# Counter-clockwise, the likeliest way of laying a sheet wrongly first.
TURNS = (0.0, 180.0, 90.0, -90.0)
# Degrees: a skew found so near to the limit may be a larger one.
NEAR_LIMIT = 0.15


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
    sheet, look = _look_at(scan, settings, store)
    words, anchors, upright = look.words, look.anchors, look.upright
    bounds = find_bounds(words, anchors, len(upright))
    turned = _turned(look.degrees, settings.max_skew_degrees)
    fallbacks = [*sheet.notes, *turned, *bounds.notes]
    band = find_band(words, anchors["band"]) if "band" in anchors else None
    if "band" in anchors and band is None:
        fallbacks.append("band: the number in its sentence could not be read; left empty")
    test = find_test(words, anchors["test"]) if "test" in anchors else None
    topic = reading(field_words(words, list(anchors.values()), "topic"))
    region = find_region(look.components, bounds.above, bounds.below, bounds.top, bounds.bottom)
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
        comment=_comment(bounds.comment, look, settings, store),
        words=words,
        fallbacks=fallbacks,
        outline=sheet.outline,
    )
    return layout, paint_out(upright, region)


def _look_at(scan: Pixels, settings: CropSettings, store: Store | None) -> tuple[Sheet, Look]:
    """A scan's sheet and the look at it.

    What is taken for the sheet in a photo may be a lighter part of a form: if sentences are missing
    there, the whole is looked at too, and kept if it shows more of them.
    """
    sheet = as_scanned(scan)
    looked = [(sheet, _tried(sheet, settings, store))]
    if sheet.outline and _shown(looked[0][1]) < len(SENTENCES):
        whole = as_scanned(scan, cut=False)
        looked.append((whole, _tried(whole, settings, store)))
    sheet, look = max(looked, key=lambda each: _shown(each[1]))
    if isinstance(look, PageError):
        raise look
    return sheet, look


def _tried(sheet: Sheet, settings: CropSettings, store: Store | None) -> Look | PageError:
    """The look at a sheet, or why there is none."""
    try:
        return _look_any_way_up(sheet, settings, store)
    except OutOfMemoryError:
        raise
    except PageError as error:
        return error


def _shown(look: Look | PageError) -> int:
    return 0 if isinstance(look, PageError) else len(look.anchors)


def _look_any_way_up(sheet: Sheet, settings: CropSettings, store: Store | None) -> Look:
    """The page as it is read; turned by quarters only if no printed sentence is found so."""
    first = None
    for turn in TURNS:
        look = _look(sheet.pixels, turn, settings, store)
        if look.anchors:
            return look
        first = first or look
    raise PageError("; ".join([_nothing_found(first.words if first else []), *sheet.notes]))


def _look(scan: Pixels, turn: float, settings: CropSettings, store: Store | None) -> Look:
    turned = rotate(scan, turn)
    skew = find_skew(find_components(_ink_of_scan(turned)), settings.max_skew_degrees)
    upright = rotate(turned, skew)
    gray = to_gray(upright)
    ink = find_ink(gray)
    components = find_components(ink)
    letters = letter_height(components)
    clean, rules = without_frames(ink, components, letters)
    if rules.any():  # they join the letters that they cross
        components = find_components(clean)
    shown = hide_tall_ink(gray, components, letters, rules)
    words = read_words(shown, settings, reading_scale(letters), store)
    anchors = {match.name: match for match in find_anchors(words, settings.min_similarity)}
    return Look(round(turn + skew, 2), upright, components, words, anchors)


def _turned(degrees: float, limit: float) -> list[str]:
    """Notes of the quarters by which a page had to be turned, and of a skew at the limit."""
    notes = []
    turn = round(degrees / 90) * 90
    if turn:
        how = "upside down" if abs(turn) == 180 else "on its side"
        notes.append(f"scan: {how}; turned by {turn} degrees")
    if limit > 0 and abs(degrees - turn) >= max(limit - NEAR_LIMIT, limit / 2):
        notes.append(
            f"scan: askew by {limit:g} degrees or more, and turned by {degrees - turn:.2f}; if that"
            " is too little, raise crop.max_skew_degrees or scan it again"
        )
    return notes


def _ink_of_scan(scan: Pixels) -> Mask:
    gray = to_gray(scan)
    ink = find_ink(gray)
    if ink.mean() >= BLANK:
        return ink
    if gray.mean() < BLACK:
        raise PageError("the page is black: no light paper on it; scan it again")
    raise PageError("the page is blank: hardly a dark pixel on it; leave it out")


def _nothing_found(words: Sequence[Word]) -> str:
    sentences = ", ".join(map(quoted, SENTENCES))
    read = " ".join(word.text for word in words[:8]) or "nothing"
    return (
        f"no printed sentence was found, whichever way up: none of {sentences} among"
        f" {len(words)} words read ({read!r}...); check that the scan is sharp and an answer sheet"
    )


def _comment(
    printed: Sequence[Word], look: Look, settings: CropSettings, store: Store | None
) -> Reading | None:
    """The comment by the chosen option, out of its printed words or of the page round them.

    Twelve passes give no confidence of their own: theirs is that of the single pass, 0 where it
    read nothing.
    """
    single = reading(printed)
    if settings.comment == "single_pass":
        return single
    anchor = look.anchors.get("comment")
    if not anchor and not printed:
        return None
    box = anchor.anchor(look.words).box if anchor else None
    top = bounding_box(printed).top if printed else 0
    text = read_comment(look.upright, box, top, settings, store)
    return Reading(text=text, confidence=single.confidence if single else 0.0) if text else None
