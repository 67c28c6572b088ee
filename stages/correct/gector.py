"""GECToR, Omelianchuk et al. 2020: labels for the words of a sentence that say how to mend it.

It mends grammar, that is the writer: see `conf/correct/gector.yaml`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from stages.config.correct_settings import GectorSettings
from stages.correct.corrector import Replacement, TextLine
from stages.correct.gector_labels import (
    VERB,
    Block,
    apply_labels,
    blocks_of,
    replacements,
    words,
)
from stages.correct.gector_model import load_gector
from stages.correct.joined import JoinedLines, tokenize
from stages.errors import UserError

VERB_FORMS = "https://github.com/grammarly/gector/raw/master/data/verb-form-vocab.txt"
STRAIGHT = str.maketrans("‘’“”", "''\"\"")


class GectorCorrector:
    """Labels every sentence, applies the labels, and again, until none is left or rounds are up.

    Sentences may run over lines. An edit never does: a merge of words over a line's end is left
    out, and what is put in between two lines stands at the end of the first. The score of an edit
    is the least probability of the labels that made it.
    """

    name = "gector"
    whole_text = False
    guarded = True

    def __init__(self, settings: GectorSettings) -> None:
        """Load the checkpoint and the verb forms.

        Raises:
            UserError: the checkpoint is not there, or one of both cannot be used.
        """
        self._settings = settings
        self._model = load_gector(settings)
        self._verbs: dict[tuple[str, str], str] = {}
        path = Path(settings.verb_forms)
        if path.exists():
            self._verbs = load_verb_forms(path)
        elif any(label.startswith(VERB) for label in self._model.labels):
            print(
                f"correct: {path}: not there, labels of verb forms are left out; "
                f"to have them, download {VERB_FORMS} to it",
                file=sys.stderr,
            )

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """The edits that the labels ask for, per line."""
        text = JoinedLines([line.text for line in lines])
        sentences = [blocks_of(sentence) for sentence in tokenize(text.text)]
        open_ = list(range(len(sentences)))
        for _ in range(self._settings.iterations):
            mended = self._round([sentences[i] for i in open_], text)
            moved = [i for i, new in zip(open_, mended, strict=True) if new != sentences[i]]
            for i, new in zip(open_, mended, strict=True):
                sentences[i] = new
            open_ = moved
        found = [edit for sentence in sentences for edit in replacements(sentence, text)]
        return found

    def _round(self, sentences: Sequence[list[Block]], text: JoinedLines) -> list[list[Block]]:
        settings = self._settings
        mended = []
        for start in range(0, len(sentences), settings.batch_size):
            batch = sentences[start : start + settings.batch_size]
            given = [[word.translate(STRAIGHT) for word in words(blocks)] for blocks in batch]
            labels = self._model.predict(
                given, settings.keep_confidence, settings.min_error_probability
            )
            mended += [
                apply_labels(blocks, row, self._verbs, text)
                for blocks, row in zip(batch, labels, strict=True)
            ]
        return mended


def load_verb_forms(path: Path) -> dict[tuple[str, str], str]:
    """GECToR's verb forms: (word, "VB_VBZ") to the other form, the first of several.

    A line of the file reads `go_goes:VB_VBZ`.

    Raises:
        UserError: it cannot be read, or a line reads otherwise; names it.
    """
    forms: dict[tuple[str, str], str] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is no UTF-8; save it as UTF-8") from None
    for number, line in enumerate(text.splitlines(), start=1):
        pair, _, tags = line.strip().partition(":")
        word, _, other = pair.partition("_")
        if not (word and other and tags):
            raise UserError(f"{path}: line {number} is not like go_goes:VB_VBZ")
        forms.setdefault((word, tags), other)
    return forms
