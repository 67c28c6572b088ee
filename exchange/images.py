"""The scan as a file that every browser and tool can show, with the pixels that the stages saw."""

import base64
import shutil
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from stages.pages.scans import PageSource, Pixels

AS_THEY_ARE = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
ORIENTATION = 0x0112


def image_name(source: PageSource) -> str:
    """The scan's own name where its file can be copied, else `<page>.png`."""
    return source.path.name if _can_be_copied(source) else f"{source.page}.png"


def write_image(source: PageSource, pixels: Pixels, folder: Path) -> Path:
    """Put the scan into `folder` under its `image_name`.

    PNG and JPEG files of one upright picture are copied; a frame of a TIFF, a page of a PDF and a
    photograph that its EXIF data turn are written as PNG.

    Args:
        pixels: (H, W, 3) uint8 RGB, as `stages.pages.scans.read_page` gives them.
    """
    path = folder / image_name(source)
    if _can_be_copied(source):
        shutil.copyfile(source.path, path)
    else:
        Image.fromarray(pixels).save(path)
    return path


def data_url(path: Path) -> str:
    """A PNG or JPEG file as a `data:` URL."""
    kind = AS_THEY_ARE[path.suffix.lower()]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def _can_be_copied(source: PageSource) -> bool:
    if source.path.suffix.lower() not in AS_THEY_ARE or source.page != source.path.stem:
        return False
    try:
        with Image.open(source.path, formats=["PNG", "JPEG"]) as image:
            return int(image.getexif().get(ORIENTATION, 1)) == 1
    except UnidentifiedImageError:  # a scan of another kind, whatever its name says
        return False
