"""The notebook's correction, kept as a baseline: cleaning, SymSpell compound, sentence case.

It drops punctuation, numbers and the learner's own spelling; the notebook's contextual corrector
never loaded and is therefore not part of it.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from symspellpy import SymSpell
from wordfreq import top_n_list

from stages.correct.corrector import Replacement, TextLine

MAX_EDIT_DISTANCE = 2
KNOWN_WORDS = 50_000


class NotebookCorrector:
    """The notebook's `clean_trocr_output` and `post_process_text` over a whole text."""

    name = "notebook"
    whole_text = True
    guarded = False

    def __init__(self) -> None:
        self._index = SymSpell(max_dictionary_edit_distance=MAX_EDIT_DISTANCE, prefix_length=7)
        for word in top_n_list("en", KNOWN_WORDS):
            self._index.create_dictionary_entry(word, 1)

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """The words in which the rewritten text differs from the given one."""
        return [
            replacement
            for number, line in enumerate(lines)
            for replacement in word_replacements(number, line.text, self.rewrite(line.text))
        ]

    def rewrite(self, text: str) -> str:
        """The text as the notebook would have written it."""
        text = clean(text)
        if not text:
            return text
        found = self._index.lookup_compound(text, max_edit_distance=MAX_EDIT_DISTANCE)
        return sentence_case(found[0].term if found else text)


def clean(text: str) -> str:
    """The notebook's `clean_trocr_output`, and its removal of a leaked comment anchor."""
    text = re.sub(r"here is the examiner[’']?s comment:.*$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"[#~^_]+", "", text)
    text = re.sub(r"\s*([,.;:!?])\s*", r"\1 ", text)
    return re.sub(r"\s{2,}", " ", text).strip()


def sentence_case(text: str) -> str:
    """The notebook's `restore_sentence_case`: capitals at sentence starts and for "I"."""
    parts = re.split(r"([.?!]\s+)", text.strip())
    rebuilt = "".join(part[:1].upper() + part[1:] for part in parts)
    rebuilt = re.sub(r"\bi\b", "I", rebuilt)
    rebuilt = re.sub(r"\s*([,.;:!?])\s*", r"\1 ", rebuilt)
    return re.sub(r"\s{2,}", " ", rebuilt).strip()


def word_replacements(number: int, before: str, after: str) -> list[Replacement]:
    """The word-wise difference of two versions of line `number`, which rebuilds `after`."""
    old, new = re.findall(r"\S+\s*|\s+", before), re.findall(r"\S+\s*|\s+", after)
    offsets = [0]
    for piece in old:
        offsets.append(offsets[-1] + len(piece))
    return [
        Replacement(number, offsets[i1], offsets[i2], "".join(new[j1:j2]), "rewritten text")
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
