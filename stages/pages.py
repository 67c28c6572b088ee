"""Scans on disk as pages: which there are, and their pixels, bounded and in one colour mode."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps

from stages.errors import PageError, UserError

PAGES = Path("data/pages")
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
PDF_DPI = 200

# What Pillow raises for files that are broken in one way or another.
BROKEN = (OSError, ValueError, TypeError, SyntaxError, EOFError, Image.DecompressionBombError)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PageSource:
    """One page of one file: `page` is its name everywhere after, `frame` counts from 0.

    `fault` is set where the file cannot become a page: the reason of its rejection.
    """

    page: str
    path: Path
    frame: int = 0
    fault: str | None = None

    @property
    def source(self) -> str:
        """The file's name."""
        return self.path.name


def list_pages(folder: Path = PAGES) -> list[PageSource]:
    """All pages under `folder` in the order of their names; hidden files are left out.

    A file with several frames or PDF pages gives `<stem>-001`, `<stem>-002`...; other files give
    their stem. Files that would share a name all carry a fault, and so does what is no scan.

    Raises:
        UserError: the folder does not exist or holds no file.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; make it and put your scans there")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not entries:
        raise UserError(f"{folder}: holds no page; put PNG, JPEG, TIFF or PDF scans there")
    found = [page for entry in entries for page in _pages_of(entry)]
    claims = Counter(page.page for page in found)
    return [page if claims[page.page] == 1 else _contested(page) for page in found]


def _contested(page: PageSource) -> PageSource:
    fault = f"another file gives a page of the same name, {page.page!r}; rename one of them"
    return PageSource(f"{page.page} ({page.source})", page.path, page.frame, fault)


def _pages_of(path: Path) -> Iterator[PageSource]:
    try:
        frames = _frame_count(path)
    except PageError as error:
        yield PageSource(path.stem, path, fault=str(error))
        return
    if frames == 1:
        yield PageSource(path.stem, path)
        return
    for frame in range(frames):
        yield PageSource(f"{path.stem}-{frame + 1:03d}", path, frame)


def _frame_count(path: Path) -> int:
    if path.is_dir():
        raise PageError("is a folder; put the scans themselves into the pages' folder")
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        with _open_pdf(path) as document:
            return len(document)
    if suffix not in IMAGE_SUFFIXES:
        raise PageError(f"{suffix or 'no suffix'}: not a scan; give PNG, JPEG, TIFF or PDF")
    with _open_image(path) as image:
        try:
            return int(getattr(image, "n_frames", 1))
        except BROKEN as error:
            raise _broken(error) from None


def _broken(error: Exception) -> PageError:
    return PageError(f"is broken ({_first_line(error)}); scan or copy it again")


def _open_pdf(path: Path) -> Any:
    try:
        return pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError) as error:
        raise PageError(f"cannot be opened as PDF ({error}); scan or export it again") from None


def _open_image(path: Path) -> Image.Image:
    if path.stat().st_size == 0:
        raise PageError("the file is empty; scan or copy it again")
    try:
        return Image.open(path, formats=["PNG", "JPEG", "TIFF"])
    except BROKEN as error:
        raise PageError(f"cannot be opened as an image ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()
    return text[0] if text else type(error).__name__


def read_rgb(path: Path) -> Pixels:
    """An image that a stage wrote, (H, W, 3) uint8 RGB."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def read_page(source: PageSource, max_megapixels: float) -> Pixels:
    """The page's pixels, (H, W, 3) uint8 RGB, turned as its EXIF orientation says.

    Transparent parts show white paper. PDF pages are rendered at 200 dpi.

    Raises:
        PageError: the file is no scan, is broken, or is larger than `max_megapixels`.
    """
    if source.fault:
        raise PageError(source.fault)
    if source.path.suffix.lower() == ".pdf":
        return _render_pdf(source, max_megapixels)
    with _open_image(source.path) as image:
        try:
            image.seek(source.frame)
            _check_size(image.width, image.height, max_megapixels)
            return _as_rgb(ImageOps.exif_transpose(image))
        except BROKEN as error:
            raise _broken(error) from None


def _check_size(width: float, height: float, max_megapixels: float) -> None:
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise PageError(
            f"{width:.0f} x {height:.0f} is {megapixels:.0f} megapixels, over the limit of "
            f"{max_megapixels:g}; scan at a lower resolution or raise crop.max_megapixels"
        )


def _render_pdf(source: PageSource, max_megapixels: float) -> Pixels:
    with _open_pdf(source.path) as document:
        try:
            page = document[source.frame]
            scale = PDF_DPI / 72
            _check_size(page.get_width() * scale, page.get_height() * scale, max_megapixels)
            return _as_rgb(page.render(scale=scale).to_pil())
        except pypdfium2.PdfiumError as error:
            raise PageError(f"PDF page {source.frame + 1} is broken ({error})") from None


def _as_rgb(image: Image.Image) -> Pixels:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _eight_bit(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _eight_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    top = 65535.0 if values.max(initial=0) > 255 else 255.0
    return Image.fromarray((values.clip(0, top) * (255 / top)).astype(np.uint8))


def rotate(pixels: Pixels, degrees: float) -> Pixels:
    """A page turned counter-clockwise about its centre, on a canvas that holds all of it.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        degrees: the angle; 0 gives the page back as it is.

    Returns:
        (H', W') or (H', W', 3) uint8; what lay outside the scan is filled with the page's median.
    """
    if degrees == 0:
        return pixels
    matrix, (width, height) = rotation(pixels.shape[1], pixels.shape[0], degrees)
    median = np.median(pixels.reshape(-1, *pixels.shape[2:]), axis=0)
    paper = tuple(float(value) for value in np.atleast_1d(median))
    turned = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper
    )
    return np.asarray(turned, dtype=np.uint8)


def rotation(
    width: int, height: int, degrees: float
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map from scan to page pixels used by `rotate`.

    Returns:
        The (2, 3) affine matrix that takes (x, y, 1) of the scan to page pixels, and the page's
        (width, height).
    """
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width = int(np.ceil(height * sin + width * cos - 1e-9))
    new_height = int(np.ceil(height * cos + width * sin - 1e-9))
    matrix[:, 2] += np.array([(new_width - width) / 2, (new_height - height) / 2])
    return np.asarray(matrix, dtype=np.float64), (new_width, new_height)
