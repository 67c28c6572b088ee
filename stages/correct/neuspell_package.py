"""The `neuspell` package 1.0.0 made to run on transformers 5, offline and quietly.

What is in its way: its import prints, makes a folder beside the package and asks the model hub for
`bert-base-cased`; that name is fixed in its code; it calls the tokenizer's `encode_plus`, which is
gone; it loads pickles without restriction, and strictly, where published weights hold a key
(`position_ids`) that BERT no longer has. These parts are replaced, the rest runs as it is.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import transformers
from transformers import AutoConfig, AutoTokenizer, BertModel

from stages.correct.hub import model_folder
from stages.correct.weights import load_plain_pickle, load_weights
from stages.errors import UserError

VOCABULARY = "vocab.pkl"
WEIGHTS = ("model.safetensors", "pytorch_model.bin", "model.pth.tar")
BASE_FILES = ("config.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt")
VOCABULARY_TYPES = {
    "token2idx": dict,
    "idx2token": dict,
    "chartoken2idx": dict,
    "token_freq": list,
    "pad_token": str,
    "unk_token": str,
}


class BertWords:
    """A BERT tokenizer with the two methods that NeuSpell calls."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def tokenize(self, text: str) -> list[str]:
        return list(self.tokenizer.tokenize(text))

    def encode_plus(self, tokens: Sequence[str]) -> dict[str, list[int]]:
        """The inputs of BERT for tokens of `tokenize`, with [CLS] and [SEP]."""
        ids = self.tokenizer.convert_tokens_to_ids(list(tokens))
        ids = [self.tokenizer.cls_token_id, *ids, self.tokenizer.sep_token_id]
        return {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            "token_type_ids": [0] * len(ids),
        }


def load_checker(folder: Path, base_model: str) -> tuple[Any, Any]:
    """NeuSpell's BertChecker with the checkpoint in `folder`, and its tokenizer.

    Args:
        folder: holds `vocab.pkl` and one of `WEIGHTS`, as NeuSpell publishes or trains them.
        base_model: folder or hub id of the BERT that was trained further; only its configuration
            and its tokenizer are read, the weights are the checkpoint's.

    Raises:
        UserError: a file is missing, is refused, or does not fit the others.
    """
    config, tokenizer = _base(base_model)
    package = _import_package(tokenizer)
    corrector, helpers, models = (
        package.corrector_subwordbert,
        package.seq_modeling.helpers,
        package.seq_modeling.models,
    )
    helpers.BERT_TOKENIZER = BertWords(tokenizer)
    models.get_pretrained_bert = lambda: BertModel(config)
    corrector.load_vocab_dict = lambda path: _vocabulary(Path(path))
    corrector.load_pretrained = lambda model, path, device: _with_weights(model, Path(path))
    checker = package.BertChecker(device="cpu")
    with redirect_stdout(StringIO()):
        checker.from_pretrained(str(folder))
    return checker, tokenizer


def _base(name: str) -> tuple[Any, Any]:
    quiet: Any = transformers.utils.logging
    quiet.set_verbosity_error()
    to = f"models/neuspell/{name.rpartition('/')[2]}"
    folder = model_folder(name, BASE_FILES, "correct.neuspell.base_model", to)
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        return config, AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # a folder can be broken in ways that have no common class
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{name}: no configuration and tokenizer of BERT ({reason})") from None


def _import_package(tokenizer: Any) -> Any:
    if "neuspell" not in sys.modules:
        stand_in = SimpleNamespace(from_pretrained=lambda name: tokenizer)
        with (
            redirect_stdout(StringIO()),
            _replaced(os, "makedirs", lambda *_, **__: None),
            # transformers puts another module in its place while it is imported: not the name here
            _replaced(sys.modules["transformers"], "BertTokenizer", stand_in),
        ):
            importlib.import_module("neuspell")
    return sys.modules["neuspell"]


@contextmanager
def _replaced(owner: Any, name: str, stand_in: Any) -> Iterator[None]:
    kept = getattr(owner, name)
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def _vocabulary(path: Path) -> Any:
    vocabulary = load_plain_pickle(path)
    for name, kind in VOCABULARY_TYPES.items():
        if not isinstance(vocabulary, dict) or not isinstance(vocabulary.get(name), kind):
            raise UserError(f"{path}: not a NeuSpell vocabulary (no {kind.__name__} {name!r})")
    return vocabulary


def _with_weights(model: Any, folder: Path) -> Any:
    weights = load_weights(folder, WEIGHTS)
    weights = weights.get("model_state_dict", weights)
    weights = {name: w for name, w in weights.items() if not name.endswith("position_ids")}
    try:
        model.load_state_dict(weights)
    except (RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"{folder}: weights, vocabulary and correct.neuspell.base_model do not fit ({reason})"
        ) from None
    return model.eval()
