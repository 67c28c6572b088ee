import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.recognize.attention import BeamCache
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.reader import Reader
from stages.recognize.search import encode, search

Settings = Callable[..., RecognizeSettings]
Crops = list[np.ndarray]


@pytest.mark.parametrize("num_beams", [1, 4])
@pytest.mark.parametrize("doubt", [-9.0, 0.0])
def test_a_checkpoint_without_numbers_for_probabilities_is_one_line(
    settings: Settings, lines: Crops, num_beams: int, doubt: float
) -> None:
    wanted = settings(num_beams=num_beams, doubt=doubt)
    checkpoint = load_checkpoint(wanted)
    checkpoint.model.decoder.output_projection.weight.data.fill_(math.nan)
    with pytest.raises(UserError, match=r"models/embedded.*no numbers"):
        Reader(checkpoint, wanted).read(lines)


@pytest.mark.parametrize("length_penalty", [-3.0, 0.0, 3.0])
def test_readings_are_ranked_as_the_beam_search_ranks_them(
    settings: Settings, lines: Crops, length_penalty: float
) -> None:
    wanted = settings(num_beams=8, n_best=8, length_penalty=length_penalty)
    checkpoint = load_checkpoint(wanted)
    for found in search(checkpoint, wanted, encode(checkpoint, wanted, lines)):
        assert len({len(one.ids) for one in found}) > 1
        ranks = [one.rank(wanted) for one in found]
        assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("num_beams", [1, 4])
def test_a_crops_beams_share_one_copy_of_it(
    settings: Settings, lines: Crops, published: Path, num_beams: int
) -> None:
    how = {"num_beams": num_beams, "num_return_sequences": num_beams, "max_new_tokens": 12}
    how |= {"use_cache": True, "return_dict_in_generate": True, "output_scores": True}
    for wanted in (settings(), settings(checkpoint=str(published))):
        checkpoint = load_checkpoint(wanted)
        pixels = checkpoint.processor(images=lines, return_tensors="pt").pixel_values
        cache = BeamCache(num_beams)
        expected = checkpoint.model.generate(pixels, **how)
        found = checkpoint.model.generate(pixels, past_key_values=cache, **how)
        if num_beams == 1:
            assert torch.equal(found.sequences, expected.sequences)
        else:  # random weights make ties
            assert torch.allclose(found.sequences_scores, expected.sequences_scores, atol=1e-5)
        assert {len(layer.keys) for layer in cache.cross_attention_cache.layers} == {len(lines)}
