"""A page with all that was found on it drawn over the scan, to be judged at a glance."""

import hashlib
import io
import re

from PIL import Image, ImageChops, ImageDraw, ImageFont

from stages.pages.records import Box, Layout, Line, Point
from stages.pages.scans import Pixels

MAX_WIDTH = 1000
QUALITY = 80

REGION = "#1b7837"
ANCHOR = "#b35806"
LINE = ("#2166ac", "#762a83")
TINT = ("#cfe6ff", "#f7d6fa")  # of the lines' ink, multiplied with the scan: writing stays legible
FONT_SIZE = 15
# DVC's page of plots has files' names as they are, in text and in addresses of pictures: the first
# four signs would be markup there, the others end an address or begin an escape in it.
PLAIN = str.maketrans({"<": "(", ">": ")", "&": "+", '"': "'", "#": "_", "?": "_", "%": "_"})
TAG = re.compile(r"-[0-9a-f]{12}$")
TAG_BYTES = 13
MAX_NAME_BYTES = 180  # of 255: DVC puts a revision and the folders' names before it
MARGIN = 3  # between an anchor's print and the frame round it


def file_name(page: str) -> str:
    """The name of a page's overlay, which is no other page's: at most 184 bytes.

    It is the page's name. Where that holds a sign that DVC's page of plots cannot bear, is long, or
    ends as if it were made so, it is without the signs, cut, and ends with its digest.
    """
    plain = page.translate(PLAIN)
    if plain == page and len(page.encode()) <= MAX_NAME_BYTES and not TAG.search(page):
        return f"{page}.jpg"
    readable = plain.encode()[: MAX_NAME_BYTES - TAG_BYTES].decode(errors="ignore")
    return f"{readable}-{hashlib.sha256(page.encode()).hexdigest()[:12]}.jpg"


def overlay(upright: Pixels, layout: Layout, lines: list[Line]) -> Image.Image:
    """The page at most `MAX_WIDTH` wide, with its anchors, its region and its lines: tinted
    outline, baseline, number and flags.

    Args:
        upright: (H, W, 3) uint8, the page after rotation by `layout.rotation_degrees`.
        lines: the chosen candidate's; empty where none was chosen.
    """
    scan = bounded(Image.fromarray(upright), MAX_WIDTH)
    scale = scan.width / upright.shape[1]

    def scaled(points: list[Point]) -> list[tuple[float, float]]:
        return [(x * scale, y * scale) for x, y in points]

    image = ImageChops.multiply(scan, _tints(scan.size, [scaled(line.polygon) for line in lines]))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(FONT_SIZE)

    def mark(box: Box, colour: str, label: str, margin: int) -> None:
        left, top, right, bottom = (round(edge * scale) for edge in box.corners)
        left, top = left - margin, top - margin
        draw.rectangle((left, top, right + margin, bottom + margin), outline=colour, width=2)
        write((left, top), colour, label, "lb")

    def write(place: tuple[int, int], colour: str, label: str, anchor: str) -> None:
        draw.rectangle(draw.textbbox(place, label, font=font, anchor=anchor), fill="white")
        draw.text(place, label, fill=colour, font=font, anchor=anchor)

    mark(layout.region, REGION, "essay", 0)
    for found in layout.anchors:
        mark(found.box, ANCHOR, f"{found.name} {found.similarity:.2f}", MARGIN)
    for number, line in enumerate(lines, 1):
        colour = LINE[number % len(LINE)]
        draw.line(scaled(line.baseline), fill=colour, width=2)
        place = round(line.box.left * scale), round(line.baseline[0][1] * scale)
        write(place, colour, " ".join([str(number), *line.flags]), "rs")
    return image


def _tints(size: tuple[int, int], outlines: list[list[tuple[float, float]]]) -> Image.Image:
    """White, with the outlines filled in turns in the two tints of `TINT`."""
    tints = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(tints)
    for number, outline in enumerate(outlines, 1):
        draw.polygon(outline, fill=TINT[number % len(TINT)], outline=LINE[number % len(LINE)])
    return tints


def bounded(image: Image.Image, width: int) -> Image.Image:
    """`image` made smaller to at most `width` pixels in width."""
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.HAMMING, reducing_gap=2)


def jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    """`image` as JPEG, without any metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
