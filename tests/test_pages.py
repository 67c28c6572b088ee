from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.errors import PageError, UserError
from stages.pages import list_pages, read_page

GRAY = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def only_page(folder: Path) -> np.ndarray:
    (source,) = list_pages(folder)
    return read_page(source, max_megapixels=1)


@pytest.mark.parametrize("suffix", ["png", "PNG", "tif", "tiff"])
def test_lossless_scans_keep_their_pixels(tmp_path: Path, suffix: str) -> None:
    save(tmp_path / f"scan.{suffix}", Image.fromarray(GRAY))
    pixels = only_page(tmp_path)
    assert pixels.shape == (*GRAY.shape, 3)
    assert (pixels == GRAY[..., None]).all()


def test_jpeg_scans_are_read(tmp_path: Path) -> None:
    save(tmp_path / "scan.jpg", Image.fromarray(GRAY), quality=95)
    assert np.abs(only_page(tmp_path).mean(axis=2) - GRAY).mean() < 3


def test_pdf_scans_are_rendered_page_by_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (850, 1100), value) for value in (10, 200)]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:], resolution=100)
    sources = list_pages(tmp_path)
    assert [source.page for source in sources] == ["scan-001", "scan-002"]
    first, second = (read_page(source, max_megapixels=10) for source in sources)
    assert first.shape == (2200, 1700, 3)
    assert abs(first.mean() - 10) < 3
    assert abs(second.mean() - 200) < 3


def test_tiff_frames_are_pages_of_their_own(tmp_path: Path) -> None:
    frames = [Image.new("L", (20, 30), value) for value in (10, 200)]
    frames[0].save(tmp_path / "scan.tif", save_all=True, append_images=frames[1:])
    sources = list_pages(tmp_path)
    assert [(s.page, s.source) for s in sources] == [
        ("scan-001", "scan.tif"),
        ("scan-002", "scan.tif"),
    ]
    assert [int(read_page(s, 1).mean()) for s in sources] == [10, 200]


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


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "scan.jpg", Image.fromarray(GRAY), exif=exif)
    assert only_page(tmp_path).shape == (GRAY.shape[1], GRAY.shape[0], 3)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.png", b"", "empty"),
        ("text.png", b"not an image", "cannot be opened"),
        ("text.pdf", b"not a PDF", "cannot be opened as PDF"),
        ("notes.docx", b"x", "not a scan"),
        ("nosuffix", b"x", "not a scan"),
    ],
)
def test_what_is_no_scan_is_a_fault_of_that_page(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (source,) = list_pages(tmp_path)
    with pytest.raises(PageError, match=reason):
        read_page(source, max_megapixels=1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_truncated_scan_is_broken(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 255, (200, 200), np.uint8))
    path = save(tmp_path / f"scan.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PageError):
        only_page(tmp_path)


def test_a_folder_among_the_scans_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "scan.png").mkdir()
    with pytest.raises(PageError, match="folder"):
        only_page(tmp_path)


def test_a_huge_image_is_refused_by_its_header(tmp_path: Path) -> None:
    save(tmp_path / "scan.png", Image.new("1", (2000, 1000)))
    with pytest.raises(PageError, match=r"2000 x 1000 is 2 megapixels.*max_megapixels"):
        only_page(tmp_path)


def test_two_files_of_one_stem_are_both_faults(tmp_path: Path) -> None:
    save(tmp_path / "a.png", Image.fromarray(GRAY))
    save(tmp_path / "a.tif", Image.fromarray(GRAY))
    save(tmp_path / "b.png", Image.fromarray(GRAY))
    first, second, third = list_pages(tmp_path)
    assert first.fault and second.fault and not third.fault
    assert len({first.page, second.page, third.page}) == 3


def test_an_empty_or_missing_folder_is_one_error(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").touch()
    with pytest.raises(UserError, match="holds no page"):
        list_pages(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        list_pages(tmp_path / "missing")
