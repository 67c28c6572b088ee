"""Transcriptions as a person might type them, in the form in which they are read."""

from collections.abc import Callable

from hypothesis import strategies as st

from stages.pages.records import Transcription

LETTERS = st.characters(exclude_categories=["Cc", "Cn", "Cs"]) | st.sampled_from("\t-\"'&<>]é😀")


def as_line(text: str) -> str:
    return " ".join(text.splitlines()).strip()


def as_paragraph(text: str) -> str:
    return " ".join(text.split())


def _texts(normal: Callable[[str], str]) -> st.SearchStrategy[str]:
    words = st.lists(st.text(LETTERS, max_size=12), max_size=8).map(" ".join)
    return words.map(normal).filter(bool)


def transcriptions() -> st.SearchStrategy[Transcription]:
    """Any band; texts of whatever a YAML file can hold."""
    return st.builds(
        Transcription,
        topic=st.sampled_from([None, ""]) | _texts(as_paragraph),
        band=st.integers(0, 18).map(lambda half: half / 2),
        essay=st.none() | st.lists(_texts(as_line), min_size=1, max_size=6),
        examiner_comment=st.sampled_from([None, ""]) | _texts(as_paragraph),
    )
