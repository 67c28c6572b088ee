import numpy as np
import pytest
import torch

from stages.config.composition import load
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.prepare import prepare
from training.batches import Batches, labels, normalise
from training.crop import sample_examples, to_input
from training.fonts import font_paths

FONTS = font_paths("held_out")


def test_the_model_sees_one_shape_with_the_crop_at_the_left() -> None:
    image = np.full((10, 40), 250, np.uint8)
    image[3:6, 5:12] = 20
    seen = to_input(image, 48, 768)
    assert seen.shape == (48, 768)
    assert (seen[:, 310:] == 250).all()
    assert seen[:, :310].min() < 60


@pytest.mark.parametrize("width", [60, 400, 900])
def test_training_shows_the_model_what_the_pipeline_shows_it(width: int) -> None:
    image = np.random.default_rng(width).integers(0, 256, (40, width), np.uint8)
    settings = load(["recognize=embedded"]).recognize
    crop = prepare(np.repeat(image[..., None], 3, axis=2), settings)
    processor = load_checkpoint(settings).processor
    shown = processor(images=[crop], return_tensors="pt").pixel_values
    trained = normalise(torch.from_numpy(to_input(image, 48, 768).copy())[None])
    assert float((shown - trained).abs().max()) < 0.01


def test_crops_show_dark_ink_on_lighter_paper_and_repeat_for_a_seed() -> None:
    examples = sample_examples(FONTS, np.random.default_rng(0), 4)
    again = sample_examples(FONTS, np.random.default_rng(0), 4)
    for one, other in zip(examples, again, strict=True):
        assert np.array_equal(one.image, other.image)
        assert one.text == other.text
        assert int(one.image.max()) - int(one.image.min()) > 40
        assert np.median(one.image) > one.image.mean() - 5


def test_a_batch_depends_on_nothing_but_seed_and_number() -> None:
    batches = Batches(tuple(FONTS), 5, 48, 768, seed=3)
    pixels, texts = batches[7]
    assert pixels.shape == (5, 48, 768)
    assert len(texts) == 5
    assert pixels.equal(batches[7][0])
    assert not pixels.equal(batches[8][0])


def test_labels_end_with_the_end_token_and_pad_with_minus_100() -> None:
    class Letters:
        eos_token_id = 2

        def __call__(self, text: str, add_special_tokens: bool) -> "Letters":
            assert not add_special_tokens
            self.input_ids = [ord(character) for character in text]
            return self

    assert labels(["ab", ""], Letters()).tolist() == [[97, 98, 2], [2, -100, -100]]


def test_normalise_maps_gray_to_three_channels_from_minus_one_to_one() -> None:
    scaled = normalise(torch.tensor([[[0, 255]]], dtype=torch.uint8))
    assert scaled.shape == (1, 3, 1, 2)
    assert scaled[0, 2].tolist() == [[-1.0, 1.0]]
