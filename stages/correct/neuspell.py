"""NeuSpell's BertChecker, Jayanthi et al. 2020: every word anew, from its context.

"NeuSpell: A Neural Spelling Correction Toolkit". It tells the reader's slips from the writer's
as little as SymSpell does: it writes what it finds most probable.
"""

from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import torch

from stages.config.correct_settings import NeuSpellSettings
from stages.correct.corrector import Replacement, TextLine
from stages.correct.joined import JoinedLines, Token, tokenize
from stages.correct.neuspell_package import VOCABULARY, load_checker
from stages.errors import UserError

CHECKPOINTS = Path("models/neuspell")
PUBLISHED = "https://drive.google.com/drive/folders/1jgNpYe4TVSF4mMBVtFh4QfB2GovNPdh7"


class NeuSpellCorrector:
    """Replaces words by those that the checkpoint prefers, each in its place.

    Words are BERT's, which come apart at every sign. Sentences may run over lines, a word never
    does; spaces and all that the checkpoint leaves alone stay as they are. The score of an edit is
    the checkpoint's probability of the new word.
    """

    name = "neuspell"
    whole_text = False
    guarded = True

    def __init__(self, settings: NeuSpellSettings) -> None:
        """Load the checkpoint.

        Raises:
            UserError: it is not there, or cannot be used.
        """
        self._checker, self._tokenizer = load_checker(
            checkpoint_folder(settings.checkpoint), settings.base_model
        )
        vocabulary = self._checker.vocab
        never = {vocabulary[key] for key in vocabulary if key.endswith("_token")}
        self._never = never | set(self._tokenizer.all_special_tokens)
        positions = self._checker.model.bert_model.config.max_position_embeddings
        self._longest = positions - 2  # [CLS] and [SEP]

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """A replacement for every word that the checkpoint would write otherwise."""
        text = JoinedLines([line.text for line in lines])
        spans = [(part[0].start, part[-1].end) for part in tokenize(text.text)]
        parts = [
            (start, part) for start, end in spans for part in self._parts(text.text[start:end])
        ]
        sentences = [text.text[start + p[0].start : start + p[-1].end] for start, p in parts]
        replacements = []
        for (start, found), predicted in zip(parts, self._predict(sentences), strict=True):
            for word, (before, after, score) in zip(found, predicted, strict=False):
                changes = word.text == before != after and not {before, after} & self._never
                place = text.locate(start + word.start, start + word.end)
                if changes and place is not None:
                    replacements.append(Replacement(*place, after, "probable word", score))
        return replacements

    def _parts(self, sentence: str) -> list[list[Token]]:
        """BERT's tokens, with those that continue a word joined to it, in parts that it can read.

        A word that alone is too long for it is in none.
        """
        encoded = self._tokenizer(
            sentence, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        parts: list[list[Token]] = [[]]
        words: list[tuple[Token, int]] = []
        for token, (start, end) in zip(
            self._tokenizer.convert_ids_to_tokens(encoded["input_ids"]),
            encoded["offset_mapping"],
            strict=True,
        ):
            before, pieces = words.pop() if token.startswith("##") else (None, 0)
            first = before.start if before else start
            words.append((Token(sentence[first:end], first, end), pieces + 1))
        room = self._longest
        for word, pieces in words:
            if pieces > room or pieces > self._longest:
                parts.append([])
                room = self._longest
            if pieces <= room:
                parts[-1].append(word)
                room -= pieces
        return [part for part in parts if part]

    def _predict(self, sentences: Sequence[str]) -> list[list[tuple[str, str, float]]]:
        """For each sentence its words as BERT cuts them, those preferred, and their probability."""
        if not sentences:
            return []
        rows: list[list[float]] = []

        def keep(_module: Any, _inputs: Any, logits: torch.Tensor) -> None:
            rows.extend(logits.softmax(-1).amax(-1).tolist())

        hook = self._checker.model.dense.register_forward_hook(keep)
        try:
            with redirect_stdout(StringIO()):
                before, after = self._checker.correct_strings(list(sentences), return_all=True)
        finally:
            hook.remove()
        return [
            [(b, a, round(p, 3)) for b, a, p in zip(bs.split(), as_.split(), row, strict=False)]
            for bs, as_, row in zip(before, after, rows, strict=True)
        ]


def checkpoint_folder(checkpoint: str) -> Path:
    """The folder of a checkpoint: one that exists, or a published name's in `models/neuspell/`.

    Raises:
        UserError: nothing is there yet; says what to download and where to put it.
    """
    for folder in (Path(checkpoint), CHECKPOINTS / checkpoint):
        if (folder / VOCABULARY).is_file():
            return folder
    if "/" in checkpoint or Path(checkpoint).is_dir():
        raise UserError(f"{checkpoint}: no {VOCABULARY} there; set correct.neuspell.checkpoint")
    raise UserError(
        f"{CHECKPOINTS / checkpoint}: not there; download vocab.pkl and pytorch_model.bin (or "
        f"model.pth.tar) of {checkpoint} from {PUBLISHED} into it"
    )
