"""The records that pass between stages: read this module and you know the pipeline.

Units. *Page pixels* are pixels of the upright page: the decoded image after
`stages.pages.upright.upright_page`; x grows to the right, y downwards, and a box is half open
(`left <= x < right`). Confidences are in [0, 1]. Log-probabilities are natural
logarithms, at most 0, rounded to three decimals so that another machine's last bits do not
change an output.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Confidence = Annotated[float, Field(ge=0, le=1)]
LogProbability = Annotated[float, Field(le=0)]
Band = Annotated[float, Field(ge=0, le=9, multiple_of=0.5)]
Point = tuple[int, int]


def _file_name(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ValueError("a name of a file or folder, without the way to it")
    return name


# Stages make paths of these: they cannot lead out of the folder that they are put below.
PageName = Annotated[str, AfterValidator(_file_name)]
CropName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
StageName = Literal["crop", "segment", "recognize", "correct", "assemble"]


class Record(BaseModel):
    """Base of all records: immutable, and a field that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PageRecord(Record):
    """A record of one page, by the page's name, and of the file that it came from."""

    page: PageName
    source: str


class Box(Record):
    """A half-open rectangle in page pixels, never empty."""

    left: Annotated[int, Field(ge=0)]
    top: Annotated[int, Field(ge=0)]
    right: int
    bottom: int

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"empty box {self.left, self.top, self.right, self.bottom}")
        return self

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom)."""
        return self.left, self.top, self.right, self.bottom


class Rejection(Record):
    """A page that a stage could not read: carried along, never lost."""

    page: PageName
    source: str
    stage: StageName
    reason: str


# --- crop: data/regions/<page>/layout.json ------------------------------------------------------


class Word(Record):
    """One word of the page's Tesseract pass; `line` counts OCR lines from the top, from 0."""

    text: str
    box: Box
    confidence: Confidence
    line: int


class Reading(Record):
    """Printed text as read; confidence is the mean over its words."""

    text: str
    confidence: Confidence


AnchorName = Literal["topic", "test", "band", "comment"]


class Anchor(Record):
    """A printed sentence that marks where a field begins; similarity is in [0, 1]."""

    name: AnchorName
    box: Box
    text: str
    similarity: Confidence


class Layout(PageRecord):
    """Where everything stands on a page, and what its print says.

    `rotation_degrees` is what the scan was turned by, counter-clockwise, to stand upright: 180 and
    a little where it lay upside down. `outline` is there for a photo whose sheet was found and made
    a rectangle first: the sheet's corners in pixels of the scan, clockwise from the top left.
    `fallbacks` names each anchor or field that was not found and what was done instead, and what
    had to be put right before. `scan` is the SHA-256 of the scan's file, None for what was read
    from no file.
    """

    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    rotation_degrees: float
    anchors: list[Anchor]
    region: Box
    topic: Reading | None
    test: Annotated[int, Field(ge=0)] | None
    test_confidence: Confidence | None
    band: Band | None
    band_confidence: Confidence | None
    comment: Reading | None
    words: list[Word]
    fallbacks: list[str]
    outline: Annotated[list[Point], Field(min_length=4, max_length=4)] | None = None
    scan: str | None = None


# --- segment: data/lines/<page>/lines.json ------------------------------------------------------


LineFlag = Literal["too_tall", "too_short", "touching"]


class Line(Record):
    """One handwritten line of a candidate, in page pixels, and the crop that shows it.

    `box` holds what a rectangular crop shows, `polygon` goes round the line's ink, `baseline` runs
    under its letters from left to right with the mean `slope` (down per right), `height` is the
    mean height of its outline; points are (x, y). `ink` counts the line's ink pixels. `flags` say
    what looks wrong: much taller or lower than the page's other lines, or a stroke shared with
    one. `crop` names `data/lines/<page>/<crop>.png`; equal crops share one name.
    """

    box: Box
    crop: CropName
    ink: Annotated[int, Field(ge=0)]
    polygon: list[Point]
    baseline: list[Point]
    slope: float
    height: Annotated[float, Field(ge=0)]
    flags: list[LineFlag]


class Candidate(Record):
    """One segmentation of the region, lines in reading order."""

    name: str
    threshold: Annotated[float, Field(gt=0, lt=1)]
    lines: list[Line]


class PageLines(PageRecord):
    """All candidate segmentations of a page."""

    candidates: Annotated[list[Candidate], Field(min_length=1)]


# --- recognize: data/raw/<page>.json ------------------------------------------------------------


class Alternative(Record):
    """Another token that could have stood at a place, as text; the end of the line is empty."""

    text: str
    logprob: LogProbability


class Token(Record):
    """One generated token as text, with its log-probability.

    `alternatives` are the most probable other tokens after the same beginning of the line, best
    first. A crop's best hypothesis has them; the others leave them out.
    """

    text: str
    logprob: LogProbability
    alternatives: list[Alternative] = Field(default_factory=list)


class Hypothesis(Record):
    """One reading of a line crop.

    `score` is the sum of the tokens' log-probabilities over their number: the length-normalised
    log-probability, whatever `length_penalty` the search used.
    """

    text: str
    score: LogProbability
    tokens: list[Token]


class CropReading(Record):
    """The n-best readings of a crop, best first, as the beam search ranked them."""

    crop: CropName
    hypotheses: Annotated[list[Hypothesis], Field(min_length=1)]


class RawPage(PageRecord):
    """The recogniser's output for a page and the candidate segmentation chosen.

    `checkpoint` identifies the weights: name, revision and a digest of the files. `scores` are what
    the selector thought of each candidate of `lines.json`; `chosen` counts them from 0 to the first
    with the highest. Names are left to `lines.json`: thresholds that find the same lines give the
    same record.
    """

    checkpoint: str
    selector: str
    chosen: Annotated[int, Field(ge=0)]
    scores: list[float]
    lines: list[Line]
    readings: list[CropReading]


# --- correct: data/corrected/<page>.json --------------------------------------------------------


class Edit(Record):
    """One change: `before` stood at [start, end) of a raw line.

    `line` counts the field's raw lines from 0; a corrector that rewrites a whole text has line -1
    and offsets into its raw lines joined with one space. `score` is the corrector's own measure of
    how sure it was, by its docstring; None where it has none.
    """

    line: Annotated[int, Field(ge=-1)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    before: str
    after: str
    corrector: str
    reason: str
    score: float | None = None


class CorrectedText(Record):
    """A text before and after correction, one string per line (print counts as one line)."""

    raw: list[str]
    corrected: list[str]
    edits: list[Edit]


class Suspect(Record):
    """A line of the essay, counted from 0, whose text cannot be what stands there, and why."""

    line: Annotated[int, Field(ge=0)]
    reason: str


class CorrectedPage(PageRecord):
    """A page's texts after correction, in the dataset's fields.

    `essay` undoes the recogniser's mistakes only. `essay_standard`, where it is asked for, goes on
    from there to standard spelling and grammar.
    """

    topic: CorrectedText
    essay: CorrectedText
    examiner_comment: CorrectedText
    suspects: list[Suspect] = []
    essay_standard: CorrectedText | None = None


# --- assemble: data/dataset/ --------------------------------------------------------------------


class DatasetRecord(Record):
    """One line of dataset.jsonl: the notebook's five fields.

    `essay_standard` is there if standard spelling and grammar were asked for.
    """

    topic: str
    band: Band | None
    essay: Annotated[str, Field(min_length=1)]
    examiner_comment: str
    source: str
    essay_standard: str | None = None


class Provenance(Record):
    """One line of provenance.jsonl: all that is known about how a record came to be.

    `edits` are the essay's. The print as read, and its edits, are there where it was corrected.
    """

    page: PageName
    source: str
    checkpoint: str
    selector: str
    candidate: str
    test: int | None
    test_confidence: Confidence | None
    topic_confidence: Confidence | None
    band_confidence: Confidence | None
    comment_confidence: Confidence | None
    essay_score: LogProbability | None
    essay_raw: list[str]
    line_boxes: list[Box]
    edits: list[Edit]
    suspects: list[Suspect] = []
    standard_edits: list[Edit] = []
    topic_raw: list[str] = []
    topic_edits: list[Edit] = []
    comment_raw: list[str] = []
    comment_edits: list[Edit] = []
    fallbacks: list[str]


# --- evaluate: data/transcriptions/<page>.yaml --------------------------------------------------


class Transcription(Record):
    """A page typed by hand: `essay` holds one string per handwritten line.

    A field left out is not scored.
    """

    topic: str | None = None
    band: Band | None = None
    essay: Annotated[list[str], Field(min_length=1)] | None = None
    examiner_comment: str | None = None
