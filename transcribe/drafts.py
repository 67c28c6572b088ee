"""Drafts on the disk, and the transcriptions that are written from them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any

from pydantic import ValidationError

from stages.errors import UserError
from stages.files import replacing
from stages.pages.records import Transcription
from stages.pages.stored import TRANSCRIPTIONS
from stages.pages.transcriptions import read_typed, transcription_path, without_struck
from stages.store.checkout import cache_folder, project_root
from transcribe.draft import FIELDS, Draft, Row, merge
from transcribe.prefill import with_changes, with_crops
from transcribe.typed import clean, updated

DRAFTS = Path("data/drafts")


class Drafts:
    """The drafts of all pages; one process at a time may have them.

    Args:
        fresh: the draft that a page begins with, by its name.
    """

    def __init__(self, fresh: Callable[[str], Draft]) -> None:
        self._fresh = fresh
        self._lock = RLock()

    def open(self, page: str) -> Draft:
        """The page's draft, brought into agreement with the file and the lines as they are now.

        Where the scan is another one, and nothing is typed of it, the draft begins anew.

        Raises:
            UserError: draft or file cannot be read.
            OSError: the draft that agrees cannot be written.
        """
        with self._lock:
            fresh, digest = self._fresh(page), digest_of(page)
            draft = self.stored(page) or fresh
            if digest is None and draft.scan not in (None, fresh.scan):
                draft = self._anew(page, draft, fresh)
            rows, agreed = with_crops(draft.rows, fresh.rows), draft.agreed
            if digest not in (draft.file, draft.coming, None):
                file = read_typed(path_of(page))
                readings = {row.id: row.text for row in fresh.rows}
                rows, agreed = with_changes(rows, agreed, readings, file, draft.version)
                rows = without_removed(list(map(_checked, rows)), file)
            elif draft.coming is not None:  # its writing was cut off
                return self._written(page, draft)
            now = draft.model_copy(
                update={"rows": rows, "file": digest, "agreed": agreed, "scan": fresh.scan}
            )
            if now == draft:
                return draft
            now = now.model_copy(update={"version": draft.version + 1, "coming": None})
            self._keep(page, now)
            return now

    def stored(self, page: str) -> Draft | None:
        """The page's draft as it was last saved; None if nothing was typed yet.

        Raises:
            UserError: it cannot be read.
        """
        path = DRAFTS / f"{page}.json"
        try:
            return Draft.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            raise UserError(f"{path}: no draft; move it away to begin the page anew") from None

    def save(self, page: str, version: int, base: Sequence[Row], mine: Sequence[Row]) -> Draft:
        """Keep what was typed, and write the fields of which all rows are accepted.

        Args:
            version, base: what the typing began from.
            mine: what it came to.

        Returns:
            The draft now; another version saved since is merged, and its rows may differ from mine.

        Raises:
            UserError: draft or file cannot be read.
            OSError: they cannot be written.
        """
        with self._lock:
            now = self.open(page)
            rows = list(mine) if now.version == version else merge(base, mine, now.rows)
            checked = [_checked(row) for row in rows]
            update = {"version": now.version + 1, "rows": checked}
            return self._written(page, now.model_copy(update=update))

    def _written(self, page: str, draft: Draft) -> Draft:
        """The draft, once it is kept and the transcription has the fields that are finished.

        The draft says beforehand which file is coming, so that this is never taken for a change
        made elsewhere, whatever cuts it off.
        """
        fields = finished_fields(draft.rows)
        before, after = _contents(page, fields)
        if after != before:
            coming = "" if after is None else sha256(after).hexdigest()
            self._keep(page, draft.model_copy(update={"coming": coming}))
            _replace(path_of(page), after)
        stated = [row for row in draft.rows if row.field in fields]
        others = [row for row in draft.agreed if row.field not in fields]
        update = {"file": digest_of(page), "agreed": (*others, *stated), "coming": None}
        written = draft.model_copy(update=update)
        self._keep(page, written)
        return written

    def _anew(self, page: str, draft: Draft, fresh: Draft) -> Draft:
        """The page's first draft; that of another scan is moved aside."""
        path = DRAFTS / f"{page}.json"
        names = (f".{str(draft.scan)[:8]}{number or ''}.old" for number in count())
        aside = next(path for path in map(path.with_suffix, names) if not path.exists())
        path.replace(aside)
        print(f"transcribe: {path}: was of another scan of this name; now {aside}", file=sys.stderr)
        return fresh

    def _keep(self, page: str, draft: Draft) -> None:
        with replacing(DRAFTS / f"{page}.json", durable=True) as file:
            file.write(draft.model_dump_json(indent=1).encode())


def _contents(page: str, fields: Mapping[str, Any]) -> tuple[bytes | None, bytes | None]:
    """The transcription's file as it is and as it says these fields; None where there is none."""
    path = path_of(page)
    before = path.read_bytes() if path.is_file() else None
    text = None if before is None else before.decode("utf-8-sig")
    ends = "\r\n" if text and "\r\n" in text else "\n"
    plain = None if text is None else text.replace("\r\n", "\n")
    after = updated(plain, fields)
    if after == plain:
        return before, before
    return before, None if after is None else after.replace("\n", ends).encode()


def _replace(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
        return
    target = path.resolve()
    if target.is_relative_to(cache_folder(project_root()).resolve()):
        target = path  # a link of DVC's: what lies in its cache is never written over
    with replacing(target, durable=True) as file:
        file.write(content)


def path_of(page: str) -> Path:
    """The file of a page's transcription."""
    return transcription_path(page, TRANSCRIPTIONS)


def digest_of(page: str) -> str | None:
    """The SHA-256 of the page's transcription; None if there is none."""
    path = path_of(page)
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _checked(row: Row) -> Row:
    """A row that cannot be written as it is cannot be accepted."""
    if row.accepted and not is_sound(row):
        return row.model_copy(update={"accepted": False})
    return row


def is_sound(row: Row) -> bool:
    """Whether a row can be written: a band that is one, and no mark without partner."""
    text = clean(row.text)
    if row.field == "band":
        return not text or band_of(text) is not None
    try:
        return row.field != "essay" or without_struck(text) is not None
    except ValueError:
        return False


def band_of(text: str) -> float | None:
    """A band as typed, 0 to 9 in halves; None if it is none."""
    try:
        return Transcription(band=float(clean(text).replace(",", "."))).band
    except ValueError:
        return None


def without_removed(rows: Sequence[Row], file: Transcription) -> list[Row]:
    """Rows of fields that were taken out of the file are not accepted any more."""
    values = finished_fields(rows).items()
    removed = {n for n, value in values if value is not None and getattr(file, n) is None}
    return [
        row.model_copy(update={"accepted": row.accepted and row.field not in removed})
        for row in rows
    ]


def finished_fields(rows: Sequence[Row]) -> dict[str, Any]:
    """The values of the fields all of whose rows are accepted, None for an empty one."""
    values: dict[str, Any] = {}
    for name in FIELDS:
        own = [row for row in rows if row.field == name and not row.left_out]
        if not all(row.accepted for row in own):
            continue
        texts = [text for row in own if (text := clean(row.text))]
        if name == "essay":
            values[name] = texts if any(map(without_struck, texts)) else None
        else:
            text = " ".join(texts)
            values[name] = band_of(text) if name == "band" else text or None
    return values
