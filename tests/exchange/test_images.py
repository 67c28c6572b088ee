from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exchange.images import ORIENTATION, data_url, image_name, write_image
from stages.pages.scans import PageSource, list_pages, read_page

LIMIT = 50.0


@pytest.fixture
def picture() -> Image.Image:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:5, :10] = (200, 30, 60)
    return Image.fromarray(pixels)


def exported(folder: Path, out: Path) -> dict[str, tuple[PageSource, Path]]:
    """Each page of `folder` written into `out`, which has the pixels that the stages read."""
    out.mkdir()
    pages = {}
    for source in list_pages(folder):
        pixels = read_page(source, LIMIT)
        path = write_image(source, pixels, out)
        assert path.name == image_name(source)
        with Image.open(path) as written:
            assert ORIENTATION not in written.getexif()
            assert np.array_equal(np.asarray(written.convert("RGB")), pixels)
        pages[source.page] = (source, path)
    return pages


def test_upright_scans_are_copied_and_others_drawn(tmp_path: Path, picture: Image.Image) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    picture.save(scans / "plain & simple.png")
    picture.save(scans / "photo.jpg")
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    picture.save(scans / "turned.jpg", exif=turned)
    picture.save(scans / "one.tif")
    picture.save(scans / "two.tif", save_all=True, append_images=[picture.rotate(180)])
    picture.save(scans / "book.pdf")
    picture.save(scans / "misnamed.jpg", format="TIFF")
    pages = exported(scans, tmp_path / "out")
    assert {page: path.name for page, (_, path) in pages.items()} == {
        "book": "book.png",
        "misnamed": "misnamed.png",
        "one": "one.png",
        "photo": "photo.jpg",
        "plain & simple": "plain & simple.png",
        "turned": "turned.png",
        "two-001": "two-001.png",
        "two-002": "two-002.png",
    }
    for page in "photo", "plain & simple":
        source, path = pages[page]
        assert path.read_bytes() == source.path.read_bytes()


def test_a_data_url_is_the_file(tmp_path: Path, picture: Image.Image) -> None:
    picture.save(tmp_path / "a.png")
    assert data_url(tmp_path / "a.png").startswith("data:image/png;base64,iVBORw0KGgo")
