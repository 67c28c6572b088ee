import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.pages.records import Hypothesis
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.ensemble import together
from stages.recognize.prepare import slanted
from stages.recognize.reader import Reader
from stages.recognize.search import encode, search
from tests.recognize.forced import teacher_forced

Settings = Callable[..., RecognizeSettings]
Crops = list[np.ndarray]


def mean_logprobs(
    checkpoint: Checkpoint, views: Crops, hypothesis: Hypothesis
) -> list[dict[str, float]]:
    """Oracle: at every token, the log of each character's mean probability over the views."""
    tokenizer = checkpoint.processor.tokenizer
    ids = [tokenizer.convert_tokens_to_ids(t.text) if t.text else 2 for t in hypothesis.tokens]
    mean = torch.stack([teacher_forced(checkpoint, view, ids).exp() for view in views]).mean(0)
    texts = {k: "" if k == 2 else tokenizer.convert_ids_to_tokens(k) for k in range(mean.shape[1])}
    return [{texts[k]: math.log(p) for k, p in enumerate(row)} for row in mean.tolist()]


def test_a_crop_in_doubt_is_read_at_other_slants_and_ranked_by_all_together(
    settings: Settings, lines: Crops
) -> None:
    lines = [slanted(line, lean) for line, lean in zip(lines, (-0.6, 0.5, 0.0), strict=True)]
    checkpoint, slants = load_checkpoint(settings()), [0.3, -0.1]
    once = settings(slants=[], n_best=3, num_beams=3)
    views = [[slanted(line, slant) for slant in (0.0, *slants)] for line in lines]
    greedy = settings(slants=[], n_best=1, num_beams=1)
    alone = Reader(checkpoint, once).read(lines)
    leaning = [Reader(checkpoint, greedy).read(of_one[1:]) for of_one in views]
    scores = [readings[0].score for readings in alone]
    low, higher, *_ = sorted(set(scores))
    for doubt, doubted in ((0.0, 3), ((low + higher) / 2, scores.count(low)), (-100.0, 0)):
        wanted = once.model_copy(update={"slants": slants, "doubt": doubt})
        read = Reader(checkpoint, wanted).read(lines)
        assert sum(score < doubt for score in scores) == doubted
        for n_best, first, others, seen in zip(read, alone, leaning, views, strict=True):
            if first[0].score < doubt:
                found = [*first, *(other for [other] in others)]
                check_ensemble(checkpoint, seen, found, n_best)
            else:
                assert n_best == first


def check_ensemble(
    checkpoint: Checkpoint, views: Crops, found: list[Hypothesis], n_best: list[Hypothesis]
) -> None:
    """The n-best are the best of all found, with ranks and alternatives by all views."""
    score = {}
    for hypothesis in found:
        rows = mean_logprobs(checkpoint, views, hypothesis)
        values = [row[t.text] for row, t in zip(rows, hypothesis.tokens, strict=True)]
        score[hypothesis.text] = sum(values) / len(values)
    assert [h.text for h in n_best] == sorted(score, key=lambda text: -score[text])[:3]
    assert [h.score for h in n_best] == pytest.approx([score[h.text] for h in n_best], abs=2e-3)
    best, *others = n_best
    for row, token in zip(mean_logprobs(checkpoint, views, best), best.tokens, strict=True):
        told = {token.text: token.logprob} | {a.text: a.logprob for a in token.alternatives}
        assert told == pytest.approx({text: row[text] for text in told}, abs=2e-3)
        likely = sorted(row, key=lambda text: -row[text])[: len(told)]
        assert set(likely) <= set(told) | {token.text}
    assert any(token.alternatives for token in best.tokens)
    assert not any(token.alternatives for h in others for token in h.tokens)


def test_numbers_that_overflow_in_a_view_alone_are_one_line(
    settings: Settings, lines: Crops
) -> None:
    wanted = settings(doubt=0.0)
    checkpoint = load_checkpoint(wanted)
    encoded = encode(checkpoint, wanted, lines[:1])
    ids = search(checkpoint, wanted, encoded)[0][0].ids
    with pytest.raises(UserError, match="no numbers"):
        together(checkpoint, wanted, [encoded, encoded * math.inf], [[ids]])
