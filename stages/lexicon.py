"""Which words are English, by the dictionary that symspellpy ships, and which end a sentence.

82,834 words of SCOWL that also stand in Google Books Ngram. It holds hardly any misspelling, where
lists made from web text hold the common ones.
"""

import re
from functools import cache
from importlib.resources import files

SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s*$")
TITLE = re.compile(r"(?:^|[\s(\"'“‘])[A-Z][a-z]{0,2}\.\s*$")
DICTIONARY = "frequency_dictionary_en_82_765.txt"


@cache
def lexicon() -> frozenset[str]:
    """The dictionary's words in lower case."""
    text = files("symspellpy").joinpath(DICTIONARY).read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ")[0] for line in text.splitlines())


def is_known(word: str) -> bool:
    """Whether the dictionary has a word, given in lower case, perhaps with a possessive "'s"."""
    return word in lexicon() or word.removesuffix("'s") in lexicon()


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence does: not after a title or an initial ("Mr.", "J.")."""
    return bool(SENTENCE_END.search(text)) and not TITLE.search(text)
