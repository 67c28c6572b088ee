"""The embedded recogniser's architecture, and how it is loaded and exported."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    GenerationConfig,
    TrOCRConfig,
    TrOCRProcessor,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)
from transformers.models.vision_encoder_decoder.modeling_vision_encoder_decoder import (
    shift_tokens_right,
)

from stages.errors import UserError
from stages.recognize.checkpoint import BACKEND
from stages.recognize.identity import load_fault

LONGEST_OUTPUT = 96
# The share of the characters before that a line's decoder is told wrongly, at most.
MISTOLD = 0.15


def load(folder: Path) -> tuple[Any, Any]:
    """Load a checkpoint in HF layout: its processor, and its model as float32.

    Raises:
        UserError: the folder is not such a checkpoint.
    """
    try:
        processor = TrOCRProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, backend=BACKEND
        )
        model = VisionEncoderDecoderModel.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, dtype=torch.float32
        )
    except Exception as error:  # a checkpoint can be broken in ways that have no common class
        raise UserError(load_fault(str(folder), True, error)) from None
    return processor, model


def new_model(processor: Any, width: int = 192, layers: int = 6, decoder_layers: int = 3) -> Any:
    """A model with random weights for a processor's image size: one patch a column (6 pixels)."""
    size = processor.image_processor.size
    tokenizer = processor.tokenizer
    encoder = ViTConfig(
        hidden_size=width, num_hidden_layers=layers, num_attention_heads=max(1, width // 32),
        intermediate_size=4 * width, image_size=[size["height"], size["width"]],
        patch_size=[size["height"], 6], hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    decoder = TrOCRConfig(
        vocab_size=len(tokenizer), d_model=width, decoder_layers=decoder_layers,
        decoder_attention_heads=max(1, width // 32), decoder_ffn_dim=4 * width,
        max_position_embeddings=128, cross_attention_hidden_size=width, dropout=0.0,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.bos_token_id,
        scale_embedding=True, use_learned_position_embeddings=True, tie_word_embeddings=True,
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.pad_token_id = tokenizer.pad_token_id
    config.eos_token_id = tokenizer.eos_token_id
    config.decoder_start_token_id = tokenizer.bos_token_id
    model: Any = VisionEncoderDecoderModel(config=config)
    generation: Any = GenerationConfig
    model.generation_config = generation(
        decoder_start_token_id=tokenizer.bos_token_id, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        max_new_tokens=LONGEST_OUTPUT, use_cache=True,
    )  # fmt: skip
    return model


class Recogniser(nn.Module):
    """The encoder-decoder with a linear CTC head on its encoder, which only training uses."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        # On CPUs the backward pass of the fused attention takes a third of a step; this does not.
        model.encoder.set_attn_implementation("eager")
        # The pad token never occurs inside a text, so it serves as the CTC blank.
        self.blank = int(model.config.pad_token_id)
        encoder, vocabulary = model.config.encoder, model.config.decoder.vocab_size
        self.head = nn.Linear(encoder.hidden_size, vocabulary)
        with torch.no_grad():
            # Most columns are blank.
            self.head.bias[self.blank] = 3.0
        # ViT's pooler output is used by nobody and gets no gradient.
        for parameter in model.encoder.pooler.parameters() if model.encoder.pooler else ():
            parameter.requires_grad_(False)

    def mistold(self, labels: Tensor) -> Tensor:
        """What the decoder is told of the characters before: some of it wrong.

        A decoder that can trust the characters before learns to guess the next one from them, and
        corrects a learner's spelling; one that cannot must look. Each line draws its own share of
        wrong characters, uniform in [0, MISTOLD] ("word dropout", Bowman et al., 2016, with
        random characters in place of the unknown one).

        Args:
            labels: int64 (N, T), text then the end token; -100 = padding.

        Returns:
            int64 (N, T): the start token, then the labels but for the last, padded.
        """
        config = self.model.config
        told: Tensor = shift_tokens_right(
            labels, config.pad_token_id, config.decoder_start_token_id
        )
        share = MISTOLD * torch.rand((len(told), 1), device=told.device)
        wrong = torch.rand(told.shape, device=told.device) < share
        wrong &= (told != config.pad_token_id) & (told != config.decoder_start_token_id)
        taken = torch.randperm(int(wrong.sum()), device=told.device)
        told[wrong] = told[wrong][taken]
        return told

    def losses(
        self, pixels: Tensor, labels: Tensor, head_only: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Cross-entropy of the decoder and CTC loss of the encoder, each a mean per character.

        Args:
            pixels: float (N, 3, H, W), normalised.
            labels: int64 (N, T), text then the end token; -100 = padding.
            head_only: let the CTC loss train its head alone, not the encoder: the first steps of
                a fresh head would spoil an encoder that has learnt already.
        """
        states = self.model.encoder(pixel_values=pixels).last_hidden_state
        decoded = self.model(
            encoder_outputs=(states,), labels=labels, decoder_input_ids=self.mistold(labels)
        )
        texts = torch.where(
            (labels == -100) | (labels == self.model.config.eos_token_id), 0, labels
        )
        lengths = (texts > 0).sum(dim=1)
        seen = states[:, 1:].detach() if head_only else states[:, 1:]
        scores = self.head(seen).float().log_softmax(-1).transpose(0, 1)
        columns = torch.full((len(labels),), scores.shape[0], device=labels.device)
        ctc = nn.functional.ctc_loss(
            scores, texts, columns, lengths, blank=self.blank, zero_infinity=True
        )
        return decoded.loss, ctc


def export(model: Any, processor: Any, folder: Path) -> None:
    """Write a checkpoint in HF layout, safetensors in half precision, whole or not at all."""
    partial = folder.with_name(folder.name + ".part")
    deepcopy(model).cpu().half().save_pretrained(partial)
    processor.save_pretrained(partial)
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(partial.iterdir()):
        file.replace(folder / file.name)
    partial.rmdir()
