from stages.pages.records import Hypothesis, Token, Transcription
from tests.transcribe.project import make_layout, read
from transcribe.draft import Row
from transcribe.prefill import doubts, print_texts, with_crops, with_file


def lines(*texts: str) -> list[Row]:
    return [
        Row(id=f"line-{n}", field="essay", crops=(f"c{n}",), text=text)
        for n, text in enumerate(texts, 1)
    ]


def page(*texts: str) -> list[Row]:
    ends = [Row(id=name, field=name, text="") for name in ("topic", "band", "examiner_comment")]
    return [*ends[:2], *lines(*texts), ends[2]]


def test_doubts_name_what_else_was_thought_of() -> None:
    assert [tuple(doubt) for doubt in doubts(read("A doe"))] == [
        (3, 4, 0.5, ["a", "e"]),
        (4, 5, 0.9, ["a"]),
    ]
    several = Hypothesis(
        text="the cat",
        score=-1,
        tokens=[Token(text="the", logprob=0), Token(text=" cat", logprob=-1)],
    )
    assert [tuple(doubt)[:3] for doubt in doubts(several)] == [(3, 7, 0.37)]


def test_the_print_fills_its_fields() -> None:
    texts = print_texts(make_layout("one"))
    assert texts == {
        "topic": "Should cats be free?",
        "band": "6.5",
        "examiner_comment": "A short answer.",
    }
    unread = make_layout("one").model_copy(update={"topic": None, "band": None, "comment": None})
    assert set(print_texts(unread).values()) == {""}


def test_a_file_says_what_its_lines_are_and_the_rest_is_left_out() -> None:
    rows = page("A cat sot", "dirt", "on the met.")
    readings = {row.id: row.text for row in rows}
    typed = Transcription(essay=["A cat sat", "on the mat.", "The end"], band=6)
    found = with_file(rows, readings, typed, 7)
    assert [(row.id, row.text, row.accepted, row.left_out) for row in found] == [
        ("topic", "", False, False),
        ("band", "6.0", True, False),
        ("line-1", "A cat sat", True, False),
        ("line-2", "dirt", True, True),
        ("line-3", "on the mat.", True, False),
        ("file-7-3", "The end", True, False),
        ("examiner_comment", "", False, False),
    ]
    assert not any(row.others for row in found)


def test_what_was_typed_meanwhile_is_kept_beside_the_file() -> None:
    rows = page("A cat sot")
    readings = {row.id: row.text for row in rows}
    rows[2] = rows[2].model_copy(update={"text": "A cut sat"})
    found = with_file(rows, readings, Transcription(essay=["A cat sat"]), 1)
    assert (found[2].text, found[2].others, found[2].accepted) == (
        "A cat sat",
        ("A cut sat",),
        False,
    )


def test_another_segmentation_keeps_what_was_typed() -> None:
    typed = page("A cat sat", "on the mat.")
    fresh = page("A cut sut", "noise xx", "on the met.")
    fresh = [row.model_copy(update={"crops": tuple(f"n{c}" for c in row.crops)}) for row in fresh]
    found = with_crops(typed, fresh)
    assert [(row.text, row.crops) for row in found if row.field == "essay"] == [
        ("A cat sat", ("nc1",)),
        ("noise xx", ("nc2",)),
        ("on the mat.", ("nc3",)),
    ]
    assert len({row.id for row in found}) == len(found)
    assert with_crops(typed, page("other", "texts")) == typed
