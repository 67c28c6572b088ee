"""python -m bench.reading: lines a second against one line at a time, and where the time goes.

Reads the crops in data/lines (`dvc repro` makes them) in three ways, in turns: one line at a time,
as the notebook did, by transformers' own `generate`; in batches in one process; and side by side
as stage recognize does; every crop once, however sure it is. Then, in one process and thread, says
what share of the time goes where, how many floating-point operations that is, and how near it
comes to large matrix products timed in the same run, in the checkpoint's dtype and in bfloat16.
With another dtype than float32 it also says how many texts float32 reads otherwise.
`--random-large` takes random weights of trocr_large's size in place of a checkpoint, for timing on
a GPU.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    TrOCRConfig,
    TrOCRForCausalLM,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)

from stages.config.composition import load
from stages.config.settings import RecognizeSettings
from stages.pages.scans import Pixels, read_rgb
from stages.pages.stored import LINES
from stages.recognize import search
from stages.recognize.attention import share_crops
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.prepare import prepare
from stages.recognize.reader import Reader
from stages.running.workers import worker_count

MATRIX = 2048
WIDTHS = {"large": (1024, 24, 12, 50265), "tiny": (32, 2, 2, 98)}


def random_checkpoint(like: Checkpoint, size: str) -> Checkpoint:
    """Random weights with the embedded checkpoint's processor, at 384 x 384 pixels.

    Args:
        size: `large`, the widths and depths of microsoft/trocr-large-handwritten, or `tiny`.
    """
    width, encoder_layers, decoder_layers, vocabulary = WIDTHS[size]
    torch.manual_seed(1)
    encoder = ViTConfig(
        image_size=384,
        hidden_size=width,
        num_hidden_layers=encoder_layers,
        num_attention_heads=max(2, width // 64),
        intermediate_size=4 * width,
    )
    decoder = TrOCRConfig(
        vocab_size=vocabulary,
        d_model=width,
        decoder_layers=decoder_layers,
        decoder_attention_heads=max(2, width // 64),
        decoder_ffn_dim=4 * width,
        cross_attention_hidden_size=width,
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    model: Any = VisionEncoderDecoderModel(config, decoder=TrOCRForCausalLM(decoder))
    ids = like.model.generation_config
    for name in ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id"):
        setattr(model.generation_config, name, getattr(ids, name))
    model = model.to(like.device, like.dtype).eval()
    share_crops(model)
    like.processor.image_processor.size = {"height": 384, "width": 384}
    identity = replace(like.identity, name=f"random-{size}", digest=f"random-{size}")
    return replace(like, model=model, identity=identity)


@torch.inference_mode()
def read_singly(
    checkpoint: Checkpoint, crops: Sequence[Pixels], settings: RecognizeSettings
) -> list[str]:
    """The notebook's way: a line at a time, by transformers' own beam search; the texts."""
    texts = []
    for crop in crops:
        image = prepare(crop, settings)
        pixels = checkpoint.processor(images=image, return_tensors="pt").pixel_values
        ids = checkpoint.model.generate(
            pixels.to(checkpoint.device, checkpoint.dtype),
            num_beams=settings.num_beams,
            length_penalty=settings.length_penalty,
            early_stopping=settings.early_stopping,
            no_repeat_ngram_size=settings.no_repeat_ngram_size,
            max_new_tokens=settings.max_new_tokens,
            max_length=None,
            use_cache=True,
        )
        text = checkpoint.processor.batch_decode(ids, skip_special_tokens=True)[0]
        texts.append(" ".join(text.split()))
    return texts


def seconds(device: torch.device, work: Callable[[], object]) -> float:
    """Wall seconds of the work, until the device has done it."""
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def peak(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of a product of two large matrices, the best of five."""
    size = MATRIX if device.type == "cpu" else 4 * MATRIX
    a, b = (torch.rand(size, size, device=device).to(dtype) for _ in range(2))
    best = min(seconds(device, lambda: a @ b) for _ in range(6))
    return 2 * size**3 / best


def compare(
    checkpoint: Checkpoint, crops: Sequence[Pixels], settings: RecognizeSettings, rounds: int
) -> None:
    """Print lines a second of each way and the median of the ratios, round by round."""
    processes = worker_count() if checkpoint.device.type == "cpu" else 1
    batched = Reader(checkpoint, settings)
    ways: dict[str, Callable[[], list[str]]] = {
        "one line at a time": lambda: read_singly(checkpoint, crops, settings),
        "batches, one process": lambda: [found[0].text for found in batched.read(crops)],
    }
    if processes > 1:
        side_by_side = Reader(checkpoint, settings, processes)
        name = f"batches, {processes} processes"
        ways[name] = lambda: [found[0].text for found in side_by_side.read(crops)]
    read: dict[str, list[str]] = {}
    took: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, way in ways.items():
            took[name].append(seconds(checkpoint.device, lambda n=name, w=way: _keep(read, n, w)))  # type: ignore[misc]
    first = "one line at a time"
    print("| way | lines a second | times one line at a time | texts that differ |")
    print("|---|--:|--:|--:|")
    for name, values in took.items():
        ratio = median(one / value for one, value in zip(took[first], values, strict=True))
        other = sum(a != b for a, b in zip(read[first], read[name], strict=True))
        print(f"| {name} | {len(crops) / median(values):.1f} | {ratio:.1f} | {other} |")


def _keep(read: dict[str, list[str]], name: str, way: Callable[[], list[str]]) -> None:
    read[name] = way()


@contextmanager
def watched(checkpoint: Checkpoint) -> Iterator[dict[str, float]]:
    """Seconds spent in each part of a reading, by its name."""
    took: dict[str, float] = defaultdict(float)
    model, device = checkpoint.model, checkpoint.device
    places = [
        (search, "prepare", "prepare: colours, padding"),
        (checkpoint.processor.image_processor, "preprocess", "prepare: resize, normalise"),
        (model.encoder, "forward", "encoder"),
        (model.decoder, "forward", "decoder"),
        (model, "generate", "generate"),
    ]
    before = [getattr(owner, name) for owner, name, _ in places]

    def timed(call: Any, label: str) -> Any:
        def run(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            found = call(*given, **named)
            if device.type == "cuda":
                torch.cuda.synchronize()
            took[label] += time.perf_counter() - started
            return found

        return run

    for (owner, name, label), call in zip(places, before, strict=True):
        setattr(owner, name, timed(call, label))
    try:
        yield took
    finally:
        for (owner, name, _), call in zip(places, before, strict=True):
            setattr(owner, name, call)


def profile(checkpoint: Checkpoint, crops: Sequence[Pixels], settings: RecognizeSettings) -> None:
    """Print where the time of a reading in batches goes, and how near it comes to the peak."""
    reader = Reader(checkpoint, settings)
    with watched(checkpoint) as took:
        whole = seconds(checkpoint.device, lambda: reader.read(crops))
    took["search: beams, copies"] = took.pop("generate") - took["decoder"]
    took["texts and alternatives"] = whole - sum(took.values())
    print("\n| part | ms a line | share |\n|---|--:|--:|")
    for label, value in took.items():
        print(f"| {label} | {1000 * value / len(crops):.1f} | {value / whole:.0%} |")
    with FlopCounterMode(display=False) as counter:
        reader.read(crops)
    reached = counter.get_total_flops() / whole
    print(f"\n{counter.get_total_flops() / len(crops) / 1e9:.2f} GFLOP a line")
    for dtype in dict.fromkeys((checkpoint.dtype, torch.bfloat16)):
        most = peak(checkpoint.device, dtype)
        print(
            f"{reached / 1e9:.1f} GFLOP/s: {reached / most:.1%} of the {most / 1e9:.0f} GFLOP/s "
            f"of a matrix product in {str(dtype).removeprefix('torch.')}"
        )


def count_differing(
    checkpoint: Checkpoint, crops: Sequence[Pixels], settings: RecognizeSettings
) -> None:
    """Print how many texts differ from those in float32."""
    wide = settings.model_copy(update={"dtype": "float32"})
    exact = Reader(load_checkpoint(wide), wide).read(crops)
    found = Reader(checkpoint, settings).read(crops)
    differing = sum(a[0].text != b[0].text for a, b in zip(exact, found, strict=True))
    print(f"\n{differing} of {len(crops)} texts differ from those in float32")


def main() -> None:
    """Print the comparison, then the profile."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("overrides", nargs="*", help="Hydra overrides, e.g. recognize.num_beams=4")
    parser.add_argument("--lines", type=int, default=10**6, help="at most so many crops")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--random-large", action="store_true")
    parser.add_argument("--random-tiny", action="store_true", help="to try the command")
    arguments = parser.parse_intermixed_args()
    once = ["recognize.num_beams=8", "recognize.slants=[]"]
    settings = load([*once, *arguments.overrides]).recognize
    paths = sorted(Path(LINES).glob("*/*.png"))
    if not paths:
        sys.exit(f"bench: {LINES}: holds no line crops; run `dvc repro`")
    step = max(1, len(paths) // arguments.lines)
    crops = [read_rgb(path) for path in paths[::step]]
    checkpoint = load_checkpoint(settings)
    if arguments.random_large or arguments.random_tiny:
        size = "large" if arguments.random_large else "tiny"
        checkpoint = random_checkpoint(checkpoint, size)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    print(
        f"{len(crops)} crops, {settings.num_beams} beams, {checkpoint.identity.name}, "
        f"{checkpoint.dtype}, {checkpoint.device}, {torch.get_num_threads()} threads\n"
    )
    compare(checkpoint, crops, settings, arguments.rounds)
    if checkpoint.dtype != torch.float32 and not checkpoint.identity.name.startswith("random"):
        count_differing(checkpoint, crops, settings)
    torch.set_num_threads(1)
    profile(checkpoint, crops, settings)


if __name__ == "__main__":
    main()
