"""The committed pages and transcriptions are the generator's, and are fit to be shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samples.__main__ import DATA, sample_pages, save
from samples.compose import SamplePage
from samples.style import STYLES
from stages.pages.transcriptions import read_transcription

NAMES = [f"{page}.{'jpg' if style.jpeg else 'png'}" for page, style in STYLES.items()]

# Another processor's last bits may move a pixel by one rounding step of the scan.
ROUNDING_STEP = 8
DIFFERING_SHARE = 1e-4


def decoded(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_folders_hold_these_pages_and_no_others() -> None:
    assert sorted(path.name for path in (DATA / "pages").glob("[!.]*")) == NAMES
    stems = [Path(name).stem for name in NAMES]
    assert sorted(path.stem for path in (DATA / "transcriptions").glob("[!.]*")) == stems


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_page_is_what_the_generator_makes(
    name: str, made: dict[str, SamplePage], tmp_path: Path
) -> None:
    save(name, made[name], tmp_path, with_labels=False)
    committed, now = decoded(DATA / "pages" / name), decoded(tmp_path / "pages" / name)
    assert committed.shape == now.shape, "run `python -m samples` and commit data/"
    differing = np.abs(committed.astype(int) - now) > ROUNDING_STEP
    assert differing.mean() < DIFFERING_SHARE, "run `python -m samples` and commit data/"


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_transcription_is_the_pages(name: str, made: dict[str, SamplePage]) -> None:
    path = DATA / "transcriptions" / f"{Path(name).stem}.yaml"
    assert read_transcription(path) == made[name].transcription


@pytest.mark.parametrize("name", NAMES)
def test_every_transcribed_line_is_on_the_page(name: str, made: dict[str, SamplePage]) -> None:
    page = made[name]
    ink = np.bincount(page.label_map.ravel())
    essay = page.transcription.essay or []
    assert len(ink) == len(essay) + 1
    letters = np.array([len(line.replace(" ", "")) for line in essay])
    share = ink[1:] / letters
    assert share.min() > 0.4 * np.median(share)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small_enough_for_git(name: str) -> None:
    assert (DATA / "pages" / name).stat().st_size < 900_000


def test_the_pages_differ_in_width_and_colour(made: dict[str, SamplePage]) -> None:
    assert {page.pixels.ndim for page in made.values()} == {2, 3}
    widths = [page.pixels.shape[1] for page in made.values()]
    assert min(widths) == 1240
    assert max(widths) == 1654


def test_the_first_page_comes_out_twice_the_same(made: dict[str, SamplePage]) -> None:
    name, page = next(sample_pages())
    assert np.array_equal(page.pixels, made[name].pixels)
