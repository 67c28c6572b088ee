"""SymSpell over single unknown words: Garbe's symmetric delete algorithm, symspellpy 6.

Punctuation, numbers, spacing and case stay as they are, and known words are never touched.
"""

import re
from collections.abc import Sequence

from symspellpy import SymSpell, Verbosity
from wordfreq import top_n_list, word_frequency

from stages.correct.corrector import Replacement, TextLine
from stages.settings import SymSpellSettings

WORD = re.compile(r"(?<![\w'’-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w'’-])")
SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s*$")


class SymSpellCorrector:
    """Replaces an unknown word by the most frequent of the nearest known words."""

    name = "symspell"
    whole_text = False

    def __init__(self, settings: SymSpellSettings) -> None:
        self._settings = settings
        self._index = SymSpell(max_dictionary_edit_distance=settings.max_edit_distance)
        for word in top_n_list("en", settings.known_words):
            self._index.create_dictionary_entry(word, round(word_frequency(word, "en") * 1e9))

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """A replacement for every unknown word that has a near known one.

        Words shorter than `min_length`, words in capitals and capitalised words inside a sentence
        (names) are left alone.
        """
        replacements = []
        opens_sentence = True
        for number, line in enumerate(given.text for given in lines):
            for match in WORD.finditer(line):
                before = line[: match.start()]
                starts = bool(SENTENCE_END.search(before)) if before.strip() else opens_sentence
                after = self._correct(match.group(), starts)
                if after is not None:
                    span = match.span()
                    replacements.append(Replacement(number, *span, after, "unknown word"))
            opens_sentence = bool(SENTENCE_END.search(line)) if line.strip() else opens_sentence
        return replacements

    def _correct(self, word: str, starts_sentence: bool) -> str | None:
        capitalised = word[0].isupper()
        if len(word) < self._settings.min_length or not (
            word.islower() or (starts_sentence and capitalised and word[1:].islower())
        ):
            return None
        plain = word.lower().replace("’", "'")
        if plain in self._index.words:
            return None
        distance = self._settings.max_edit_distance
        found = self._index.lookup(plain, Verbosity.TOP, max_edit_distance=distance)
        if not found:
            return None
        term = str(found[0].term)
        return term[0].upper() + term[1:] if capitalised else term
