"""Train the embedded recogniser on rendered lines; stop it at any moment, and it resumes.

`python -m training.train --name NAME --init FOLDER --export FOLDER --minutes 120`
"""

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stages.errors import UserError
from stages.running.runner import run_command
from training.batches import Batches, labels, loader, normalise
from training.fonts import font_paths
from training.model import Recogniser, export, load, new_model
from training.precision import autocast
from training.settings import Settings, learning_rate, parse, progress

STATES = Path(".cache/training")
LOG_EVERY = 25
# A fresh CTC head on a trained encoder must catch up within the warm-up.
HEAD_FACTOR = 4.0


def optimizers(recogniser: Recogniser, settings: Settings) -> list[torch.optim.Optimizer]:
    """AdamW; or Muon (Jordan et al., 2024) for the layers' matrices and AdamW for the rest."""
    matrices: list[Tensor] = []
    others: list[Tensor] = []
    for name, parameter in recogniser.model.named_parameters():
        if parameter.requires_grad:
            hidden = parameter.ndim == 2 and "layer" in name and "embed" not in name
            (matrices if hidden and settings.optimizer == "muon" else others).append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": others},
        {"params": list(recogniser.head.parameters()), "factor": HEAD_FACTOR},
    ]
    chosen: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
    ]
    if matrices:
        chosen.append(
            torch.optim.Muon(
                matrices, lr=settings.rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
            )
        )
    return chosen


class Run:
    """A training run in progress: model, optimizers, and how far it has come."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = STATES / settings.name
        torch.manual_seed(settings.seed)
        self.processor, model = load(settings.init)
        if settings.fresh:
            model = new_model(self.processor)
        self.recogniser = Recogniser(model).to(settings.device)
        self.optimizers = optimizers(self.recogniser, settings)
        self.step = 0
        self.seconds = 0.0
        if (self.folder / "state.pt").exists():
            self._resume()

    @property
    def lines(self) -> int:
        """Lines seen so far."""
        return self.step * self.settings.batch

    def _resume(self) -> None:
        path = self.folder / "state.pt"
        try:
            state = torch.load(path, map_location=self.settings.device, weights_only=True)
        except Exception as error:  # a broken file can raise anything
            reason = str(error).partition("\n")[0][:200] or type(error).__name__
            raise UserError(
                f"{path}: refused, not a training state ({reason}); move it away to start anew"
            ) from None
        given = self._given()
        changed = [key for key in given if key in state and state[key] != given[key]]
        if changed:
            raise UserError(
                f"{path}: was trained with another {', '.join(changed)}: "
                "give the same again, or another --name"
            )
        try:
            self.recogniser.load_state_dict(state["model"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
            self.step, self.seconds = state["step"], state["seconds"]
        except (KeyError, RuntimeError, TypeError, ValueError):
            raise UserError(
                f"{path}: is of another model or optimizer; move it away to start anew, or give"
                " another --name"
            ) from None

    def _given(self) -> dict[str, Any]:
        """The settings that a run keeps from its beginning to its end."""
        settings = self.settings
        kept = {name: getattr(settings, name) for name in ("batch", "seed", "optimizer", "fresh")}
        return kept | {"init": str(settings.init)}

    def save(self) -> None:
        """Write state and exported checkpoint, each whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state: dict[str, Any] = {
            "model": self.recogniser.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
            **self._given(),
        }
        partial = self.folder / "state.part"
        torch.save(state, partial)
        partial.replace(self.folder / "state.pt")
        export(self.recogniser.model, self.processor, self.settings.export)

    def train_step(self, pixels: Tensor, targets: Tensor) -> tuple[float, float, float]:
        """One update; returns cross-entropy, CTC loss and the learning rate."""
        # A resumed run draws what an uninterrupted one would have drawn.
        drawn = np.random.SeedSequence((self.settings.seed, self.step)).generate_state(1)
        torch.manual_seed(int(drawn[0]))
        rate = learning_rate(
            self.settings, self.step, progress(self.settings, self.lines, self.seconds)
        )
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * group.get("factor", 1.0)
            optimizer.zero_grad(set_to_none=True)
        device = self.settings.device
        with autocast(device):
            cross_entropy, ctc = self.recogniser.losses(
                normalise(pixels.to(device)), targets.to(device), self.step < self.settings.warmup
            )
        loss = cross_entropy + self.settings.ctc_weight * ctc
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.recogniser.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        return float(cross_entropy.detach()), float(ctc.detach()), rate


class Log:
    """Mean losses, a JSON line every LOG_EVERY steps."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._restart()

    def _restart(self) -> None:
        self.count = 0
        self.sums = [0.0, 0.0]
        self.since = time.monotonic()

    def add(self, run: Run, cross_entropy: float, ctc: float, rate: float) -> None:
        """Count one step; write where a line is due."""
        self.count += 1
        self.sums[0] += cross_entropy
        self.sums[1] += ctc
        if run.step % LOG_EVERY:
            return
        record = {
            "step": run.step,
            "lines": run.lines,
            "cross_entropy": round(self.sums[0] / self.count, 4),
            "ctc": round(self.sums[1] / self.count, 4),
            "learning_rate": round(rate, 7),
            "lines_per_second": round(
                self.count * run.settings.batch / (time.monotonic() - self.since), 1
            ),
            "minutes": round(run.seconds / 60, 1),
        }
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")
        self._restart()


def size(processor: Any) -> tuple[int, int]:
    """Height and width of the images that the processor makes."""
    shape = processor.image_processor.size
    return int(shape["height"]), int(shape["width"])


def train(settings: Settings, stop_after: int | None = None) -> None:
    """Train until the budget is spent, or a signal or `stop_after` steps stop it; then save.

    Raises:
        UserError: fonts are missing, the start checkpoint cannot be read, or the saved state
            does not fit.
    """
    fonts = font_paths("train")
    torch.set_num_threads(settings.threads)
    run = Run(settings)
    height, width = size(run.processor)
    batches = Batches(tuple(fonts), settings.batch, height, width, settings.seed)
    stopped: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopped.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    log = Log(run.folder / "log.jsonl")
    saved = last = time.monotonic()
    final = run.step + stop_after if stop_after is not None else sys.maxsize
    for pixels, texts in loader(batches, run.step, 10**9, settings.workers):
        spent = progress(settings, run.lines, run.seconds)
        if stopped or spent >= 1 or run.step >= final:
            break
        losses = run.train_step(pixels, labels(texts, run.processor.tokenizer))
        now = time.monotonic()
        run.seconds += now - last
        last = now
        log.add(run, *losses)
        if now - saved > 60 * settings.save_minutes:
            run.save()
            saved = time.monotonic()
    run.save()
    for number, handler in before.items():
        signal.signal(number, handler)


if __name__ == "__main__":
    run_command("training.train", lambda: train(parse()))
