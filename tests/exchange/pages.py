"""Pages as the stages leave them, and the sheets made of them."""

from exchange.frame import Frame, frame_of
from exchange.gather import Page, make_sheet
from exchange.sheets import Sheet, TextFrom
from stages.pages.records import (
    Box,
    CorrectedPage,
    CorrectedText,
    CropReading,
    Hypothesis,
    Layout,
    RawPage,
    Reading,
    Transcription,
    Word,
)
from stages.pages.upright import rotation
from tests.records import make_line

WIDTH, HEIGHT, DEGREES = 1000, 1400, 1.5
MIN_SIMILARITY = 0.75
PRINT = (
    (100, "Write about the following topic:"),
    (140, "Some people think that cities are well-"),
    (180, "known for noise. Do you agree?"),
    (240, "This is an answer written by a candidate who achieved a Band 6.5 score."),
    (1000, "Here is the examiner's comment:"),
    (1040, "The writer answers both questions"),
    (1080, "and gives examples."),
)
TOPIC = "Some people think that cities are well-known for noise. Do you agree?"
COMMENT = "The writer answers both questions and gives examples."
READ = ["Now a days many peoples", "lives in a city and", "they dont like it"]


def layout_of(printed: bool = True) -> Layout:
    """A page that stands `DEGREES` askew; without its print nothing of it was found."""
    _, (width, height) = rotation(WIDTH, HEIGHT, DEGREES)
    words = [
        Word(
            text=text,
            box=Box(left=100 + 60 * n, top=top, right=150 + 60 * n, bottom=top + 30),
            confidence=0.95,
            line=line,
        )
        for line, (top, sentence) in enumerate(PRINT if printed else ())
        for n, text in enumerate(sentence.split())
    ]
    return Layout(
        page="page",
        source="page.png",
        width=width,
        height=height,
        rotation_degrees=DEGREES,
        anchors=[],
        region=Box(left=0, top=280, right=width, bottom=980),
        topic=Reading(text=TOPIC, confidence=0.95) if printed else None,
        test=None,
        test_confidence=None,
        band=6.5 if printed else None,
        band_confidence=0.95 if printed else None,
        comment=Reading(text=COMMENT, confidence=0.95) if printed else None,
        words=words,
        fallbacks=[],
    )


def page_of(
    truth: Transcription | None = None, printed: bool = True, read: list[str] | None = None
) -> Page:
    """A page whose handwriting was read as `read`, a line each."""
    texts = READ if read is None else read
    lines = [
        make_line(f"crop{n}", 9, Box(left=100, top=300 + 80 * n, right=900, bottom=360 + 80 * n))
        for n in range(len(texts))
    ]
    readings = [
        CropReading(crop=line.crop, hypotheses=[Hypothesis(text=text, score=-0.25, tokens=[])])
        for line, text in zip(lines, texts, strict=True)
    ]
    mended = [text.replace("dont", "don't") for text in texts]
    whole = CorrectedText(raw=[TOPIC], corrected=[TOPIC], edits=[])
    comment = CorrectedText(raw=[COMMENT], corrected=[COMMENT], edits=[])
    empty = CorrectedText(raw=[], corrected=[], edits=[])
    return Page(
        layout=layout_of(printed),
        raw=RawPage(
            page="page",
            source="page.png",
            checkpoint="tiny@1",
            selector="likelihood",
            chosen=0,
            scores=[-0.25],
            lines=lines,
            readings=readings,
        ),
        corrected=CorrectedPage(
            page="page",
            source="page.png",
            topic=whole if printed else empty,
            essay=CorrectedText(raw=texts, corrected=mended, edits=[]),
            examiner_comment=comment if printed else empty,
        ),
        truth=truth,
    )


def frame() -> Frame:
    return frame_of(WIDTH, HEIGHT, layout_of())


def sheet_of(page: Page, choice: TextFrom = "transcription") -> Sheet:
    return make_sheet(page, frame(), "page.png", choice, MIN_SIMILARITY)


def expected(page: Page) -> Transcription:
    """What importing the page's export should give: what is typed, else what is corrected."""
    truth = page.truth or Transcription()
    read = page.corrected
    return Transcription(
        topic=_typed(truth.topic, read.topic),
        band=page.layout.band if truth.band is None else truth.band,
        essay=truth.essay or read.essay.corrected or None,
        examiner_comment=_typed(truth.examiner_comment, read.examiner_comment),
    )


def _typed(typed: str | None, read: CorrectedText) -> str | None:
    return typed if typed is not None else " ".join(read.corrected) or None
