"""Transcriptions that no page takes: their names are told, and which names were meant."""

from collections.abc import Collection, Sequence
from pathlib import Path, PurePath

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from stages.pages.names import composed
from stages.pages.scans import PAGES
from stages.pages.transcriptions import Transcriptions

LIKE = 0.6
MAX_NAMED = 3


def strangers(folder: Path, typed: Transcriptions, sources: dict[str, str]) -> list[str]:
    """The transcriptions of no page, one line for each, with the name that may be meant.

    Args:
        sources: the file of each page, by the page's name.
    """
    taken = {typed.name_of(page) for page in sources}
    free = [page for page in sources if page not in typed]
    return [
        f"{folder / name}.yaml: {_told(name, sources, free)}"
        for name in sorted(typed)
        if name not in taken
    ]


def _told(name: str, sources: dict[str, str], free: Collection[str]) -> str:
    if composed(name) in map(composed, sources):
        return "another file is of this page, their names look the same; delete one"
    absent = "there is no such page"
    key = _key(name)
    own = [page for page, file in sources.items() if key in (_key(file), _key(PurePath(file).stem))]
    if len(own) > 1:
        return f"{absent}; {sources[own[0]]} has pages {_listed(own)}; name it after one of them"
    if own and own[0] not in free:
        return f"{absent}; {own[0]} has a transcription already: merge the two, and delete this one"
    found = process.extractOne(
        key,
        {page: _key(page) for page in free},
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=LIKE,
    )
    meant = own or ([found[2]] if found else [])
    if meant:
        return f"{absent}; did you mean '{meant[0]}.yaml'?"
    return f"{absent}; name it after a page of {PAGES}"


def _key(name: str) -> str:
    return composed(name).casefold()


def _listed(pages: Sequence[str]) -> str:
    return ", ".join(pages[:MAX_NAMED]) + (", ..." if len(pages) > MAX_NAMED else "")


def unread(folder: Path) -> list[str]:
    """What lies in the folder of transcriptions and is none by its name, one line for each."""
    others = [path for path in sorted(folder.glob("[!.]*")) if path.suffix != ".yaml"]
    return [
        f"{path}: a folder, not read; put its transcriptions into {folder} itself"
        if path.is_dir()
        else f"{path}: not read by this name; rename it to end in .yaml, or take it out"
        for path in others
    ]
