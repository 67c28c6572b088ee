"""A page with all that was found on it drawn over the scan, to be judged at a glance."""

import io

from PIL import Image, ImageDraw, ImageFont

from stages.pages import Pixels
from stages.records import Box, Layout, Line, Point

MAX_WIDTH = 1000
QUALITY = 80

REGION = "#1b7837"
ANCHOR = "#b35806"
LINE = ("#2166ac", "#762a83")
FONT_SIZE = 15


def overlay(upright: Pixels, layout: Layout, lines: list[Line]) -> Image.Image:
    """The page at most `MAX_WIDTH` wide, with its anchors, its region and its lines: outline,
    baseline, number and flags.

    Args:
        upright: (H, W, 3) uint8, the page after rotation by `layout.rotation_degrees`.
        lines: the chosen candidate's; empty where none was chosen.
    """
    image = bounded(Image.fromarray(upright), MAX_WIDTH)
    scale = image.width / upright.shape[1]
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(FONT_SIZE)

    def mark(box: Box, colour: str, label: str, anchor: str) -> None:
        corners = [round(edge * scale) for edge in box.corners]
        draw.rectangle(corners, outline=colour, width=2)
        write((corners[0], corners[1]), colour, label, anchor)

    def write(place: tuple[int, int], colour: str, label: str, anchor: str) -> None:
        draw.rectangle(draw.textbbox(place, label, font=font, anchor=anchor), fill="white")
        draw.text(place, label, fill=colour, font=font, anchor=anchor)

    def scaled(points: list[Point]) -> list[tuple[float, float]]:
        return [(x * scale, y * scale) for x, y in points]

    mark(layout.region, REGION, "essay", "lb")
    for found in layout.anchors:
        mark(found.box, ANCHOR, f"{found.name} {found.similarity:.2f}", "lb")
    for number, line in enumerate(lines, 1):
        colour = LINE[number % len(LINE)]
        draw.polygon(scaled(line.polygon), outline=colour)
        draw.line(scaled(line.baseline), fill=colour, width=2)
        place = round(line.box.left * scale), round(line.baseline[0][1] * scale)
        write(place, colour, " ".join([str(number), *line.flags]), "rs")
    return image


def bounded(image: Image.Image, width: int) -> Image.Image:
    """`image` made smaller to at most `width` pixels in width."""
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2)


def jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    """`image` as JPEG, without any metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
