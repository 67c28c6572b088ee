"""One page's records joined: the five fields of the dataset, and where they came from."""

from collections.abc import Sequence

from stages.hyphens import join_lines
from stages.pages.records import (
    CorrectedPage,
    DatasetRecord,
    Layout,
    PageLines,
    Provenance,
    RawPage,
)


def dataset_record(page: CorrectedPage, layout: Layout, line_breaks: bool) -> DatasetRecord:
    """The notebook's five fields; a printed field that was not found is an empty string.

    Args:
        page: the corrected texts; the essay holds some text.
        layout: the same page's layout.
        line_breaks: keep the handwritten line breaks in the essay; else words divided at the end
            of a line are made whole, and spaces stand between all others.
    """
    join = _with_breaks if line_breaks else join_lines
    standard = page.essay_standard
    return DatasetRecord(
        topic=" ".join(page.topic.corrected),
        band=layout.band,
        essay=join(page.essay.corrected),
        examiner_comment=" ".join(page.examiner_comment.corrected),
        source=page.page,
        essay_standard=join(standard.corrected) if standard else None,
    )


def no_text(page: CorrectedPage) -> str:
    """Why a page whose essay holds no text has none."""
    if not page.suspects:
        return "no text was read from the handwriting"
    reasons = "; ".join(dict.fromkeys(suspect.reason for suspect in page.suspects))
    return f"no line read can be believed: {reasons}; `correct.drop_suspects=false` keeps them"


def _with_breaks(lines: Sequence[str]) -> str:
    return "\n".join(filter(None, lines))


def provenance(page: CorrectedPage, layout: Layout, raw: RawPage, lines: PageLines) -> Provenance:
    """Everything that led to a page's record; `essay_score` is the ink-weighted mean score."""
    scores = {reading.crop: reading.hypotheses[0].score for reading in raw.readings}
    ink = sum(line.ink for line in raw.lines)
    weighted = sum(line.ink * scores[line.crop] for line in raw.lines)
    return Provenance(
        page=page.page,
        source=page.source,
        checkpoint=raw.checkpoint,
        selector=raw.selector,
        candidate=lines.candidates[raw.chosen].name,
        test=layout.test,
        test_confidence=layout.test_confidence,
        topic_confidence=layout.topic.confidence if layout.topic else None,
        band_confidence=layout.band_confidence,
        comment_confidence=layout.comment.confidence if layout.comment else None,
        essay_score=round(weighted / ink, 3) if ink else None,
        essay_raw=page.essay.raw,
        line_boxes=[line.box for line in raw.lines],
        edits=page.essay.edits,
        suspects=page.suspects,
        standard_edits=page.essay_standard.edits if page.essay_standard else [],
        topic_raw=page.topic.raw if page.topic.edits else [],
        topic_edits=page.topic.edits,
        comment_raw=page.examiner_comment.raw if page.examiner_comment.edits else [],
        comment_edits=page.examiner_comment.edits,
        fallbacks=layout.fallbacks,
    )
