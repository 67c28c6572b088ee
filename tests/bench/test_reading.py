import re

import numpy as np
import pytest
import torch

from bench.reading import compare, count_differing, profile, random_checkpoint, read_singly
from stages.config.composition import load
from stages.config.settings import RecognizeSettings
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.reader import Reader
from tests.recognize.drawing import WORDS, draw_line

CROPS = [np.asarray(draw_line(word)) for word in WORDS[:3]]


@pytest.fixture
def settings() -> RecognizeSettings:
    wanted = {"slants": [], "num_beams": 3, "n_best": 2, "max_new_tokens": 5, "device": "cpu"}
    return load(["recognize=embedded"]).recognize.model_copy(update=wanted)


@pytest.fixture
def random(settings: RecognizeSettings) -> Checkpoint:
    return random_checkpoint(load_checkpoint(settings), "tiny")


def test_one_line_at_a_time_reads_the_same(settings: RecognizeSettings) -> None:
    checkpoint = load_checkpoint(settings)
    batched = [found[0].text for found in Reader(checkpoint, settings).read(CROPS)]
    assert read_singly(checkpoint, CROPS, settings) == batched
    assert any(batched)


def test_random_weights_are_compared_and_profiled(
    random: Checkpoint, settings: RecognizeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = torch.get_num_threads()
    compare(random, CROPS, settings, rounds=1)
    profile(random, CROPS, settings)
    assert torch.get_num_threads() == before
    told = capsys.readouterr().out
    assert re.search(r"\| one line at a time \| [\d.]+ \| 1\.0 \| 0 \|", told)
    shares = [int(share) for share in re.findall(r"\| (\d+)% \|", told)]
    assert len(shares) == 6
    assert sum(shares) == pytest.approx(100, abs=3)
    [flops] = re.findall(r"([\d.]+) GFLOP a line", told)
    assert float(flops) > 0
    peaks = re.findall(r"([\d.]+) GFLOP/s: ([\d.]+)% of the (\d+) GFLOP/s .* in (\w+)", told)
    assert [dtype for *_, dtype in peaks] == ["float32", "bfloat16"]
    for reached, share, most in (map(float, numbers) for *numbers, _ in peaks):
        assert share == pytest.approx(100 * reached / most, abs=0.1 + 10 / most)


def test_texts_of_another_dtype_are_compared_with_float32(
    settings: RecognizeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow = settings.model_copy(update={"dtype": "bfloat16"})
    count_differing(load_checkpoint(narrow), CROPS, narrow)
    assert re.search(r"[0-3] of 3 texts differ from those in float32", capsys.readouterr().out)
