"""The beam search over a batch of line crops: token ids, their log-probabilities, alternatives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutput

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.pages.scans import Pixels
from stages.recognize.attention import BeamCache
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.prepare import prepare

Ranked = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Decoded:
    """A reading in tokens.

    Attributes:
        ids: with the end token, unless the text was cut before it.
        logprobs: of each of `ids` given those before it.
        considered: for each of `ids` the most probable tokens there and their log-probabilities,
            most probable first; empty where they were not asked for.
    """

    ids: tuple[int, ...]
    logprobs: Sequence[float]
    considered: Sequence[Ranked] = field(default=(), compare=False)

    @property
    def score(self) -> float:
        """The mean log-probability of a token."""
        return sum(self.logprobs) / max(1, len(self.ids))

    def rank(self, settings: RecognizeSettings) -> float:
        """What a beam search with these settings ranks it by, the best highest."""
        power = settings.length_penalty if settings.num_beams > 1 else 1.0
        return float(sum(self.logprobs) / max(1, len(self.ids)) ** power)


def n_best(settings: RecognizeSettings) -> int:
    """How many readings of a crop are kept."""
    return min(settings.n_best, settings.num_beams)


@torch.inference_mode()
def encode(
    checkpoint: Checkpoint, settings: RecognizeSettings, crops: Sequence[Pixels]
) -> torch.Tensor:
    """(crops, patches, width): what the encoder makes of crops, (h, w, 3) uint8 RGB each."""
    images = [prepare(crop, settings) for crop in crops]
    pixels = checkpoint.processor(
        images=images, return_tensors="pt", input_data_format="channels_last"
    ).pixel_values
    encoded: torch.Tensor = checkpoint.model.encoder(
        pixels.to(checkpoint.device, checkpoint.dtype)
    ).last_hidden_state
    return encoded


@torch.inference_mode()
def search(
    checkpoint: Checkpoint, settings: RecognizeSettings, encoded: torch.Tensor
) -> list[list[Decoded]]:
    """The n-best of each encoded crop, best first; the first of each have `considered`.

    Raises:
        UserError: as `sound`.
    """
    count = n_best(settings)
    out = checkpoint.model.generate(
        encoder_outputs=BaseModelOutput(last_hidden_state=encoded),
        num_beams=settings.num_beams,
        num_return_sequences=count,
        length_penalty=settings.length_penalty if settings.num_beams > 1 else None,
        early_stopping=settings.early_stopping if settings.num_beams > 1 else None,
        no_repeat_ngram_size=settings.no_repeat_ngram_size,
        max_new_tokens=settings.max_new_tokens,
        max_length=None,
        do_sample=False,
        use_cache=True,
        past_key_values=BeamCache(settings.num_beams),
        return_dict_in_generate=True,
        output_scores=True,
    )
    logprobs = checkpoint.model.compute_transition_scores(
        out.sequences,
        out.scores,
        getattr(out, "beam_indices", None),
        normalize_logits=settings.num_beams == 1,
    )
    ids = out.sequences[:, 1:].tolist()
    considered = _most_probable(out, range(0, len(ids), count), settings.alternatives)
    end = checkpoint.model.generation_config.eos_token_id
    found = []
    for number, (row, values) in enumerate(zip(ids, logprobs.float().tolist(), strict=True)):
        length = row.index(end) + 1 if end in row else len(row)
        kept = sound(checkpoint, values[:length])
        found.append(Decoded(tuple(row[:length]), kept, considered.get(number, ())[:length]))
    return [found[start : start + count] for start in range(0, len(found), count)]


def sound(checkpoint: Checkpoint, logprobs: Sequence[float]) -> list[float]:
    """Log-probabilities of tokens that were chosen, none above 0 by rounding.

    Raises:
        UserError: one is no finite number: the checkpoint's weights are damaged, or its numbers
            overflow in this dtype.
    """
    if not all(map(math.isfinite, logprobs)):
        name, dtype = checkpoint.identity.name, checkpoint.identity.dtype
        cure = "its weights are damaged: get them again"
        if dtype != "float32":
            cure = f"too large for {dtype}, or damaged weights: set recognize.dtype=float32"
        raise UserError(f"{name}: its probabilities for a line are no numbers ({cure})")
    return [min(0.0, value) for value in logprobs]


def _most_probable(out: Any, rows: range, alternatives: int) -> dict[int, list[Ranked]]:
    """For each of these sequences and each of its steps the most probable tokens."""
    if not alternatives:
        return {}
    beams = getattr(out, "beam_indices", None)
    steps = []
    length = out.sequences.shape[1] - 1  # a beam search may have gone on for lost beams
    for step, scores in enumerate(out.scores[:length]):
        source = list(rows) if beams is None else beams[list(rows), step].clamp(min=0)
        values = scores[source].float()
        if beams is None:  # a beam search's are log-probabilities, those banned left out
            values = torch.log_softmax(values, dim=-1)
        steps.append(topmost(values, alternatives))
    return {row: [step[k] for step in steps] for k, row in enumerate(rows)}


def topmost(logprobs: torch.Tensor, alternatives: int) -> list[Ranked]:
    """The most probable tokens of each row (rows, vocabulary), one more than the alternatives."""
    found = logprobs.topk(alternatives + 1)
    return [
        list(zip(ids, values, strict=True))
        for ids, values in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    ]
