"""The report's pictures: small enough for hundreds of pages in one file, inlined as data URIs.

WebP needs about two thirds of the bytes of a JPEG that looks the same on scans of handwriting.
"""

import io
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from stages.errors import UserError
from stages.evaluate.outcomes import Outcome
from stages.pages.scans import Pixels, read_rgb
from stages.pages.stored import LINES

SCAN_SIZE = (940, 1410)
SCAN_BYTES = 80_000
CROP_SIZE = (640, 160)
CROP_BYTES = 6_000
QUALITY = 35
SHRINK = 0.8


@dataclass(frozen=True)
class Picture:
    """An encoded picture; `uri` is a data URI, `width` and `height` are in its own pixels."""

    uri: str
    width: int
    height: int


@dataclass(frozen=True)
class PagePictures:
    """A page's scan, and its line crops by their names."""

    scan: Picture
    crops: dict[str, Picture]


def page_pictures(outcome: Outcome, upright: Pixels) -> PagePictures:
    """Pictures of a page and of the crops of its lines, as the recogniser was given them.

    Args:
        upright: (H, W, 3) uint8, the page after rotation by its layout's `rotation_degrees`.

    Raises:
        UserError: a crop is not there.
    """
    lines = outcome.reading.raw.lines if outcome.reading else []
    return PagePictures(
        scan=encode(Image.fromarray(upright), SCAN_SIZE, SCAN_BYTES),
        crops={line.crop: _crop(LINES / outcome.page / f"{line.crop}.png") for line in lines},
    )


def _crop(path: Path) -> Picture:
    if not path.is_file():
        raise UserError(f"{path}: not there; run `dvc repro` to make it")
    return encode(Image.fromarray(read_rgb(path)), CROP_SIZE, CROP_BYTES)


def encode(image: Image.Image, size: tuple[int, int], max_bytes: int) -> Picture:
    """`image` as WebP within `size` (width, height) and `max_bytes`, smaller where it must be.

    The bound on bytes may be missed by a picture of one pixel only.
    """
    small = image.copy()
    small.thumbnail(size, Image.Resampling.HAMMING, reducing_gap=2)
    while True:
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=QUALITY, method=2)
        if buffer.tell() <= max_bytes or max(small.size) == 1:
            break
        width, height = (max(1, int(side * SHRINK)) for side in small.size)
        small = small.resize((width, height), Image.Resampling.HAMMING)
    uri = "data:image/webp;base64," + b64encode(buffer.getvalue()).decode("ascii")
    return Picture(uri, small.width, small.height)
