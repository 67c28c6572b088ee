"""An oracle for log-probabilities."""

import numpy as np
import torch

from stages.recognize.checkpoint import Checkpoint
from stages.recognize.prepare import pad_to_aspect, to_gray


def teacher_forced(checkpoint: Checkpoint, crop: np.ndarray, ids: list[int]) -> torch.Tensor:
    """Oracle: (tokens, vocabulary) log-probabilities given the tokens before, from one pass."""
    prepared = pad_to_aspect(to_gray(crop), 10)
    pixels = checkpoint.processor(images=[prepared], return_tensors="pt").pixel_values
    start = checkpoint.model.config.decoder_start_token_id
    with torch.inference_mode():
        logits = checkpoint.model(
            pixel_values=pixels, decoder_input_ids=torch.tensor([[start, *ids[:-1]]])
        ).logits
    return torch.log_softmax(logits[0], dim=-1)
