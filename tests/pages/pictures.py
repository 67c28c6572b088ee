"""Scans of a few pixels."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image

from stages.pages.scans import list_pages, read_page

GRAY = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def only_page(folder: Path) -> np.ndarray:
    (source,) = list_pages(folder)
    return read_page(source, max_megapixels=1)


def tiff(*frames: tuple[np.ndarray, dict[int, int]]) -> bytes:
    """An uncompressed TIFF of grey frames (H, W), each with tags of its own besides."""
    body, link = bytearray(b"II*\0\0\0\0\0"), 4
    for pixels, own in frames:
        height, width = pixels.shape
        kind = {"f": 3, "i": 2}.get(pixels.dtype.kind, 1)
        tags = {256: width, 257: height, 258: 8 * pixels.itemsize, 259: 1, 262: 1, 273: len(body)}
        tags |= {277: 1, 278: height, 279: pixels.nbytes, 339: kind} | own
        body += pixels.tobytes() + bytes(pixels.nbytes % 2)
        struct.pack_into("<I", body, link, len(body))
        body += struct.pack("<H", len(tags))
        for tag in sorted(tags):
            body += struct.pack("<HHII", tag, 4, 1, tags[tag])
        link = len(body)
        body += bytes(4)
    return bytes(body)
