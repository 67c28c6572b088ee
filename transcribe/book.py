"""All pages of the project as the web page shows them."""

import io
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from PIL import Image

from stages.config.composition import load
from stages.errors import UserError
from stages.files import refusal
from stages.pages.records import Box, Layout, RawPage, Rejection
from stages.pages.scans import PageSource, list_pages, read_page
from stages.pages.stored import LINES, RAW, REGIONS, REJECTED, read_jsonl, read_record
from stages.pages.upright import upright_page
from transcribe.draft import Draft, FieldName, is_finished
from transcribe.drafts import Drafts, digest_of
from transcribe.prefill import doubts, reading_rows

SCAN_SIZE = (1700, 2600)
QUALITY = 80
ROOM = 8

State = Literal["rejected", "unread", "faulty", "new", "begun", "done"]


# By which a file is known not to have changed: when it was last written, and its size.
FileState = tuple[int, int]


class Standing(NamedTuple):
    """How far a page is; `reason` says why it cannot be transcribed here, empty where it can."""

    page: str
    state: State
    reason: str


class Book:
    """The pages in the order of their names, with what the stages made of them.

    Raises:
        UserError: there are no pages, or they were not read yet.
    """

    def __init__(self) -> None:
        if not (RAW / REJECTED).is_file():
            raise UserError(f"{RAW}: not there yet; run `dvc repro recognize` to make it")
        self.scans: dict[str, PageSource] = {scan.page: scan for scan in list_pages()}
        self.drafts = Drafts(self._fresh)
        self.project = sha256(str(Path.cwd()).encode()).hexdigest()[:12]
        self._max_megapixels = load().crop.max_megapixels
        self._picture = lru_cache(maxsize=4)(self._drawn)
        self._rejected = lru_cache(maxsize=1)(self._read_rejected)

    def _fresh(self, page: str) -> Draft:
        layout = self._layout(page)
        return Draft(rows=reading_rows(layout, self._raw(page)), scan=layout.scan)

    def _layout(self, page: str) -> Layout:
        return read_record(REGIONS / page / "layout.json", Layout)

    def _raw(self, page: str) -> RawPage:
        return read_record(RAW / f"{page}.json", RawPage)

    @property
    def rejected(self) -> dict[str, Rejection]:
        """The rejected pages, as recognize has them now; none while it runs."""
        try:
            return self._rejected(_state(RAW / REJECTED))
        except FileNotFoundError:
            return {}

    def _read_rejected(self, _: FileState) -> dict[str, Rejection]:
        return {r.page: r for r in read_jsonl(RAW / REJECTED, Rejection)}

    def reason(self, page: str) -> str:
        """Why there is nothing to transcribe on a page; empty where there is."""
        if rejection := self.rejected.get(page):
            return f"rejected by {rejection.stage}: {rejection.reason}"
        return "" if (RAW / f"{page}.json").is_file() else "not read yet; run `dvc repro recognize`"

    def standings(self) -> list[Standing]:
        """How far every page is."""
        return [self.standing(page) for page in self.scans]

    def standing(self, page: str) -> Standing:
        """How far a page is."""
        if reason := self.reason(page):
            return Standing(page, "rejected" if page in self.rejected else "unread", reason)
        try:
            draft, file = self.drafts.stored(page), digest_of(page)
            if draft is None and file is None:
                return Standing(page, "new", "")
            if draft is None or draft.file != file:
                draft = self.drafts.open(page)
            if not draft.version:  # what was typed is of another scan
                return Standing(page, "new", "")
        except UserError as error:
            return Standing(page, "faulty", str(error))
        except OSError as error:
            return Standing(page, "faulty", str(refusal(error) or error))
        done = is_finished(draft.rows) and file is not None
        return Standing(page, "done" if done else "begun", "")

    def view(self, page: str) -> dict[str, Any]:
        """All that the browser needs of a page, as JSON."""
        standing = self.standing(page)
        if standing.reason:
            return {**standing._asdict(), "draft": None, "scan": self._scan_version(page)}
        layout, raw = self._layout(page), self._raw(page)
        return {
            **standing._asdict(),
            "scan": self._scan_version(page),
            "source": raw.source,
            "width": layout.width,
            "height": layout.height,
            "draft": as_json(self.drafts.open(page)),
            "places": places(layout),
            "lines": [
                {"crop": line.crop, "box": line.box.corners, "polygon": line.polygon}
                for line in raw.lines
            ],
            "readings": {
                reading.crop: {
                    "texts": list(dict.fromkeys(h.text for h in reading.hypotheses)),
                    "doubts": [doubt._asdict() for doubt in doubts(reading.hypotheses[0])],
                }
                for reading in raw.readings
            },
        }

    def scan(self, page: str) -> bytes:
        """The upright page as JPEG.

        Raises:
            PageError: the scan cannot be read.
            UserError: the page was not cropped, or is just being cropped.
        """
        return self._picture(page, self._scan_state(page))

    def _scan_state(self, page: str) -> FileState | None:
        """By which what crop made of a scan is known not to have changed; None for nothing."""
        try:
            return _state(REGIONS / page / "layout.json")
        except FileNotFoundError:
            return None

    def _scan_version(self, page: str) -> str:
        """What the browser asks for the scan with, so that it shows none that it had before; empty
        where there is none."""
        state = self._scan_state(page)
        return "-".join(map(str, state)) if state else ""

    def _drawn(self, page: str, _: FileState | None) -> bytes:
        layout = self._layout(page)
        pixels = upright_page(read_page(self.scans[page], self._max_megapixels), layout)
        image = Image.fromarray(pixels)
        image.thumbnail(SCAN_SIZE, Image.Resampling.LANCZOS, reducing_gap=2)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=QUALITY)
        return buffer.getvalue()

    def crop(self, page: str, name: str) -> Path | None:
        """The file of one of the page's line crops; None if it has no such crop."""
        path = LINES / page / f"{name}.png"
        known = page in self.scans and (RAW / f"{page}.json").is_file()
        crops = {line.crop for line in self._raw(page).lines} if known else set()
        return path if name in crops and path.is_file() else None


def _state(path: Path) -> FileState:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def as_json(draft: Draft) -> dict[str, Any]:
    """A draft for the browser."""
    return draft.model_dump(include={"version", "rows"})


def places(layout: Layout) -> dict[FieldName, tuple[int, int, int, int]]:
    """Where the print of each field stands, as far as its anchors say: (left, top, right, bottom).

    The topic is what is printed between its anchor, or the page's top, and the band's; the comment
    what is printed below its own.
    """
    anchors = {anchor.name: anchor.box for anchor in layout.anchors}
    band, topic, comment = (anchors.get(name) for name in ("band", "topic", "comment"))
    found: dict[FieldName, tuple[int, int, int, int]] = {}
    if band:
        found["band"] = _framed([band], layout)
        above = topic.bottom if topic and topic.bottom < band.top else 0
        if printed := _printed(layout, above, band.top):
            found["topic"] = _framed(printed, layout)
    if comment and (printed := _printed(layout, comment.bottom, layout.height)):
        found["examiner_comment"] = _framed(printed, layout)
    return found


def _printed(layout: Layout, top: int, bottom: int) -> list[Box]:
    boxes = [word.box for word in layout.words]
    return [box for box in boxes if top <= (box.top + box.bottom) / 2 < bottom]


def _framed(boxes: Sequence[Box], layout: Layout) -> tuple[int, int, int, int]:
    """Round all boxes with a little room."""
    return (
        max(0, min(box.left for box in boxes) - ROOM),
        max(0, min(box.top for box in boxes) - ROOM),
        min(layout.width, max(box.right for box in boxes) + ROOM),
        min(layout.height, max(box.bottom for box in boxes) + ROOM),
    )
