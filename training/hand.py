"""A writer with a pen.

Lengths are in x-heights (the height of an x of that hand) unless a name says pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from training.fonts import LETTERS


@dataclass(frozen=True)
class Hand:
    """How one writer writes with one pen.

    Attributes:
        font: the font file whose letter shapes the writer follows.
        x_height: pixels.
        slant: horizontal shift for each unit of height (positive leans to the right).
        width: horizontal stretch of the letters.
        stroke: width of the pen's line.
        centre_lines: draw the letters' centre lines with this pen, instead of filling the font's
            own outlines (made bolder or finer by `weight`).
        weight: outline offset, used only without centre lines.
        baseline_wander: standard deviation of a word's height over the baseline.
        baseline_slope: rise of the whole line, dy/dx.
        word_spacing: factor on the font's own space.
        letter_spacing: added between letters.
        size_jitter: relative standard deviation of a word's size.
        letter_jitter: standard deviation of a letter's shift, turn (rad) and scale.
        style: strength of the writer's own, constant deviations from the font's letters.
        elastic: amplitude of the smooth distortion that makes equal letters differ.
        pressure: 0 = even ink, 1 = ink and width that vary strongly along the line.
        join: probability that a letter is joined to the next one by a stroke.
        ascender: stretch of what rises above the x-height, descender: of what falls below the line.
        haste: 0 = careful, 1 = corners cut, words that trail off.
        allographs: characters that the writer shapes as another font does.
        seed: of the writer's constant deviations.
    """

    font: Path
    x_height: float = 22.0
    slant: float = 0.0
    width: float = 1.0
    stroke: float = 0.12
    centre_lines: bool = True
    weight: float = 0.0
    baseline_wander: float = 0.05
    baseline_slope: float = 0.0
    word_spacing: float = 1.0
    letter_spacing: float = 0.0
    size_jitter: float = 0.03
    letter_jitter: float = 0.02
    style: float = 0.04
    elastic: float = 0.03
    pressure: float = 0.3
    join: float = 0.0
    ascender: float = 1.0
    descender: float = 1.0
    haste: float = 0.0
    allographs: tuple[tuple[str, Path], ...] = ()
    seed: int = 0

    @classmethod
    def sample(cls, font: Path, rng: np.random.Generator, others: Sequence[Path] = ()) -> Self:
        """Draw a plausible writer; with `others`, some letters take those fonts' shapes."""
        fine = rng.random() < 0.75
        pairs: list[tuple[str, Path]] = []
        if others and rng.random() < 0.5:
            borrowed = rng.choice(len(others), size=min(len(others), 3), replace=False)
            share = rng.uniform(0.05, 0.35)
            pairs = [(c, others[rng.choice(borrowed)]) for c in LETTERS if rng.random() < share]
        return cls(
            font=font,
            x_height=float(rng.uniform(15, 30)),
            slant=float(rng.normal(0.0, 0.16)),
            width=float(np.exp(rng.normal(0.08, 0.15))),
            stroke=float(rng.uniform(0.06, 0.14) if fine else rng.uniform(0.12, 0.26)),
            centre_lines=bool(rng.random() < 0.75),
            weight=float(rng.uniform(-0.03, 0.04)),
            baseline_wander=float(rng.gamma(2.0, 0.035)),
            baseline_slope=float(rng.normal(0.0, 0.006)),
            word_spacing=float(np.exp(max(-0.2, rng.normal(0.4, 0.4)))),
            letter_spacing=float(max(-0.04, rng.normal(0.03, 0.06))),
            size_jitter=float(rng.uniform(0.0, 0.08)),
            letter_jitter=float(min(0.05, rng.gamma(2.0, 0.012))),
            style=float(rng.uniform(0.0, 0.09)),
            elastic=float(min(0.085, rng.gamma(2.5, 0.02))),
            pressure=float(rng.uniform(0.0, 0.8)),
            join=float(rng.choice([0.0, 0.0, rng.uniform(0.1, 0.9)])),
            allographs=tuple(pairs),
            seed=int(rng.integers(2**31)),
        )

    def varied(self, rng: np.random.Generator) -> Self:
        """The same hand in proportions and haste that fonts do not have."""
        long, low = np.exp(np.clip(rng.normal(0.0, 0.25, 2), -0.5, 0.6))
        haste = float(rng.choice([0.0, rng.uniform(0.0, 1.0)]))
        return replace(self, ascender=float(long), descender=float(low), haste=haste)

    def with_x_height(self, pixels: float) -> Self:
        """The same hand, larger or smaller."""
        return replace(self, x_height=pixels)
