"""A folder of scans as they come: one good sheet, saved, turned, photographed and spoiled."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from stages.pages.scans import Pixels
from tests.crop.drawing import COMMENT, HAND, HEADER, SHEET, Drawn, draw_sheet

SIDEWAYS_BY_EXIF = 6
RULE = 190
DOT, DOT_STEP, DOTTED_LINE = 2, 11, 45


def write_all(folder: Path) -> None:
    """Every page of the folder; `good` is the sheet that the readable ones show."""
    drawn = draw_sheet(size=26)
    sheet = drawn.pixels
    good = Image.fromarray(sheet[..., 0])
    good.save(folder / "good.png")
    write_modes(folder, good)
    write_broken(folder, (folder / "good.png").read_bytes())
    Image.fromarray(np.rot90(sheet, 2)).save(folder / "upside-down.png")
    Image.fromarray(np.rot90(sheet, 1)).save(folder / "sideways.png")
    Image.fromarray(photograph(sheet)).save(folder / "photo.jpg", quality=90)
    Image.fromarray(ruled(sheet, across=False)).save(folder / "ruled.png")
    Image.fromarray(ruled(sheet, across=True)).save(folder / "squared.png")
    Image.fromarray(dotted(drawn)).save(folder / "dotted.png")
    Image.new("L", (600, 800), 250).save(folder / "blank.png")
    Image.new("L", (600, 800), 4).save(folder / "black.png")
    Image.new("L", (1, 1), 0).save(folder / "dot.png")
    save_sheet(folder / "no-anchors.png", (*COMMENT, *HAND))
    save_sheet(folder / "no-comment.png", SHEET[: SHEET.index(HEADER)])
    save_sheet(folder / "no-handwriting.png", [line for line in SHEET if line not in HAND])
    Image.fromarray(np.vstack([sheet, sheet])).save(folder / "two-answers.png")


def save_sheet(path: Path, lines: tuple[str, ...] | list[str]) -> None:
    Image.fromarray(draw_sheet(lines, size=26).pixels).save(path)


def write_modes(folder: Path, good: Image.Image) -> None:
    gray = np.asarray(good)
    Image.fromarray(gray.astype(np.uint16) * 257).save(folder / "sixteen-bit.png")
    good.convert("P").save(folder / "palette.png")
    ink = np.zeros((*gray.shape, 4), np.uint8)
    ink[..., 3] = 255 - gray
    Image.fromarray(ink).save(folder / "transparent.png")
    good.convert("RGB").convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS_BY_EXIF
    good.rotate(90, expand=True).save(folder / "exif.jpg", quality=95, exif=exif)


def write_broken(folder: Path, png: bytes) -> None:
    (folder / "zero.png").write_bytes(b"")
    (folder / "text.png").write_text("not an image")
    (folder / "half.png").write_bytes(png[: len(png) // 2])
    jpeg = (folder / "exif.jpg").read_bytes()
    (folder / "half.jpg.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "huge.png").write_bytes(png_with_size(30_000, 30_000))
    (folder / "folder.png").mkdir()
    (folder / "one-name.png").write_bytes(png)
    (folder / "one-name.tif").write_bytes(png)


def png_with_size(width: int, height: int, inflated: int = 1) -> bytes:
    """A PNG that says it has this size, and holds `inflated` bytes of it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * inflated, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def photograph(sheet: Pixels, tilt: float = 0.05, table: int = 70, shadow: float = 0.5) -> Pixels:
    """A sheet on a darker table, seen at an angle, a shadow across it.

    Args:
        tilt: how far the far corners move inwards, as a share of the sheet's width.
        shadow: the share of the light that the shadow takes.
    """
    height, width = sheet.shape[:2]
    margin = width // 16
    size = width + 2 * margin, height + 2 * margin
    corners = sheet_corners(width, height, margin, tilt)
    whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(whole, corners)
    noise = np.random.default_rng(0).normal(table, 12, (size[1], size[0], 1)).astype(np.float32)
    seen = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_AREA).astype(np.float32)
    covered = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)[..., None]
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    depth = (0.8 * x + 0.5 * y - 0.65 * width) / (0.02 * width)
    light = 1 - shadow / (1 + np.exp(-depth.clip(-50, 50)))
    photo = (noise * (1 - covered) + seen) * light[..., None]
    return np.asarray(photo.clip(0, 255), dtype=np.uint8)


def sheet_corners(width: int, height: int, margin: int, tilt: float) -> np.ndarray:
    """Where the photo shows the sheet's corners, clockwise from the top left, (4, 2)."""
    moved = tilt * width
    corners = [
        (margin + moved, margin + 0.3 * moved),
        (margin + width - 0.8 * moved, margin),
        (margin + width, margin + height),
        (margin, margin + height - 0.4 * moved),
    ]
    return np.array(corners, np.float32)


def ruled(sheet: Pixels, across: bool, step: int = 37) -> Pixels:
    """A sheet on ruled paper, or on squared paper."""
    paper = np.full(sheet.shape[:2], 255, np.uint8)
    paper[step::step] = RULE
    if across:
        paper[:, step::step] = RULE
    return np.minimum(sheet, paper[..., None])


def dotted(sheet: Drawn) -> Pixels:
    """A sheet with dotted lines to write on."""
    written = np.flatnonzero(sheet.hand.any(axis=1))
    shown = sheet.pixels.copy()
    for y in range(written[0], written[-1] + DOTTED_LINE // 2, DOTTED_LINE):
        for x in range(60, shown.shape[1] - 60, DOT_STEP):
            cv2.circle(shown, (x, y), DOT, (80, 80, 80), cv2.FILLED, cv2.LINE_AA)
    return shown
