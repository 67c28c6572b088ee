"""A page as the tools of the field see it: regions and lines in pixels of the scan, with text."""

from dataclasses import dataclass
from typing import Literal

from stages.pages.records import Point

Field = Literal["topic", "band", "essay", "examiner_comment"]
FIELDS: tuple[Field, ...] = ("topic", "band", "essay", "examiner_comment")

TextFrom = Literal["transcription", "corrected", "raw"]
TEXTS: tuple[TextFrom, ...] = ("transcription", "corrected", "raw")

BLANK = "nothing is printed here"


@dataclass(frozen=True)
class TextLine:
    """One line of text; points are (x, y) in pixels of the scan, inside it.

    Attributes:
        id: the region's field and the line's number in it from 1: `essay-001`.
        polygon: at least three points round the line.
        baseline: at least two points from left to right.
        text: None where nothing is known to stand there.
        confidence: of machine-read text, in [0, 1].
        crop: of handwriting, what the recogniser saw: `data/lines/<page>/<crop>.png`.
        estimated: no line was found here, its place was worked out from the lines round it.
    """

    id: str
    polygon: list[Point]
    baseline: list[Point]
    text: str | None
    confidence: float | None = None
    crop: str | None = None
    estimated: bool = False


@dataclass(frozen=True)
class Region:
    """A field of the page with its lines from top to bottom.

    Attributes:
        field: also the region's name in every format.
        polygon: at least three points in pixels of the scan.
        text_from: where the lines' text comes from.
        blank: it is typed by hand that nothing stands here.
    """

    field: Field
    polygon: list[Point]
    lines: list[TextLine]
    text_from: TextFrom
    blank: bool = False

    @property
    def texts(self) -> list[str]:
        """The texts of the lines that have one."""
        return [line.text for line in self.lines if line.text is not None]


@dataclass(frozen=True)
class Sheet:
    """A page of an answer.

    Attributes:
        image: the name of its image file, `width` x `height` pixels.
        recogniser: the weights that read the handwriting.
        band: as in its region's sentence; None where it is not known.
    """

    page: str
    source: str
    image: str
    width: int
    height: int
    recogniser: str
    band: float | None
    regions: list[Region]

    @property
    def provenance(self) -> str:
        """One sentence on where each region's text comes from."""
        origins = ", ".join(f"{region.field}: {region.text_from}" for region in self.regions)
        return f"Text by region ({origins}); handwriting read by {self.recogniser}."
