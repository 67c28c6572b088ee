"""Rendered training batches; batch k is a function of (seed, k), so that training can resume."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.crop import sample_examples, to_input

LINES_PER_HAND = 4

Batch = tuple[Tensor, list[str]]


@dataclass(frozen=True)
class Batches(Dataset[Batch]):
    """Batch k: pixels, uint8 (size, H, W), and the transcriptions."""

    fonts: Sequence[Path]
    size: int
    height: int
    width: int
    seed: int

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng((self.seed, index))
        hands = -(-self.size // LINES_PER_HAND)
        examples = [
            example
            for _ in range(hands)
            for example in sample_examples(self.fonts, rng, LINES_PER_HAND)
        ][: self.size]
        images = [to_input(example.image, self.height, self.width) for example in examples]
        return torch.from_numpy(np.stack(images)), [example.text for example in examples]


def _start_worker(_: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    # A signal to the whole group stops the trainer, which then ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def loader(batches: Batches, start: int, stop: int, workers: int) -> DataLoader[Batch]:
    """Batches `start` to `stop` in order, rendered ahead by `workers` processes (0: by none)."""
    return DataLoader(
        batches,
        batch_size=None,
        sampler=range(start, stop),
        num_workers=workers,
        prefetch_factor=8 if workers else None,
        worker_init_fn=_start_worker,
    )


def labels(texts: Sequence[str], tokenizer: Any) -> Tensor:
    """Token ids of the texts with the end token, int64 (N, T), padded with -100."""
    rows = [
        [*tokenizer(text, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
        for text in texts
    ]
    longest = max(map(len, rows))
    return torch.tensor([row + [-100] * (longest - len(row)) for row in rows])


def normalise(pixels: Tensor) -> Tensor:
    """The processor's scaling of gray uint8 (N, H, W) to RGB floats (N, 3, H, W) in [-1, 1]."""
    scaled = pixels.float().div(127.5).sub(1)
    return scaled.unsqueeze(1).expand(-1, 3, -1, -1)
