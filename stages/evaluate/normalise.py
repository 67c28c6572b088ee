"""The forms in which texts are compared, named and versioned: `NAME` stands in scores.json.

`NAME` changes whenever one of these functions gives another text for the same input: scores of
different names are not to be compared. The headline form keeps case and punctuation; each variant
forgives one of the two.
"""

import unicodedata
from collections.abc import Callable

NAME = "nfc-ascii-marks-1"

_MARKS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)


def normalise(text: str) -> str:
    """`text` in Unicode NFC, curly quotes and dashes in ASCII, white space runs as one space.

    Case and punctuation are kept. Normalising twice gives the same as once.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_MARKS).split())


def caseless(text: str) -> str:
    """`text` normalised and without case (canonical caseless matching, Unicode Standard, D145)."""
    return normalise(unicodedata.normalize("NFD", text).casefold())


def without_punctuation(text: str) -> str:
    """`text` normalised and without the characters of Unicode's general category P.

    They leave no gap ("don't" becomes "dont"); symbols such as "$" and "+" stay.
    """
    kept = (c for c in normalise(text) if not unicodedata.category(c).startswith("P"))
    return normalise("".join(kept))


VARIANTS: dict[str, Callable[[str], str]] = {
    "caseless": caseless,
    "no_punctuation": without_punctuation,
}
