"""Scans on disk as pages: which there are, and their pixels, bounded and in one colour mode."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from stages.errors import PageError, UserError, first_line
from stages.files import write_bytes
from stages.pages.colour import as_rgb, is_stored_negative
from stages.pages.names import check_name, check_place, on_one_line

PAGES = Path("data/pages")
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
PDF_DPI = 200
PDF_DEPTH = 5
MAX_FRAMES = 9999
# TIFF's NewSubfileType, and its bits of a smaller copy of another frame and of a mask.
SUBFILE, LESSER = 254, 0b101
# PNG, JPEG, TIFF, and TIFF of more than 4 GiB.
SIGNS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# zlib's, 1 to 9: scans and crops take less time and fewer bytes than by the usual 6.
PNG_EFFORT = 3
# The size is checked here (`_check_size`), with the user's limit.
Image.MAX_IMAGE_PIXELS = None

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
        """The file's name, on one line."""
        return on_one_line(self.path.name)


def list_pages(folder: Path = PAGES) -> list[PageSource]:
    """All pages under `folder` in the order of their names; hidden files are left out.

    A TIFF of several frames and a PDF of several pages give `<stem>-001`, `<stem>-002`...; other
    files give their stem. A TIFF's smaller copies of its frames are no pages. Scans that would
    share a name all carry a fault, and so does what is no scan, what lies elsewhere, and what has
    a name that other files cannot be named after. No two of them have one name: where need be, one
    with a fault has its file's name in brackets.

    Raises:
        UserError: the folder does not exist or holds no file.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; make it and put your scans there")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not entries:
        raise UserError(f"{folder}: holds no page; put PNG, JPEG, TIFF or PDF scans there")
    found = [page for entry in entries for page in _pages_of(entry)]
    claims = Counter(page.page for page in found if not page.fault)
    names = Counter(page.page for page in found)
    taken = {page.page for page in found if not page.fault and claims[page.page] == 1}
    listed = []
    for page in found:
        good = not page.fault and claims[page.page] == 1
        listed.append(page if good else _faulty(page, taken, alone=names[page.page] == 1))
        taken.add(listed[-1].page)
    return listed


def _faulty(page: PageSource, taken: Collection[str], alone: bool) -> PageSource:
    """A page that is none, or one of several scans of one name, with a name that is not taken."""
    fault = page.fault or (
        f"another file gives a page of the same name, {page.page!r}; rename one of them"
    )
    name = full = page.page if alone else f"{page.page} ({page.source})"
    number = 1
    while name in taken:
        number += 1
        name = f"{full} {number}"
    return replace(page, page=name, fault=fault)


def _pages_of(path: Path) -> Iterator[PageSource]:
    try:
        check_name(path)
        check_place(path)
        frames = _frames_of(path)
    except PageError as error:
        yield PageSource(on_one_line(path.stem), path, fault=str(error))
        return
    for frame in frames:
        name = path.stem if len(frames) == 1 else f"{path.stem}-{frame + 1:03d}"
        yield PageSource(name, path, frame)


def _frames_of(path: Path) -> Sequence[int]:
    """The numbers, from 0, of the frames that are pages."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        with _open_pdf(path) as document:
            return range(_checked_count(len(document)))
    if suffix not in IMAGE_SUFFIXES:
        raise PageError(f"{suffix or 'no suffix'}: not a scan; give PNG, JPEG, TIFF or PDF")
    with _open_image(path) as image:
        try:
            return _tiff_frames(image) if isinstance(image, TiffImageFile) else [0]
        except PageError:
            raise
        except Exception as error:
            raise _broken(error) from None


def _tiff_frames(image: TiffImageFile) -> Sequence[int]:
    """Seen one by one, so not beyond the limit: each takes longer than the one before.

    Smaller copies and masks are left out, but not if there is nothing else.
    """
    whole: list[int] = []
    for frame in range(MAX_FRAMES + 1):
        try:
            image.seek(frame)
        except EOFError:
            return whole or range(frame)
        if not image.tag_v2.get(SUBFILE, 0) & LESSER:
            whole.append(frame)
    raise _miscounted(f"more than {MAX_FRAMES} pages")


def _checked_count(frames: int) -> int:
    if not 1 <= frames <= MAX_FRAMES:
        raise _miscounted(f"{frames} pages, not 1 to {MAX_FRAMES}")
    return frames


def _miscounted(said: str) -> PageError:
    return PageError(f"says it has {said}; split it, or scan it again")


def _broken(error: Exception) -> PageError:
    """Pillow's decoders raise errors of any kind on files that are broken in one way or another."""
    return PageError(f"is broken ({_said(error)}); scan or copy it again")


def _open_pdf(path: Path) -> Any:
    _open(path).close()  # tells more of why it cannot be than PDFium
    try:
        return pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError) as error:
        raise PageError(f"cannot be opened as PDF ({error}); scan or export it again") from None


@contextmanager
def _open_image(path: Path) -> Iterator[Image.Image]:
    """An image in an open file: those that Pillow opens by name it maps, and misreads if turned."""
    with _open(path) as file, _identified(file) as image:
        yield image


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except PermissionError:
        raise PageError("you may not read it; make it readable (`chmod u+r`)") from None
    except OSError as error:
        raise PageError(f"cannot be opened ({_said(error)}); copy it again") from None


def _identified(file: BinaryIO) -> Image.Image:
    head = b""
    try:
        head = file.read(4)
        file.seek(0)
        if not head:
            raise PageError("the file is empty; scan or copy it again")
        return Image.open(file, formats=["PNG", "JPEG", "TIFF"])
    except PageError:
        raise
    except UnidentifiedImageError:
        if head.startswith(SIGNS):
            fault = (
                "is broken, or of a kind that cannot be read; save it as 8-bit, or copy it again"
            )
            raise PageError(fault) from None
        raise PageError(
            "cannot be opened: no PNG, JPEG or TIFF image, whatever its name says; scan it again"
        ) from None
    except Exception as error:
        raise PageError(f"cannot be opened as an image ({_said(error)}); copy it again") from None


def _said(error: Exception) -> str:
    """An error's first line, and its kind where that alone may say little."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = first_line(error)
    return text if isinstance(error, OSError) else f"{type(error).__name__}: {text}"


def read_rgb(path: Path) -> Pixels:
    """An image that a stage wrote, (H, W, 3) uint8 RGB.

    Raises:
        UserError: it is gone, or cut short.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"), dtype=np.uint8)
    except OSError as error:
        fault = error.strerror or "it is cut short, or no image"
        raise UserError(f"{path}: {fault}; `dvc repro --force` makes it anew") from None


def write_png(path: Path, pixels: Pixels) -> None:
    """(H, W) or (H, W, 3) uint8 as PNG."""
    png = BytesIO()
    Image.fromarray(pixels).save(png, "PNG", compress_level=PNG_EFFORT)
    write_bytes(path, png.getvalue())


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
            _check_tiles(image, max_megapixels)
            pixels = as_rgb(ImageOps.exif_transpose(image))
            return 255 - pixels if is_stored_negative(image) else pixels
        except PageError:
            raise
        except Exception as error:
            raise _broken(error) from None


def _check_size(width: float, height: float, max_megapixels: float) -> None:
    if width < 1 or height < 1:
        raise PageError(f"is {width:.0f} x {height:.0f} pixels, nothing; scan or copy it again")
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise PageError(
            f"{width:.0f} x {height:.0f} is {megapixels:.0f} megapixels, over the limit of "
            f"{max_megapixels:g}; scan at a lower resolution or raise crop.max_megapixels"
        )


def _check_tiles(image: Image.Image, max_megapixels: float) -> None:
    """A TIFF's tile is decoded whole, however little of it its picture shows."""
    if isinstance(image, TiffImageFile) and TILEWIDTH in image.tag_v2:
        width, height = image.tag_v2[TILEWIDTH], image.tag_v2.get(TILELENGTH, 1)
        _check_size(width, height, max_megapixels)


def _render_pdf(source: PageSource, max_megapixels: float) -> Pixels:
    with _open_pdf(source.path) as document:
        try:
            page = document[source.frame]
            scale = PDF_DPI / 72
            _check_size(page.get_width() * scale, page.get_height() * scale, max_megapixels)
            for picture in page.get_objects([FPDF_PAGEOBJ_IMAGE], max_depth=PDF_DEPTH):
                width, height = picture.get_px_size()
                _check_size(width, height, max_megapixels)
            return as_rgb(page.render(scale=scale).to_pil())
        except pypdfium2.PdfiumError as error:
            raise PageError(f"PDF page {source.frame + 1} is broken ({error})") from None
