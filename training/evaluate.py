"""How well a checkpoint reads lines: CER, what became of misspelt words, speed.

`python -m training.evaluate (--lines TSV | --fonts SPLIT | --misspelt) [override ...]`: it reads
with the pipeline's own reader and the settings of conf/, which overrides change, as in
`recognize.checkpoint=FOLDER`.
"""

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import jiwer
import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

from stages.config.composition import load
from stages.errors import UserError
from stages.pages.scans import Pixels
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.reader import Reader
from stages.running.runner import run_command
from training.crop import cut_out, write
from training.fonts import Split, font_paths
from training.hand import Hand
from training.settings import natural, positive
from training.text import Line, misspelt_line, sample_line

LINES_PER_HAND = 4


@dataclass(frozen=True)
class Lines:
    """Lines to read: RGB crops, their texts, the group of each (writer or font), misspelt words."""

    crops: list[Pixels]
    texts: list[str]
    groups: list[str]
    misspelt: list[dict[int, str]]


def read_lines(table: Path) -> Lines:
    """Crops listed in a TSV with the columns `image` (relative to it), `text`, and maybe `writer`.

    Raises:
        UserError: the file, a column, a cell or an image is missing, or it is no UTF-8.
    """
    if not table.is_file():
        raise UserError(f"{table}: no such file")
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except UnicodeDecodeError:
        raise UserError(f"{table}: is no UTF-8; save it as UTF-8") from None
    if not rows or not {"image", "text"} <= rows[0].keys():
        raise UserError(f"{table}: needs the tab-separated columns `image` and `text`")
    crops = []
    for number, row in enumerate(rows, 1):
        if not (row["image"] and row["text"]):
            raise UserError(f"{table}: row {number} needs an image and a text")
        image = cv2.imread(str(table.parent / row["image"]), cv2.IMREAD_COLOR_RGB)
        if image is None:
            raise UserError(f"{table}: {row['image']} cannot be read as an image")
        crops.append(np.asarray(image, np.uint8))
    writers = [row.get("writer") or "" for row in rows]
    return Lines(crops, [row["text"] for row in rows], writers, [{} for _ in rows])


def render_lines(split: Split, count: int, misspelt: bool, augmented: bool, seed: int) -> Lines:
    """Lines in a split's fonts, about as many of each; the same for the same arguments.

    Args:
        split: which fonts.
        count: how many lines.
        misspelt: every line holds misspelt words, and none is struck out.
        augmented: writers as varied as in training; else the plain font with a mean pen.
        seed: of text, writers and pages.
    """
    fonts = font_paths(split)
    lines = Lines([], [], [], [])
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
            example = cut_out(ink, [i for i in inks if i is not ink], rng)
            lines.crops.append(np.repeat(example.image[..., None], 3, axis=2))
            lines.texts.append(example.text)
            lines.groups.append(font.stem)
    kept = slice(count)
    return Lines(lines.crops[kept], lines.texts[kept], lines.groups[kept], lines.misspelt[kept])


def cer(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Character error rate over all lines; case and punctuation count."""
    return float(jiwer.cer(list(references), list(hypotheses)))


def facing_words(reference: str, hypothesis: str) -> dict[int, str]:
    """The word that stands for each word of the reference, by its index, where there is one."""
    heard = hypothesis.split()
    facing: dict[int, str] = {}
    for chunk in jiwer.process_words(reference, hypothesis).alignments[0]:
        span = min(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
        for k in range(span):
            facing[chunk.ref_start_idx + k] = heard[chunk.hyp_start_idx + k]
    return facing


def nearer(word: str, one: str, other: str) -> bool:
    """Whether a word is nearer to one word than to another."""
    return Levenshtein.distance(word, one) < Levenshtein.distance(word, other)


def misspellings(
    references: Sequence[str], hypotheses: Sequence[str], misspelt: Sequence[dict[int, str]]
) -> dict[str, float]:
    """Of the misspelt words (index -> right spelling): shares kept as written, and corrected.

    `error_kept` is the share whose reading, right or not in its other letters, is nearer to what
    was written than to the right spelling, by Levenshtein distance.
    """
    outcome = {"kept": 0, "corrected": 0, "misread": 0}
    errors = 0
    for reference, hypothesis, originals in zip(references, hypotheses, misspelt, strict=True):
        written, facing = reference.split(), facing_words(reference, hypothesis)
        for index, right in originals.items():
            word = facing.get(index, "")
            fate = {written[index]: "kept", right: "corrected"}.get(word, "misread")
            outcome[fate] += 1
            errors += bool(word) and nearer(word, written[index], right)
    total = max(1, sum(outcome.values()))
    return {"misspelt_words": sum(outcome.values())} | {
        fate: round(count / total, 4) for fate, count in [*outcome.items(), ("error_kept", errors)]
    }


def evaluate(reader: Reader, lines: Lines) -> dict[str, object]:
    """CER in all and by group, lines a second, and what became of the misspelt words."""
    started = time.perf_counter()
    hypotheses = [ranked[0].text for ranked in reader.read(lines.crops)]
    seconds = time.perf_counter() - started
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for group, reference, hypothesis in zip(lines.groups, lines.texts, hypotheses, strict=True):
        groups[group][0].append(reference)
        groups[group][1].append(hypothesis)
    result: dict[str, object] = {
        "lines": len(lines.texts),
        "cer": round(cer(lines.texts, hypotheses), 4),
        "lines_per_second": round(len(lines.texts) / seconds, 1),
        "cer_by_group": {name: round(cer(*pair), 4) for name, pair in sorted(groups.items())},
    }
    if any(lines.misspelt):
        result |= misspellings(lines.texts, hypotheses, lines.misspelt)
    return result


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--lines", type=Path, help="TSV with the columns image and text")
    source.add_argument("--fonts", choices=["train", "held_out"], help="render lines")
    source.add_argument("--misspelt", action="store_true", help="render misspelt held-out lines")
    parser.add_argument("--augmented", action="store_true", help="writers as varied as in training")
    parser.add_argument("--count", type=positive, default=400)
    parser.add_argument("--seed", type=natural, default=7)
    parser.add_argument("--threads", type=positive, default=1)
    parser.add_argument("overrides", nargs="*", help="Hydra overrides, as recognize.num_beams=1")
    return parser.parse_args()


def main() -> None:
    """Run from the command line; prints one JSON object."""
    given = parse()
    settings = load([*given.overrides, "recognize.n_best=1"]).recognize
    torch.set_num_threads(given.threads)
    if given.lines:
        lines = read_lines(given.lines)
    else:
        split: Split = given.fonts or "held_out"
        lines = render_lines(split, given.count, given.misspelt, given.augmented, given.seed)
    reader = Reader(load_checkpoint(settings), settings)
    print(json.dumps(evaluate(reader, lines), indent=1))


if __name__ == "__main__":
    run_command("training.evaluate", main)
