import math
import os
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.recognize import reader
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.engine import LocalEngine
from stages.recognize.reader import LEAST_SHARE, Reader
from stages.recognize.search import search
from tests.recognize.forced import teacher_forced

Settings = Callable[..., RecognizeSettings]
Crops = list[np.ndarray]


@pytest.mark.parametrize("num_beams", [1, 4])
def test_token_logprobs_are_those_of_a_forward_pass(
    settings: Settings, lines: Crops, num_beams: int
) -> None:
    wanted = settings(num_beams=num_beams, n_best=num_beams, slants=[])
    checkpoint = load_checkpoint(wanted)
    tokenizer = checkpoint.processor.tokenizer
    for crop, hypotheses in zip(lines, Reader(checkpoint, wanted).read(lines), strict=True):
        assert len(hypotheses) == num_beams
        for hypothesis in hypotheses:
            pieces = [token.text for token in hypothesis.tokens]
            assert "".join(pieces) == hypothesis.text
            ids = [tokenizer.convert_tokens_to_ids(p) if p else 2 for p in pieces]
            rows = teacher_forced(checkpoint, crop, ids)
            oracle = [float(rows[position, token]) for position, token in enumerate(ids)]
            assert [t.logprob for t in hypothesis.tokens] == pytest.approx(oracle, abs=2e-3)
            assert hypothesis.score == pytest.approx(sum(oracle) / len(oracle), abs=2e-3)


@pytest.mark.parametrize("num_beams", [1, 4])
def test_alternatives_are_the_most_probable_other_tokens(
    settings: Settings, lines: Crops, num_beams: int
) -> None:
    wanted = settings(num_beams=num_beams, n_best=num_beams, alternatives=3, slants=[])
    checkpoint = load_checkpoint(wanted)
    tokenizer = checkpoint.processor.tokenizer
    kept = 0
    for crop, (best, *others) in zip(lines, Reader(checkpoint, wanted).read(lines), strict=True):
        assert not any(token.alternatives for other in others for token in other.tokens)
        ids = [tokenizer.convert_tokens_to_ids(t.text) if t.text else 2 for t in best.tokens]
        rows = teacher_forced(checkpoint, crop, ids)
        for token, chosen, row in zip(best.tokens, ids, rows, strict=True):
            row[chosen] = -torch.inf
            values = [float(value) for value in row.topk(3).values if value >= math.log(0.001)]
            assert [a.logprob for a in token.alternatives] == pytest.approx(values, abs=2e-3)
            kept += len(values)
    assert kept > 0


def test_alternatives_keep_their_odds_where_repeats_are_forbidden(
    settings: Settings, lines: Crops
) -> None:
    wanted = settings(num_beams=4, n_best=1, no_repeat_ngram_size=1, max_new_tokens=20, slants=[])
    checkpoint = load_checkpoint(wanted)
    tokenizer = checkpoint.processor.tokenizer

    def number(text: str) -> int:
        return int(tokenizer.convert_tokens_to_ids(text)) if text else 2

    named = 0
    for crop, [best] in zip(lines, Reader(checkpoint, wanted).read(lines), strict=True):
        rows = teacher_forced(checkpoint, crop, [number(token.text) for token in best.tokens])
        for token, row in zip(best.tokens, rows, strict=True):
            oracle = [float(row[number(other.text)]) for other in token.alternatives]
            assert [a.logprob for a in token.alternatives] == pytest.approx(oracle, abs=2e-3)
            named += len(oracle)
    assert named > 0


def test_more_tokens_than_the_decoder_has_places_for_are_one_line(settings: Settings) -> None:
    wanted = settings(max_new_tokens=129)
    told = r"^recognize\.max_new_tokens=129: models/embedded@\w+ can write 128 at most$"
    with pytest.raises(UserError, match=told):
        Reader(load_checkpoint(wanted), wanted)


def test_batches_do_not_change_what_is_read(settings: Settings, lines: Crops) -> None:
    lines = [*lines, *(line[:, : line.shape[1] // 2] for line in lines)]
    checkpoint = load_checkpoint(settings(device="cpu", dtype="float32"))
    read = [Reader(checkpoint, settings(batch_size=size)).read(lines) for size in (1, 2, 4, 8)]
    assert read[0] == read[1] == read[2] == read[3]  # to the last digit of every log-probability
    others = Reader(checkpoint, settings(batch_size=4)).read(lines[::-1])
    assert others[::-1] == read[0]


def test_processes_do_not_change_what_is_read(settings: Settings, lines: Crops) -> None:
    lines = [line[:, : line.shape[1] - cut] for cut in range(0, 42, 7) for line in lines]
    assert len(lines) > 2 * LEAST_SHARE
    wanted = settings(device="cpu", dtype="float32", batch_size=5)
    checkpoint = load_checkpoint(wanted)
    alone = Reader(checkpoint, wanted).read(lines)
    assert Reader(checkpoint, wanted, processes=3).read(lines) == alone


def test_a_batch_that_kills_its_process_is_one_line(
    settings: Settings, lines: Crops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reader, "_read_batch", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    wanted = settings()
    with pytest.raises(UserError, match=r"SIGKILL.*recognize\.batch_size"):
        Reader(load_checkpoint(wanted), wanted, processes=2).read(lines * LEAST_SHARE)


def test_what_memory_is_too_small_for_is_read_in_parts(
    settings: Settings,
    lines: Crops,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = settings(num_beams=2)
    checkpoint = load_checkpoint(wanted)
    lines = [*lines, *(line[:, :-9] for line in lines)]
    alone = Reader(checkpoint, settings(num_beams=2, batch_size=1)).read(lines)
    fits, ask = 1, search

    def in_little_memory(*given: Any) -> Any:
        torch.empty(1 << 60 if len(given[2]) > fits else 1)
        return ask(*given)

    monkeypatch.setattr(reader, "search", in_little_memory)
    assert Reader(checkpoint, wanted).read(lines) == alone
    assert "recognize.batch_size=3" in capsys.readouterr().err
    fits = 0
    with pytest.raises(UserError, match=r"not enough memory.*recognize\.num_beams=2"):
        Reader(checkpoint, wanted).read(lines)


def test_hypotheses_are_ranked_and_distinct(settings: Settings, lines: Crops) -> None:
    wanted = settings(num_beams=6, n_best=5, length_penalty=1.0)
    for hypotheses in Reader(load_checkpoint(wanted), wanted).read(lines):
        scores = [hypothesis.score for hypothesis in hypotheses]
        assert scores == sorted(scores, reverse=True)
        assert len({tuple(t.text for t in h.tokens) for h in hypotheses}) == len(hypotheses) == 5


def test_generation_settings_are_honoured(settings: Settings, lines: Crops) -> None:
    short = settings(max_new_tokens=3)
    for hypotheses in Reader(load_checkpoint(short), short).read(lines):
        assert all(len(hypothesis.tokens) <= 3 for hypothesis in hypotheses)


def test_a_published_layout_reads_through_the_same_code(
    settings: Settings, lines: Crops, published: Path
) -> None:
    wanted = settings(checkpoint=str(published), num_beams=2, n_best=2, max_new_tokens=30)
    checkpoint = load_checkpoint(wanted)
    assert checkpoint.processor(images=lines, return_tensors="pt").pixel_values.shape == (
        (3, 3, 384, 384)
    )
    read = Reader(checkpoint, wanted).read(lines)
    assert [len(hypotheses) for hypotheses in read] == [2, 2, 2]
    # the published config's max_length of 20 must not cut lines short
    assert max(len(h.tokens) for hypotheses in read for h in hypotheses) == 30
    for hypothesis in (h for hypotheses in read for h in hypotheses):
        assert "".join(t.text for t in hypothesis.tokens).split() == hypothesis.text.split()


def test_no_repeat_ngram_size_forbids_repeats(
    settings: Settings, lines: Crops, published: Path
) -> None:
    wanted = settings(
        checkpoint=str(published), num_beams=2, n_best=1, max_new_tokens=20, no_repeat_ngram_size=2
    )
    for (hypothesis,) in Reader(load_checkpoint(wanted), wanted).read(lines):
        pieces = [token.text for token in hypothesis.tokens]
        pairs = [pair for pair in pairwise(pieces) if all(pair)]  # special tokens have no text
        assert pairs
        assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("height", [1, 3, 4])
def test_a_crop_as_low_as_an_image_has_channels_is_read(settings: Settings, height: int) -> None:
    wanted = settings(num_beams=1, n_best=1)
    crop = np.full((height, 40, 3), 255, np.uint8)
    [[read]] = Reader(load_checkpoint(wanted), wanted).read([crop])
    assert len(read.text) < 5


def test_few_crops_take_no_more_cores_than_are_asked_for(
    settings: Settings, lines: Crops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_WORKERS", "1")
    before = torch.get_num_threads()
    try:
        engine = LocalEngine(settings(device="cpu", num_beams=1, n_best=1))
        assert len([*engine.read(["key"], lambda _: lines[2])]) == 1
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
