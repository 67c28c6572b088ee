"""How well a checkpoint reads lines: greedy CER and speed.

`python -m training.evaluate --checkpoint FOLDER (--lines TSV | --fonts SPLIT | --misspelt)`
"""

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import jiwer
import numpy as np
import torch
from PIL import Image

from stages.recognize.prepare import pad_to_aspect
from training.crop import ASPECT, Example, cut_out, write
from training.fonts import FontError, Split, font_paths
from training.model import CheckpointError, load
from training.pen import Hand
from training.text import Line, misspelt_line, sample_line

LINES_PER_HAND = 4


class LinesError(Exception):
    """The list of lines cannot be read; the message says why."""


@dataclass(frozen=True)
class Lines:
    """Lines to read: crops with texts, the group of each (writer or font), its misspelt words."""

    examples: list[Example]
    groups: list[str]
    misspelt: list[dict[int, str]]


def read_lines(table: Path) -> Lines:
    """Crops listed in a TSV with the columns `image` (relative to it), `text`, and maybe `writer`.

    Raises:
        LinesError: a column or an image is missing.
    """
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or not {"image", "text"} <= rows[0].keys():
        raise LinesError(f"{table}: needs the tab-separated columns `image` and `text`")
    examples = []
    for row in rows:
        image = cv2.imread(str(table.parent / row["image"]), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise LinesError(f"{table}: {row['image']} cannot be read as an image")
        examples.append(Example(np.asarray(image, np.uint8), row["text"]))
    return Lines(examples, [row.get("writer", "") for row in rows], [{} for _ in rows])


def render_lines(split: Split, count: int, misspelt: bool, augmented: bool, seed: int) -> Lines:
    """Lines in a split's fonts, as many of each; the same for the same arguments.

    Args:
        split: which fonts.
        count: how many lines.
        misspelt: every line holds misspelt words, and none is struck out.
        augmented: writers as varied as in training; else the plain font with a mean pen.
        seed: of text, writers and pages.
    """
    fonts = font_paths(split)
    lines = Lines([], [], [])
    for index in range(-(-count // LINES_PER_HAND)):
        rng = np.random.default_rng((seed, index))
        font = fonts[index % len(fonts)]
        hand = Hand.sample(font, rng) if augmented else Hand(font=font, seed=index)
        inks = []
        for _ in range(LINES_PER_HAND):
            text, originals = misspelt_line(rng) if misspelt else (sample_line(rng), {})
            inks.append(write(text if isinstance(text, Line) else Line(text), hand, rng))
            lines.misspelt.append(originals)
        for ink in inks:
            lines.examples.append(cut_out(ink, [i for i in inks if i is not ink], rng))
            lines.groups.append(font.stem)
    return lines


def read(
    model: Any,
    processor: Any,
    images: Sequence[np.ndarray],
    batch: int,
    beams: int,
) -> list[str]:
    """Readings of gray crops (H, W), each padded to ASPECT as in training; greedy for one beam."""
    texts: list[str] = []
    for start in range(0, len(images), batch):
        padded = [
            Image.fromarray(pad_to_aspect(image, ASPECT)).convert("RGB")
            for image in images[start : start + batch]
        ]
        pixels = processor(images=padded, return_tensors="pt").pixel_values
        with torch.inference_mode():
            tokens = model.generate(pixels.to(model.device), num_beams=beams, do_sample=False)
        texts += processor.batch_decode(tokens, skip_special_tokens=True)
    return texts


def cer(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Character error rate over all lines; case and punctuation count."""
    return float(jiwer.cer(list(references), list(hypotheses)))


def misspellings(
    references: Sequence[str], hypotheses: Sequence[str], misspelt: Sequence[dict[int, str]]
) -> dict[str, float]:
    """Of the misspelt words (index -> right spelling): shares kept as written, and corrected."""
    outcome = {"kept": 0, "corrected": 0, "misread": 0}
    for reference, hypothesis, originals in zip(references, hypotheses, misspelt, strict=True):
        written, heard = reference.split(), hypothesis.split()
        facing: dict[int, str] = {}
        for chunk in jiwer.process_words(reference, hypothesis).alignments[0]:
            span = min(
                chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx
            )
            for k in range(span):
                facing[chunk.ref_start_idx + k] = heard[chunk.hyp_start_idx + k]
        for index, right in originals.items():
            word = facing.get(index, "")
            fate = {written[index]: "kept", right: "corrected"}.get(word, "misread")
            outcome[fate] += 1
    total = max(1, sum(outcome.values()))
    return {"misspelt_words": sum(outcome.values())} | {
        fate: round(count / total, 4) for fate, count in outcome.items()
    }


def evaluate(
    checkpoint: Path, lines: Lines, batch: int, beams: int, device: str
) -> dict[str, object]:
    """CER in all and by group, lines a second, and what became of the misspelt words."""
    processor, model = load(checkpoint)
    model = model.to(device).eval()
    started = time.perf_counter()
    hypotheses = read(model, processor, [example.image for example in lines.examples], batch, beams)
    seconds = time.perf_counter() - started
    references = [example.text for example in lines.examples]
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for group, reference, hypothesis in zip(lines.groups, references, hypotheses, strict=True):
        groups[group][0].append(reference)
        groups[group][1].append(hypothesis)
    result: dict[str, object] = {
        "lines": len(references),
        "cer": round(cer(references, hypotheses), 4),
        "lines_per_second": round(len(references) / seconds, 1),
        "cer_by_group": {name: round(cer(*pair), 4) for name, pair in sorted(groups.items())},
    }
    if any(lines.misspelt):
        result |= misspellings(references, hypotheses, lines.misspelt)
    return result


def main() -> None:
    """Run from the command line; prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--lines", type=Path, help="TSV with the columns image and text")
    source.add_argument("--fonts", choices=["train", "held_out"], help="render lines")
    source.add_argument("--misspelt", action="store_true", help="render misspelt held-out lines")
    parser.add_argument("--augmented", action="store_true", help="writers as varied as in training")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    try:
        if given.lines:
            lines = read_lines(given.lines)
        else:
            split: Split = given.fonts or "held_out"
            lines = render_lines(split, given.count, given.misspelt, given.augmented, given.seed)
        print(
            json.dumps(
                evaluate(given.checkpoint, lines, given.batch, given.beams, given.device), indent=1
            )
        )
    except (LinesError, FontError, CheckpointError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
