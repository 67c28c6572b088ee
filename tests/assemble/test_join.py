import pytest
from pydantic import ValidationError

from stages.assemble.card import dataset_card
from stages.assemble.join import dataset_record, no_text, provenance
from stages.pages.records import (
    Box,
    Candidate,
    CorrectedPage,
    CorrectedText,
    CropReading,
    Edit,
    Hypothesis,
    Layout,
    PageLines,
    RawPage,
    Reading,
    Suspect,
)
from tests.records import make_line

BOX = Box(left=0, top=0, right=10, bottom=10)
EDIT = Edit(line=0, start=0, end=3, before="teh", after="the", corrector="symspell", reason="r")
LAYOUT = Layout(
    page="p1",
    source="p1.png",
    width=100,
    height=100,
    rotation_degrees=0.5,
    anchors=[],
    region=BOX,
    topic=Reading(text="A topic.", confidence=0.9),
    test=3,
    test_confidence=0.7,
    band=6.5,
    band_confidence=0.8,
    comment=None,
    words=[],
    fallbacks=["comment: not found"],
)
RAW = RawPage(
    page="p1",
    source="p1.png",
    checkpoint="c@1",
    selector="likelihood",
    chosen=1,
    scores=[-0.5, -0.25],
    lines=[make_line("a", 30, BOX), make_line("b", 10, BOX)],
    readings=[
        CropReading(crop="a", hypotheses=[Hypothesis(text="teh end", score=-1.0, tokens=[])]),
        CropReading(crop="b", hypotheses=[Hypothesis(text="of it", score=-2.0, tokens=[])]),
    ],
)
LINES = PageLines(
    page="p1",
    source="p1.png",
    candidates=[
        Candidate(name="projection@0.3", threshold=0.3, lines=RAW.lines[:1]),
        Candidate(name="projection@0.1", threshold=0.1, lines=RAW.lines),
    ],
)
PAGE = CorrectedPage(
    page="p1",
    source="p1.png",
    topic=CorrectedText(raw=["A topic."], corrected=["A topic."], edits=[]),
    essay=CorrectedText(
        raw=["teh end", "", "of it"], corrected=["the end", "", "of it"], edits=[EDIT]
    ),
    examiner_comment=CorrectedText(raw=[], corrected=[], edits=[]),
)


def test_a_record_has_the_notebooks_five_fields() -> None:
    assert dataset_record(PAGE, LAYOUT, line_breaks=False).model_dump(exclude_defaults=True) == {
        "topic": "A topic.",
        "band": 6.5,
        "essay": "the end of it",
        "examiner_comment": "",
        "source": "p1",
    }


def test_words_divided_at_the_end_of_a_line_are_whole() -> None:
    essay = CorrectedText(raw=[], corrected=["the govern-", "ment must"], edits=[])
    page = PAGE.model_copy(update={"essay": essay})
    assert dataset_record(page, LAYOUT, line_breaks=False).essay == "the government must"
    assert dataset_record(page, LAYOUT, line_breaks=True).essay == "the govern-\nment must"


def test_standard_spelling_is_there_where_it_was_asked_for() -> None:
    assert "essay_standard" not in dataset_record(PAGE, LAYOUT, False).model_dump(
        exclude_defaults=True
    )
    standard = CorrectedText(raw=["teh end"], corrected=["the end", "of it"], edits=[EDIT])
    page = PAGE.model_copy(update={"essay_standard": standard})
    record = dataset_record(page, LAYOUT, line_breaks=False)
    assert (record.essay, record.essay_standard) == ("the end of it", "the end of it")
    assert provenance(page, LAYOUT, RAW, LINES).standard_edits == [EDIT]


def test_line_breaks_are_kept_on_request() -> None:
    assert dataset_record(PAGE, LAYOUT, line_breaks=True).essay == "the end\nof it"


def test_provenance_keeps_what_was_read_and_every_edit() -> None:
    found = provenance(PAGE, LAYOUT, RAW, LINES)
    assert found.essay_raw == ["teh end", "", "of it"]
    assert found.edits == [EDIT]
    assert found.essay_score == pytest.approx((30 * -1 + 10 * -2) / 40)
    assert found.fallbacks == ["comment: not found"]
    assert found.candidate == "projection@0.1"
    assert (found.test, found.test_confidence, found.comment_confidence) == (3, 0.7, None)


def test_provenance_keeps_the_print_as_read_where_it_was_corrected() -> None:
    topic = CorrectedText(raw=["teh topic"], corrected=["the topic"], edits=[EDIT])
    found = provenance(PAGE.model_copy(update={"topic": topic}), LAYOUT, RAW, LINES)
    assert (found.topic_raw, found.topic_edits) == (["teh topic"], [EDIT])
    assert (found.edits, found.comment_raw, found.comment_edits) == ([EDIT], [], [])


def test_an_impossible_band_is_refused() -> None:
    with pytest.raises(ValidationError):
        Layout.model_validate(LAYOUT.model_dump() | {"band": 6.3})


def test_the_card_counts_pages_and_rejections() -> None:
    card = dataset_card({6.5: 2, None: 1}, {"c@1": 3}, 1)
    assert "Answers read from scans: 3. Pages rejected: 1 " in card
    assert "| 6.5 | 2 |\n| unknown | 1 |" in card
    assert "| c@1 | 3 |" in card


def test_a_page_without_text_says_which_lines_were_not_believed() -> None:
    empty = CorrectedText(raw=["----", "...."], corrected=["", ""], edits=[])
    page = PAGE.model_copy(update={"essay": empty})
    assert no_text(page) == "no text was read from the handwriting"
    suspects = [Suspect(line=n, reason=f"repeats {c!r} 4 times") for n, c in enumerate("-.")]
    assert no_text(page.model_copy(update={"suspects": suspects})) == (
        "no line read can be believed: repeats '-' 4 times; repeats '.' 4 times; "
        "`correct.drop_suspects=false` keeps them"
    )
