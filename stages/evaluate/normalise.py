"""The one form in which texts are compared, named and versioned: `NAME` stands in scores.json."""

import unicodedata

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
