"""Tiny random checkpoints in the very file layouts of the published TrOCR ones."""

import json
from pathlib import Path

import sentencepiece
import torch
from transformers import (
    DeiTConfig,
    TrOCRConfig,
    TrOCRForCausalLM,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)

TINY = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}


def write_base(folder: Path) -> None:
    """As microsoft/trocr-base-handwritten: ViT 384x384, 12 decoder layers, RoBERTa BPE."""
    letters = ["Ġ", *"abcdefghijklmnopqrstuvwxyz"]
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *letters, "th", "the", "Ġthe", "<mask>"]
    merges = ["#version: 0.2", "t h", "th e", "Ġ the"]
    _write_model(
        folder,
        ViTConfig(image_size=384, patch_size=16, num_hidden_layers=2, **TINY),
        12,
        len(tokens),
    )
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (folder / "merges.txt").write_text("\n".join(merges) + "\n")
    _write_json(
        folder,
        "tokenizer_config",
        {
            "tokenizer_class": "RobertaTokenizer",
            "model_max_length": 512,
            "add_prefix_space": False,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
        },
    )
    _write_preprocessor(folder, "ViTFeatureExtractor")


def write_small(folder: Path) -> None:
    """As microsoft/trocr-small-handwritten: DeiT 384x384, 6 decoder layers, sentencepiece."""
    text = folder / "text.txt"
    folder.mkdir(parents=True, exist_ok=True)
    text.write_text(
        "\n".join(f"the {a}{b} and {b}{a} at the end" for a in "abcdefgh" for b in "ijklm")
    )
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "sentencepiece.bpe"),
        vocab_size=40,
        model_type="bpe",
        minloglevel=2,
    )
    (folder / "sentencepiece.bpe.vocab").unlink()
    text.unlink()
    _write_model(
        folder, DeiTConfig(image_size=384, patch_size=16, num_hidden_layers=2, **TINY), 6, 42
    )
    _write_json(
        folder,
        "tokenizer_config",
        {
            "tokenizer_class": "XLMRobertaTokenizer",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
            "sp_model_kwargs": {},
        },
    )
    _write_preprocessor(folder, "DeiTFeatureExtractor")


def _write_model(
    folder: Path, encoder: ViTConfig | DeiTConfig, layers: int, vocabulary: int
) -> None:
    torch.manual_seed(1)
    decoder = TrOCRConfig(
        vocab_size=vocabulary,
        d_model=16,
        decoder_layers=layers,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        max_position_embeddings=512,
        cross_attention_hidden_size=16,
        is_decoder=True,
        add_cross_attention=True,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        init_std=0.5,
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    model = VisionEncoderDecoderModel(config, decoder=TrOCRForCausalLM(decoder))
    model.save_pretrained(folder)
    published = json.loads((folder / "config.json").read_text())
    published["decoder"] |= {"max_length": 20, "use_cache": False}
    published |= {"architectures": ["VisionEncoderDecoderModel"], "tie_word_embeddings": False}
    for key in ("dtype", "transformers_version"):
        published.pop(key, None)
    (folder / "config.json").write_text(json.dumps(published))
    _write_json(
        folder,
        "generation_config",
        {
            "_from_model_config": True,
            "bos_token_id": 0,
            "decoder_start_token_id": 2,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "use_cache": False,
        },
    )


def _write_preprocessor(folder: Path, kind: str) -> None:
    _write_json(
        folder,
        "preprocessor_config",
        {
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": kind,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
            "resample": 2,
            "size": 384,
        },
    )


def _write_json(folder: Path, name: str, content: dict[str, object]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(content))
