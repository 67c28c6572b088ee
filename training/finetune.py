"""Fine-tune a checkpoint on the project's own transcribed pages; some pages are held out to test.

`python -m training.finetune --out models/NAME [override ...]` after `dvc repro`: the checkpoint and
how it reads are recognize's settings, as `recognize=trocr_small` or `recognize.num_beams=8` change
them. The new checkpoint is used by `dvc exp run -S recognize.checkpoint=models/NAME`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import torch
from pydantic import TypeAdapter
from tqdm import tqdm

from stages.config.composition import load
from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.evaluate.normalise import normalise
from stages.folders import new_folder
from stages.pages.trained import FINETUNE, TrainedPage, trained_on
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.prepare import prepare
from stages.recognize.reader import Reader
from stages.running.runner import run_command
from training.augment import augment
from training.batches import labels
from training.model import export
from training.pairs import Pair, layout_of, pairs_by_page, split
from training.precision import autocast
from training.settings import above_zero, natural, positive

WARMUP = 0.1


@dataclass(frozen=True)
class Plan:
    """How a checkpoint is trained.

    Attributes:
        held_out: share of the pages that test it.
        epochs: how often each line is seen.
        batch: lines a step.
        rate: the highest learning rate.
        seed: of the split, the order and the augmentation.
    """

    held_out: float = 0.25
    epochs: int = 10
    batch: int = 8
    rate: float = 5e-5
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of it: finetune.json beside the new checkpoint.

    Attributes:
        base: the checkpoint that was trained further.
        pages: those whose lines trained it.
        trained_on: these and those that the base was trained on.
        lines_left_out: of `pages`, as the checkpoint cannot write them.
    """

    base: str
    plan: Plan
    pages: list[str]
    trained_on: list[TrainedPage]
    held_out_pages: list[str]
    lines: int
    lines_left_out: int
    held_out_lines: int
    cer_before: float
    cer_after: float
    held_out_cer_before: float
    held_out_cer_after: float


def readable(pairs: Sequence[Pair], tokenizer: Any, longest: int) -> list[Pair]:
    """The pairs whose text the tokenizer can write in at most `longest` tokens with the end token.

    A text with an unknown character would teach the model to write the unknown token.
    """
    kept = []
    for pair in pairs:
        ids = tokenizer(pair.text, add_special_tokens=False).input_ids
        if len(ids) < longest and tokenizer.unk_token_id not in ids:
            kept.append(pair)
    return kept


def cer(checkpoint: Checkpoint, settings: RecognizeSettings, pairs: Sequence[Pair]) -> float:
    """Character error rate of the best readings, pooled over all lines; every character counts."""
    reader = Reader(checkpoint, settings)
    ranked = reader.read([pair.crop for pair in pairs])
    readings = [normalise(hypotheses[0].text) for hypotheses in ranked]
    return round(float(jiwer.cer([pair.text for pair in pairs], readings)), 4)


def train(
    checkpoint: Checkpoint, settings: RecognizeSettings, pairs: Sequence[Pair], plan: Plan
) -> None:
    """Train the checkpoint's model in place, with AdamW, on augmented crops.

    The learning rate rises over the first tenth of the steps and then falls to zero.
    """
    model, processor = checkpoint.model, checkpoint.processor
    # The published configs name these tokens for generation only; training shifts labels by them.
    for name in ("pad_token_id", "decoder_start_token_id"):
        setattr(model.config, name, getattr(model.generation_config, name))
    rng = np.random.default_rng(plan.seed)
    torch.manual_seed(plan.seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01)
    steps = plan.epochs * -(-len(pairs) // plan.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / max(1.0, WARMUP * steps), 1 - step / steps),
    )
    model.train()
    for _ in tqdm(range(plan.epochs), desc="fine-tune", unit="epoch", disable=None):
        order = rng.permutation(len(pairs))
        for start in range(0, len(pairs), plan.batch):
            chosen = [pairs[k] for k in order[start : start + plan.batch]]
            crops = [prepare(augment(pair.crop, rng), settings) for pair in chosen]
            pixels = processor(images=crops, return_tensors="pt").pixel_values
            targets = labels([pair.text for pair in chosen], processor.tokenizer)
            with autocast(str(checkpoint.device)):
                loss = model(
                    pixel_values=pixels.to(checkpoint.device),
                    labels=targets.to(checkpoint.device),
                ).loss
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    model.eval()


def finetune(out: Path, plan: Plan, overrides: Sequence[str]) -> Outcome:
    """Train, write the new checkpoint to `out`, and tell the CER before and after.

    Pages of which no line could be paired neither train nor test.

    Raises:
        UserError: `out` exists or cannot be written, the pipeline has not run, or there are too few
            pages with pairs.
    """
    with new_folder(out) as folder:
        checkpoint, outcome = _trained(plan, overrides)
        export(checkpoint.model, checkpoint.processor, folder)
        told = TypeAdapter(Outcome).dump_json(outcome, indent=1)
        (folder / FINETUNE).write_bytes(told + b"\n")
    return outcome


def _trained(plan: Plan, overrides: Sequence[str]) -> tuple[Checkpoint, Outcome]:
    settings = load(overrides).recognize
    settings = settings.model_copy(update={"dtype": "float32", "n_best": 1})
    found = {page: pairs for page, pairs in pairs_by_page().items() if pairs}
    before_this = trained_on(settings.checkpoint)
    scans = {page: TrainedPage.of(layout_of(page)) for page in found}
    seen = [page for page, own in scans.items() if any(t.shows(own) for t in before_this)]
    pages, held_out_pages = split(list(found), plan.held_out, plan.seed, seen)
    every = [pair for page in pages for pair in found[page]]
    checkpoint = load_checkpoint(settings)
    pairs = readable(every, checkpoint.processor.tokenizer, settings.max_new_tokens)
    held_out = [pair for page in held_out_pages for pair in found[page]]
    if not pairs:
        raise UserError(f"{', '.join(pages)}: no line that {settings.checkpoint} can write")
    before = cer(checkpoint, settings, pairs), cer(checkpoint, settings, held_out)
    train(checkpoint, settings, pairs, plan)
    after = cer(checkpoint, settings, pairs), cer(checkpoint, settings, held_out)
    outcome = Outcome(
        base=checkpoint.identity.name,
        plan=plan,
        pages=pages,
        trained_on=[*before_this, *(scans[page] for page in pages if page not in seen)],
        held_out_pages=held_out_pages,
        lines=len(pairs),
        lines_left_out=len(every) - len(pairs),
        held_out_lines=len(held_out),
        cer_before=before[0],
        cer_after=after[0],
        held_out_cer_before=before[1],
        held_out_cer_after=after[1],
    )
    return checkpoint, outcome


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text}: give a number between 0 and 1")
    return value


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("models/finetuned"), help="new folder")
    parser.add_argument("--held-out", type=_share, default=Plan.held_out, help="share of the pages")
    parser.add_argument("--epochs", type=positive, default=Plan.epochs)
    parser.add_argument("--batch", type=positive, default=Plan.batch)
    parser.add_argument("--rate", type=above_zero, default=Plan.rate)
    parser.add_argument("--seed", type=natural, default=Plan.seed)
    parser.add_argument("overrides", nargs="*", help="Hydra overrides, as recognize=trocr_small")
    return parser.parse_args()


def main() -> None:
    """Run from the command line; prints what changed, and how to use it."""
    given = parse()
    plan = Plan(given.held_out, given.epochs, given.batch, given.rate, given.seed)
    outcome = finetune(given.out, plan, given.overrides)
    print(
        f"{outcome.lines} lines of {len(outcome.pages)} pages: "
        f"CER {outcome.cer_before:.1%} before, {outcome.cer_after:.1%} after\n"
        f"{outcome.held_out_lines} held-out lines of {', '.join(outcome.held_out_pages)}: "
        f"CER {outcome.held_out_cer_before:.1%} before, {outcome.held_out_cer_after:.1%} after"
    )
    if outcome.lines_left_out:
        print(f"{outcome.lines_left_out} lines hold what the checkpoint cannot write: left out")
    read_as = [one for one in given.overrides if not one.startswith("recognize.checkpoint=")]
    settings = [*read_as, f"recognize.checkpoint={given.out}"]
    use = " ".join(["dvc exp run", *(f"-S {setting}" for setting in settings)])
    if outcome.held_out_cer_after < outcome.held_out_cer_before:
        print(f"Use it: {use}")
    else:
        print("The held-out pages are read no better: better keep the checkpoint you have.")
        print(f"To try it all the same: {use}")
    print(
        "The pages it was trained on say little of others: scores and comparisons tell them apart."
    )


if __name__ == "__main__":
    run_command("training.finetune", main)
