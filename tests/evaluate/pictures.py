"""Pictures of pages that were never scanned."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import PageScores, score_page
from stages.evaluate.report.pictures import PagePictures, encode
from stages.evaluate.report.render import render, render_page
from stages.evaluate.report.views import worst_first
from stages.evaluate.scores import total


def written(text: str, size: tuple[int, int]) -> Image.Image:
    """White paper of that size with a text on it."""
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(size[1] // 2)
    ImageDraw.Draw(image).text((10, 5), text, fill="#223", font=font)
    return image


def noise(width: int, height: int) -> Image.Image:
    """The picture that compresses worst."""
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def make_pictures(outcome: Outcome) -> PagePictures:
    """A blank scan, and a crop for each line with its number on it."""
    lines = outcome.reading.raw.lines if outcome.reading else []
    crops = {
        line.crop: encode(written(f"line {number}", (880, 60)), (640, 160), 6000)
        for number, line in enumerate(lines, 1)
    }
    return PagePictures(encode(Image.new("RGB", (1200, 1600), "white"), (300, 400), 6000), crops)


def make_report(outcomes: Sequence[Outcome]) -> str:
    """The report of these pages, with pictures of those that have a layout."""
    by_page = {outcome.page: outcome for outcome in outcomes}
    pages = worst_first([score_page(outcome) for outcome in outcomes])
    sections = [make_section(page, by_page[page.page]) for page in pages]
    return "".join(render(pages, total(pages), sections))


def make_section(page: PageScores, outcome: Outcome) -> Markup:
    """A page's section of the report, with pictures if it has a layout."""
    return render_page(page, outcome, make_pictures(outcome) if outcome.layout else None)
