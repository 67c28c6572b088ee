"""Pages as the stages before evaluate leave them."""

from stages.evaluate.outcomes import Outcome, Reading
from stages.pages.records import (
    Anchor,
    Box,
    Candidate,
    CorrectedPage,
    CorrectedText,
    CropReading,
    DatasetRecord,
    Edit,
    Hypothesis,
    Layout,
    Provenance,
    RawPage,
    Rejection,
    Transcription,
)
from tests.records import make_line

REGION = Box(left=100, top=300, right=1100, bottom=900)
PRINTED = Box(left=100, top=200, right=600, bottom=240)
BOXES = [Box(left=120, top=y, right=1000, bottom=y + 60) for y in (320, 420, 520)]


def _layout(page: str) -> Layout:
    anchor = Anchor(name="band", box=PRINTED, text="Band 6.5", similarity=0.9)
    return Layout(
        page=page,
        source=f"{page}.png",
        width=1200,
        height=1600,
        rotation_degrees=0,
        anchors=[anchor],
        region=REGION,
        topic=None,
        test=None,
        test_confidence=None,
        band=6.5,
        band_confidence=0.9,
        comment=None,
        words=[],
        fallbacks=["comment: not found, left empty"],
        scan=f"{page}'s digest",
    )


def _reading(page: str, raw: list[str], final: list[str], topic: str, band: float) -> Reading:
    source = f"{page}.png"
    lines = [
        make_line(f"c{number}", 9, box) for number, box in zip(range(len(raw)), BOXES, strict=False)
    ]
    edit = Edit(
        line=0, start=0, end=1, before="<i>", after="a", corrector="symspell", reason="not a word"
    )
    none = CorrectedText(raw=[], corrected=[], edits=[])
    return Reading(
        record=DatasetRecord(
            topic=topic, band=band, essay=" ".join(final), examiner_comment="", source=page
        ),
        provenance=Provenance(
            page=page,
            source=source,
            checkpoint="tiny",
            selector="likelihood",
            candidate="0.1",
            test=None,
            test_confidence=None,
            topic_confidence=None,
            band_confidence=0.9,
            comment_confidence=None,
            essay_score=-0.5,
            essay_raw=raw,
            line_boxes=[line.box for line in lines],
            edits=[edit],
            fallbacks=[],
        ),
        corrected=CorrectedPage(
            page=page,
            source=source,
            topic=CorrectedText(raw=[topic], corrected=[topic], edits=[]),
            essay=CorrectedText(raw=raw, corrected=final, edits=[edit]),
            examiner_comment=none,
        ),
        raw=RawPage(
            page=page,
            source=source,
            checkpoint="tiny",
            selector="likelihood",
            chosen=0,
            scores=[-0.25],
            lines=lines,
            readings=[
                CropReading(crop=line.crop, hypotheses=[Hypothesis(text=t, score=0, tokens=[])])
                for line, t in zip(lines, raw, strict=True)
            ],
        ),
        candidates=[Candidate(name="0.1", threshold=0.1, lines=lines)],
    )


def make_outcome(
    page: str = "p",
    *,
    raw: list[str] | None = None,
    final: list[str] | None = None,
    topic: str = "",
    band: float = 6.5,
    truth: Transcription | None = None,
    reason: str | None = None,
    trained_on: bool = False,
) -> Outcome:
    """A page that came through, or with `reason` one that the crop stage rejected.

    A name with a slash, which records refuse, is the outcome's alone.
    """
    name = page.replace("/", "_")
    if reason is not None:
        rejection = Rejection(page=name, source=f"{page}.png", stage="crop", reason=reason)
        return Outcome(page, rejection.source, rejection, None, truth, trained_on)
    reading = _reading(name, raw or ["x"], final or raw or ["x"], topic, band)
    return Outcome(page, f"{page}.png", reading, _layout(name), truth, trained_on)
