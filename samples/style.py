"""How a sample page looks: the print, the hand, the pen, the paper and the scanner."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from training.hand import Hand

FONTS = Path(__file__).with_name("fonts")
HANDWRITING = (
    "bad-script",
    "borel",
    "gochi-hand",
    "homemade-apple",
    "nothing-you-could-do",
    "patrick-hand",
    "sedgwick-ave",
    "sue-ellen-francisco",
)
PRINT = ("arimo", "tinos")

Colour = tuple[int, int, int]

BLACK_INK: Colour = (38, 38, 42)
BLUE_INK: Colour = (44, 66, 148)
PENCIL: Colour = (92, 92, 92)


def handwriting_font(family: str) -> Path:
    """The font file of a handwriting family."""
    return FONTS / family / f"{family}-latin-400-normal.woff2"


@dataclass(frozen=True)
class Style:
    """What varies from page to page; lengths in x-heights of the hand unless named otherwise.

    Attributes:
        hand: the writer; its x_height is in pixels of a page 1654 pixels wide, and is made
            smaller where the longest line would not fit.
        page_width: pixels.
        print_family: one of PRINT.
        test_above: print "TEST n, WRITING TASK 2" above the prompt instead of below it.
        sentence_share: share of the text column that the band sentence may fill before it breaks.
        curly: print typographic quotes and apostrophes instead of straight ones.
        italic_comment: print the examiner's comment in italics.
        decimal_band: print whole bands as "7.0" instead of "7".
        paragraphs: how the writer begins a paragraph.
        pitch: from baseline to baseline.
        drift: how far the left margin moves to the right with each line.
        fan: standard deviation of the lines' slopes.
        ruled: write on ruled lines.
        ink: RGB.
        grain: 0 for an even line, 1 for one that leaves out the paper's hollows, as pencils do.
        skew_degrees: counter-clockwise turn of the sheet in the scan.
        shading: difference in grey levels between the lightest and the darkest paper.
        noise: standard deviation in grey levels.
        specks: how many specks of dirt.
        jpeg: store as JPEG instead of PNG.
    """

    hand: Hand
    page_width: int = 1654
    print_family: str = "arimo"
    test_above: bool = True
    sentence_share: float = 1.0
    curly: bool = False
    italic_comment: bool = True
    decimal_band: bool = True
    paragraphs: Literal["run_on", "indent", "gap"] = "indent"
    pitch: float = 3.1
    drift: float = 0.0
    fan: float = 0.002
    ruled: bool = False
    ink: Colour = BLACK_INK
    grain: float = 0.0
    skew_degrees: float = 0.0
    shading: float = 6.0
    noise: float = 1.2
    specks: int = 8
    jpeg: bool = False


# The centre lines of this font's own i, j and ? have lost their dots.
DOTTED = tuple((letter, handwriting_font("patrick-hand")) for letter in "ij?")


def _hand(family: str, **traits: Any) -> Hand:
    return Hand(handwriting_font(family), **traits)


STYLES: dict[str, Style] = {
    "01-food-waste": Style(
        _hand(
            "patrick-hand",
            x_height=36,
            stroke=0.13,
            centre_lines=False,
            weight=-0.015,
            baseline_wander=0.08,
            seed=1,
        ),
        paragraphs="run_on",
        ruled=True,
        skew_degrees=0.6,
        italic_comment=False,
    ),
    "02-free-buses": Style(
        _hand("sue-ellen-francisco", x_height=33, stroke=0.09, width=1.35, seed=2),
        test_above=False,
        decimal_band=False,
        ink=PENCIL,
        grain=0.8,
        skew_degrees=-1.2,
        shading=16,
        specks=20,
    ),
    "03-video-lessons": Style(
        _hand("gochi-hand", x_height=32, stroke=0.18, slant=0.1, word_spacing=1.3, seed=3),
        page_width=1240,
        curly=True,
        paragraphs="gap",
        pitch=3.3,
        skew_degrees=0.3,
        italic_comment=False,
        noise=3.0,
        jpeg=True,
    ),
    "04-neighbours": Style(
        _hand("nothing-you-could-do", x_height=27, stroke=0.11, slant=-0.08, seed=4),
        print_family="tinos",
        test_above=False,
        decimal_band=False,
        pitch=3.6,
        drift=0.12,
        skew_degrees=-0.5,
        shading=10,
        specks=3,
    ),
    "05-paying-by-card": Style(
        _hand("borel", x_height=26, stroke=0.11, centre_lines=False, weight=-0.035, seed=5),
        page_width=1500,
        sentence_share=0.6,
        ruled=True,
        ink=BLUE_INK,
        skew_degrees=1.0,
        noise=2.0,
        jpeg=True,
    ),
    "06-pocket-money": Style(
        _hand(
            "sedgwick-ave",
            x_height=38,
            stroke=0.15,
            slant=-0.08,
            word_spacing=1.4,
            allographs=DOTTED,
            seed=6,
        ),
        curly=True,
        pitch=2.2,
        fan=0.004,
        skew_degrees=2.0,
        shading=12,
    ),
    "07-repair": Style(
        _hand("bad-script", x_height=32, stroke=0.13, letter_spacing=0.06, seed=7),
        page_width=1400,
        print_family="tinos",
        test_above=False,
        curly=True,
        paragraphs="gap",
        italic_comment=False,
        skew_degrees=-0.9,
        shading=20,
        specks=4,
    ),
    "08-small-towns": Style(
        _hand(
            "homemade-apple", x_height=26, stroke=0.12, letter_jitter=0.01, word_spacing=1.3, seed=8
        ),
        decimal_band=False,
        pitch=3.4,
        drift=-0.08,
        skew_degrees=-0.2,
        shading=8,
        noise=1.0,
    ),
}


def random_style(rng: np.random.Generator) -> Style:
    """A style of any kind, in a held-out hand: also skewed up to 3 degrees and crowded."""
    maybe: Callable[[float], bool] = lambda chance: bool(rng.random() < chance)  # noqa: E731
    hand = Hand.sample(handwriting_font(str(rng.choice(HANDWRITING))), rng)
    return Style(
        hand=hand.with_x_height(float(rng.uniform(22, 46))),
        page_width=int(rng.choice([1240, 1654])),
        print_family=str(rng.choice(PRINT)),
        test_above=maybe(0.5),
        sentence_share=0.6 if maybe(0.2) else 1.0,
        curly=maybe(0.5),
        italic_comment=maybe(0.5),
        decimal_band=maybe(0.5),
        paragraphs=rng.choice(["run_on", "indent", "gap"]),
        pitch=float(rng.uniform(1.9, 2.4) if maybe(0.3) else rng.uniform(2.5, 4.2)),
        drift=float(rng.normal(0, 0.1)),
        fan=float(rng.uniform(0, 0.005)),
        ruled=maybe(0.3),
        ink=(BLACK_INK, BLUE_INK, PENCIL)[rng.integers(3)],
        grain=float(rng.choice([0.0, 0.4, 0.8])),
        skew_degrees=float(rng.uniform(-3, 3) if maybe(0.3) else rng.normal(0, 0.6)),
        shading=float(rng.uniform(0, 30)),
        noise=float(rng.uniform(0.5, 5)),
        specks=int(rng.integers(0, 40)),
        jpeg=False,
    )
