from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pages.pictures import GRAY, only_page, save, tiff


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    save(tmp_path / "scan.png", Image.fromarray(GRAY.astype(np.uint16) * 257))
    assert np.abs(only_page(tmp_path)[..., 0].astype(int) - GRAY).max() <= 1


def test_transparency_shows_white_paper(tmp_path: Path) -> None:
    rgba = np.zeros((10, 10, 4), np.uint8)
    rgba[5:, :, 3] = 255
    save(tmp_path / "scan.png", Image.fromarray(rgba))
    pixels = only_page(tmp_path)
    assert (pixels[:5] == 255).all()
    assert (pixels[5:] == 0).all()


@pytest.mark.parametrize(
    "pixels",
    [
        (255 - GRAY),
        (255 - GRAY).astype(np.uint16) * 257,
        np.float32(1) - GRAY.astype(np.float32) / 255,
    ],
)
def test_a_tiff_whose_white_is_0_is_no_negative(tmp_path: Path, pixels: np.ndarray) -> None:
    (tmp_path / "scan.tif").write_bytes(tiff((pixels, {262: 0})))
    assert np.abs(only_page(tmp_path)[..., 0].astype(int) - GRAY).max() <= 1


WHITE = GRAY + np.uint8(255 - GRAY.max())


@pytest.mark.parametrize(
    "pixels",
    [
        WHITE.astype(np.float32) / 255,
        WHITE.astype(np.float32),
        WHITE.astype(np.float32) * 257,
        WHITE.astype(np.uint16) * 16,
        WHITE.astype(np.int32) * 257,
        WHITE.astype(np.uint32) * (2**24 + 2**16 + 2**8 + 1),
    ],
)
def test_deep_greys_are_scaled_by_what_holds_them(tmp_path: Path, pixels: np.ndarray) -> None:
    (tmp_path / "scan.tif").write_bytes(tiff((pixels, {})))
    assert np.abs(only_page(tmp_path)[..., 0].astype(int) - WHITE).max() <= 1
