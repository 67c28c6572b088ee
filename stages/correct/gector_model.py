"""GECToR checkpoints in the layout of gotutiyan's: an encoder and two linear layers over it.

`config.json` names the encoder (`model_id`) and the labels (`id2label`, `d_label2id`, both with a
`<PAD>` that the layers leave out); the weights hold `bert.*`, `label_proj_layer.*` and
`d_proj_layer.*`; the tokenizer has one token more than the encoder's, `$START`. The package
`gector` itself fails on transformers 5, so its few lines are done here over `AutoModel`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from stages.config.correct_settings import GectorSettings
from stages.correct.gector_labels import KEEP, START, Label
from stages.correct.hub import model_folder
from stages.correct.weights import load_weights
from stages.errors import UserError

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
INCORRECT = "$INCORRECT"
PAD = "<PAD>"
MAX_LENGTH = 128


class Tagger(nn.Module):
    """Scores of labels, and of a word being wrong, for every subword."""

    def __init__(self, encoder: Any, labels: int) -> None:
        super().__init__()
        self.bert = encoder
        self.label_proj_layer = nn.Linear(encoder.config.hidden_size, labels)
        self.d_proj_layer = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities (batch, subwords, labels) and (batch, subwords, 2), of int (b, s) each."""
        hidden = self.bert(input_ids, attention_mask=attention_mask).last_hidden_state
        return self.label_proj_layer(hidden).softmax(-1), self.d_proj_layer(hidden).softmax(-1)


@dataclass(frozen=True)
class Gector:
    """A tagger in evaluation mode with what belongs to it; `labels` by their number."""

    tagger: Tagger
    tokenizer: Any
    labels: Sequence[str]
    incorrect: int
    max_length: int

    @torch.inference_mode()
    def predict(
        self, batch: Sequence[Sequence[str]], keep_confidence: float, min_error_probability: float
    ) -> list[list[Label]]:
        """A label for each word of each sentence, $KEEP beyond the encoder's length.

        The first word is $START. $KEEP stands where `keep_confidence` more makes it the most
        probable label, where the best label is less probable than `min_error_probability`, and
        throughout a sentence of which no word, nor $START, is at least that probably wrong.
        """
        encoded = self.tokenizer(
            [list(words) for words in batch],
            is_split_into_words=True,
            padding=True,
            truncation=True,
            max_length=self.max_length,
            return_tensors="pt",
        )
        probabilities, wrong = self.tagger(encoded["input_ids"], encoded["attention_mask"])
        probabilities[:, :, self.labels.index(KEEP)] += keep_confidence
        best, numbers = probabilities.max(-1)
        labelled = []
        for row, words in enumerate(batch):
            first = _first_subwords(encoded.word_ids(row))
            labels = [Label(KEEP)] * len(words)
            wrongest = wrong[row, list(first.values()), self.incorrect].max()
            if wrongest >= min_error_probability:
                for word, position in first.items():
                    if best[row, position] >= min_error_probability:
                        name = self.labels[int(numbers[row, position])]
                        labels[word] = Label(name, best[row, position].item())
            labelled.append(labels)
        return labelled


def _first_subwords(word_ids: Sequence[int | None]) -> dict[int, int]:
    """For each word where its first subword stands, which is the one that carries its label."""
    first: dict[int, int] = {}
    for position, word in enumerate(word_ids):
        if word is not None:
            first.setdefault(word, position)
    return first


def load_gector(settings: GectorSettings) -> Gector:
    """The checkpoint that `settings.checkpoint` names, on the CPU in float32.

    Raises:
        UserError: it cannot be had, is refused, or does not have the layout.
    """
    quiet: Any = transformers_logging
    quiet.set_verbosity_error()
    folder = _folder(settings.checkpoint)
    config = _config(folder)
    weights = load_weights(folder, WEIGHTS)
    base = settings.base_model or config["model_id"]
    encoder_config = _encoder_config(base)
    encoder_config.vocab_size += 1
    labels = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
    labels = [label for label in labels if label != PAD]
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        auto_model: Any = AutoModel
        tagger = Tagger(auto_model.from_config(encoder_config).float(), len(labels))
        _fill(tagger, weights)
        if START not in tokenizer.get_vocab():
            raise ValueError(f"the tokenizer lacks {START}")
    except Exception as error:  # a checkpoint can be broken in ways that have no common class
        raise UserError(f"{folder}: does not fit the encoder {base} ({_cause(error)})") from None
    length = config.get("max_length") or MAX_LENGTH
    return Gector(tagger.eval(), tokenizer, labels, config["d_label2id"][INCORRECT], length)


def _folder(checkpoint: str) -> Path:
    to = f"models/gector/{checkpoint.rpartition('/')[2]}"
    for weights in WEIGHTS:
        files = ["*.json", "*.txt", weights]
        folder = model_folder(checkpoint, files, "correct.gector.checkpoint", to)
        if (folder / weights).exists():
            break
    return folder


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        assert KEEP in config["id2label"].values()
        assert {*config["id2label"]} == {str(number) for number in range(len(config["id2label"]))}
        assert config["d_label2id"][INCORRECT] in (0, 1)
        assert isinstance(config.get("max_length") or MAX_LENGTH, int)
        assert isinstance(config["model_id"], str)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, AssertionError) as error:
        raise UserError(
            f"{path}: not the configuration of a GECToR checkpoint ({_cause(error)})"
        ) from None
    return config


def _encoder_config(base: str) -> Any:
    to = f"models/gector/{base.rpartition('/')[2]}"
    folder = model_folder(base, ["config.json"], "correct.gector.base_model", to)
    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # a folder can be broken in ways that have no common class
        raise UserError(f"{base}: no configuration of an encoder ({_cause(error)})") from None


def _fill(tagger: Tagger, weights: dict[str, Tensor]) -> None:
    """Load the weights; only parts of an encoder that no label depends on may be missing."""
    known = {name: w for name, w in weights.items() if not name.endswith("position_ids")}
    missing, unexpected = tagger.load_state_dict(known, strict=False)
    faults = [name for name in [*missing, *unexpected] if ".pooler." not in name]
    if faults:
        raise ValueError(f"weights missing or not known: {', '.join(faults[:3])}")


def _cause(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
