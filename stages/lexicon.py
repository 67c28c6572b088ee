"""Which words are English: the dictionary that symspellpy ships.

82,834 words of SCOWL that also stand in Google Books Ngram. It holds hardly any misspelling, where
lists made from web text hold the common ones.
"""

from functools import cache
from importlib.resources import files

DICTIONARY = "frequency_dictionary_en_82_765.txt"


@cache
def lexicon() -> frozenset[str]:
    """The dictionary's words in lower case."""
    text = files("symspellpy").joinpath(DICTIONARY).read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ")[0] for line in text.splitlines())


def is_known(word: str) -> bool:
    """Whether the dictionary has a word, given in lower case, perhaps with a possessive "'s"."""
    return word in lexicon() or word.removesuffix("'s") in lexicon()
