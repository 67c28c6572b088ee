"""Tiny checkpoints in the published layouts, with weights set by hand so that answers are known.

The encoders are whole BERT, RoBERTa and DeBERTa models whose layers pass their input through and
whose embeddings are one-hot: what comes out of them says which subword stood there, and nothing
else. A linear layer over it is then a table from words to labels.
"""

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    DebertaConfig,
    DebertaModel,
    DebertaTokenizer,
    RobertaConfig,
    RobertaModel,
    RobertaTokenizer,
)

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BYTE_SPECIAL = {
    "roberta": ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
    "deberta": ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"],
}
SIZE = 128


def encoder(kind: str, vocabulary: int, **more: Any) -> Any:
    """A model of SIZE hidden units that gives back the one-hot embeddings of its input."""
    config_class, model_class = {
        "bert": (BertConfig, BertModel),
        "roberta": (RobertaConfig, RobertaModel),
        "deberta": (DebertaConfig, DebertaModel),
    }[kind]
    config = config_class(
        vocab_size=vocabulary,
        hidden_size=SIZE,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=140,
        **more,
    )
    torch.manual_seed(0)
    model = model_class(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "output.dense" in name or "position_embeddings" in name or "token_type" in name:
                weight.zero_()
        model.embeddings.word_embeddings.weight.copy_(torch.eye(vocabulary, SIZE))
    return model


def word_tokenizer(words: Sequence[str]) -> BertTokenizer:
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *words])}
    return BertTokenizer(vocab=vocabulary, do_lower_case=False)


def byte_tokenizer(kind: str, words: Sequence[str]) -> Any:
    """A byte-level BPE tokenizer that has each of the (ASCII) words as one token."""
    letters = sorted({letter for word in words for letter in word} | {"Ġ"})
    tokens = [*BYTE_SPECIAL[kind], *letters]
    merges: list[tuple[str, str]] = []
    for word in words:
        left = "Ġ"
        for letter in word:
            if (left, letter) not in merges:
                merges.append((left, letter))
                tokens.append(left + letter)
            left += letter
    tokenizer_class = {"roberta": RobertaTokenizer, "deberta": DebertaTokenizer}[kind]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    return tokenizer_class(vocab=vocabulary, merges=merges, add_prefix_space=True)


def save_gector(
    folder: Path,
    table: Mapping[str, str],
    words: Sequence[str],
    *,
    kind: str = "bert",
    sure: float = 0.9,
    wrong: Mapping[str, float] | None = None,
    pickled: bool = False,
    max_length: int = 128,
) -> Path:
    """A GECToR checkpoint with its encoder's configuration beside it.

    Args:
        table: words to the labels they are given, with probability `sure`; $KEEP for the others.
        wrong: words to the probability of being wrong, `sure` for those of the table left out.
    """
    words = list(dict.fromkeys([*words, *(word for word in table if word != "$START")]))
    tokenizer = word_tokenizer(words) if kind == "bert" else byte_tokenizer(kind, words)
    plain = len(tokenizer)
    encoder(kind, plain).config.save_pretrained(folder / "encoder")
    tokenizer.add_special_tokens({"additional_special_tokens": ["$START"]})
    tokenizer.save_pretrained(folder)
    labels = ["<OOV>", "$KEEP", *dict.fromkeys(table.values()), "<PAD>"]
    config = {
        "architectures": ["GECToR"],
        "d_label2id": {"$CORRECT": 0, "$INCORRECT": 1, "<PAD>": 2},
        "id2label": {str(number): label for number, label in enumerate(labels)},
        "label2id": {label: number for number, label in enumerate(labels)},
        "max_length": max_length,
        "model_id": str(folder / "encoder"),
        "model_type": "",
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")

    model = encoder(kind, plain + 1)
    weights = {f"bert.{name}": weight for name, weight in model.state_dict().items()}
    weights["bert.embeddings.position_ids"] = torch.arange(140)[None]
    head = torch.zeros(len(labels) - 1, SIZE)
    detect = torch.zeros(2, SIZE)
    peak, floor = (SIZE - 1) ** 0.5, -((SIZE - 1) ** -0.5)  # of a one-hot vector, normalised
    bias = torch.full((len(labels) - 1,), -20.0)
    bias[1] = 0
    for word, label in table.items():
        token = _token(tokenizer, word)
        head[labels.index(label), token] = (20 + _logit(sure)) / (peak - floor)
    chances = {word: sure for word in table if word != "$START"} | dict(wrong or {})
    for word, chance in chances.items():
        detect[1, _token(tokenizer, word)] = (10 + _logit(chance)) / (peak - floor)
    weights |= {
        "label_proj_layer.weight": head,
        "label_proj_layer.bias": bias - floor * head.sum(1),
        "d_proj_layer.weight": detect,
        "d_proj_layer.bias": torch.tensor([0.0, -10.0]) - floor * detect.sum(1),
    }
    if pickled:
        torch.save(weights, folder / "pytorch_model.bin")
    else:
        save_file({k: v.contiguous() for k, v in weights.items()}, folder / "model.safetensors")
    return folder


def _token(tokenizer: Any, word: str) -> int:
    ids = tokenizer([word], is_split_into_words=True, add_special_tokens=False)["input_ids"]
    return int(ids[0])


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def save_neuspell(
    folder: Path,
    table: Mapping[str, str],
    words: Sequence[str],
    pickled_as: str = "model.pth.tar",
) -> Path:
    """A BertChecker checkpoint, and its BERT's configuration and tokenizer in `folder/base`.

    Args:
        table: subwords to the words that are preferred in their place.
        words: BERT's vocabulary beside the table's subwords; as they are, they are preferred.
    """
    words = list(dict.fromkeys([*words, *table]))
    tokenizer = word_tokenizer(words)
    tokenizer.save_pretrained(folder / "base")
    model = encoder("bert", len(tokenizer))
    model.config.save_pretrained(folder / "base")
    known = list(dict.fromkeys([*words, *table.values(), "<<PAD>>", "<<UNK>>"]))
    letters = ["<<CHAR_UNK>>", "<<CHAR_PAD>>", "<<CHAR_START>>", "<<CHAR_END>>", *"abc"]
    vocabulary = {
        "token2idx": {word: number for number, word in enumerate(known)},
        "idx2token": dict(enumerate(known)),
        "token_freq": [(word, 1) for word in known],
        "pad_token": "<<PAD>>",
        "unk_token": "<<UNK>>",
        "chartoken2idx": {letter: number for number, letter in enumerate(letters)},
        "idx2chartoken": dict(enumerate(letters)),
        "char_unk_token": "<<CHAR_UNK>>",
    }
    (folder / "vocab.pkl").write_bytes(pickle.dumps(vocabulary, protocol=4))
    dense = torch.zeros(len(known), SIZE)
    for word in words:
        target = table.get(word, word)
        dense[known.index(target), tokenizer.get_vocab()[word]] = 0.6 if word in table else 0.4
    weights = {f"bert_model.{name}": weight for name, weight in model.state_dict().items()}
    weights["bert_model.embeddings.position_ids"] = torch.arange(140)[None]
    weights |= {"dense.weight": dense, "dense.bias": torch.zeros(len(known))}
    saved: dict[str, Any] = weights
    if pickled_as == "model.pth.tar":
        saved = {
            "epoch_id": 3,
            "max_dev_acc": np.float64(0.97),
            "argmax_dev_acc": 3,
            "model_state_dict": weights,
            "optimizer_state_dict": {},
        }
    torch.save(saved, folder / pickled_as)
    return folder
