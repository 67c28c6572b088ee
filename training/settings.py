"""What a training run is told, and how its learning rate goes."""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import torch

from stages.errors import first_line
from training.precision import has_bfloat16


@dataclass(frozen=True)
class Settings:
    """What a run is; `minutes` and `lines` may grow when it is resumed.

    Attributes:
        name: its state lies in .cache/training/<name>/.
        init: checkpoint folder to start from; its processor is used in any case.
        fresh: start from random weights instead of the folder's.
        export: folder for the checkpoint in HF layout.
        minutes: training time until the learning rate is zero (None: no limit).
        lines: the same in lines.
        optimizer: for the layers' matrices; Muon's steps are bfloat16 inside.
        save_minutes: time between saved states.
        workers: rendering processes.
    """

    name: str
    init: Path
    export: Path
    fresh: bool = False
    minutes: float | None = None
    lines: int | None = None
    batch: int = 32
    optimizer: str = "muon"
    rate: float = 8e-4
    warmup: int = 200
    ctc_weight: float = 0.5
    seed: int = 1
    threads: int = 1
    workers: int = 1
    save_minutes: float = 5.0
    device: str = "cpu"


def progress(settings: Settings, lines: int, seconds: float) -> float:
    """The part of the budget that is spent, in [0, 1]: of time or lines, whichever is more."""
    parts = [0.0]
    if settings.lines is not None:
        parts.append(lines / settings.lines)
    if settings.minutes is not None:
        parts.append(seconds / (60 * settings.minutes))
    return min(1.0, max(parts))


def learning_rate(settings: Settings, step: int, spent: float) -> float:
    """Linear warm-up over `warmup` steps, then linear decay to zero at the budget's end."""
    return settings.rate * min(1.0, (step + 1) / max(1, settings.warmup)) * (1 - spent)


def positive(text: str) -> int:
    """A number from 1 on the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: give a number from 1")
    return value


def natural(text: str) -> int:
    """A number from 0 on the command line."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text}: give a number from 0")
    return value


def above_zero(text: str) -> float:
    """A finite number above 0 on the command line."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text}: give a number above 0")
    return value


def weight(text: str) -> float:
    """A finite number from 0 on the command line."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text}: give a number from 0")
    return value


def device(text: str) -> str:
    """A device of torch's that is here, on the command line."""
    try:
        torch.empty(0, device=text)
    except (RuntimeError, AssertionError) as error:
        raise argparse.ArgumentTypeError(f"{text}: {first_line(error)}") from None
    return text


def parse(arguments: list[str] | None = None) -> Settings:
    """Settings from the command line."""
    parser = argparse.ArgumentParser(description="Train the recogniser on rendered lines.")
    parser.add_argument("--name", required=True)
    parser.add_argument("--init", type=Path, required=True)
    parser.add_argument("--export", type=Path, required=True)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--minutes", type=above_zero)
    parser.add_argument("--lines", type=positive)
    parser.add_argument("--batch", type=positive, default=32)
    parser.add_argument(
        "--optimizer",
        choices=["muon", "adamw"],
        help="without it muon, or adamw on a CPU that has no bfloat16",
    )
    parser.add_argument("--rate", type=above_zero, default=8e-4)
    parser.add_argument("--warmup", type=natural, default=200)
    parser.add_argument("--ctc-weight", type=weight, default=0.5)
    parser.add_argument("--seed", type=natural, default=1)
    parser.add_argument("--threads", type=positive, default=1)
    parser.add_argument("--workers", type=positive, default=1)
    parser.add_argument("--save-minutes", type=above_zero, default=5.0)
    default = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", type=device, default=default)
    given = parser.parse_args(arguments)
    given.optimizer = given.optimizer or ("muon" if has_bfloat16(given.device) else "adamw")
    return Settings(**vars(given))
