from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.errors import UserError
from stages.pages.records import (
    Candidate,
    CropReading,
    Hypothesis,
    PageLines,
    RawPage,
    Transcription,
)
from stages.pages.stored import LINES, RAW, TRANSCRIPTIONS, write_record
from stages.pages.transcriptions import write_transcription
from tests.records import make_line
from training.pairs import align, match, pair_page, pairs_by_page, split

ESSAY = [
    "Some people think that museums",
    "should be free for everybody, but",
    "others do not agree with this",
    "opinion. In my view it depends.",
]
READ = [
    "Some peaple think thal museums",
    "shauld be free fer everybody but",
    "athers do not agree with lhis",
    "opinion. ln my view it depends",
]

texts = st.lists(st.text("abcdefgh ", min_size=1, max_size=20), max_size=6)


@given(texts, texts)
def test_pairs_keep_the_order_and_use_nothing_twice(readings: list[str], lines: list[str]) -> None:
    pairs = align(readings, lines)
    for (i, j), (k, m) in pairwise(pairs):
        assert i < k
        assert j < m
    assert all(i < len(readings) and j < len(lines) for i, j in pairs)


@given(st.integers(0, 3))
def test_a_line_that_was_not_found_leaves_the_others_in_place(lost: int) -> None:
    readings = [text for k, text in enumerate(READ) if k != lost]
    found = [k for k in range(4) if k != lost]
    assert match(readings, ESSAY) == list(enumerate(found))


def test_a_crop_of_two_lines_or_of_half_a_line_is_not_paired() -> None:
    joined = [READ[0], READ[1] + " " + READ[2], READ[3]]
    assert match(joined, ESSAY) == [(0, 0), (2, 3)]
    halved = [READ[0][:14], READ[0][14:], *READ[1:]]
    assert match(halved, ESSAY) == [(2, 1), (3, 2), (4, 3)]


def test_equal_counts_pair_in_order_even_where_the_reading_is_poor() -> None:
    assert match([READ[0], "xq 7 wwr", READ[2], READ[3]], ESSAY) == [(k, k) for k in range(4)]


def test_equal_counts_do_not_pair_dirt_two_lines_in_one_crop_or_another_page() -> None:
    assert match([READ[0], READ[1], READ[2] + " " + READ[3], "~."], ESSAY) == [(0, 0), (1, 1)]
    assert match([READ[0], READ[1], "xq 7 wwr mm ol ttbb rewn zu 4f", READ[3]], ESSAY)[2] == (2, 2)
    assert match(["the rain in spain stays", "q", "mainly in the plain", "or so"], ESSAY) == []


def test_a_candidate_with_as_many_crops_as_lines_does_not_go_before_one_read_right() -> None:
    shown = {"ab": READ[0] + READ[1], "dirt": "~.", "a": READ[0], "c": READ[2], "d": READ[3]}
    page = page_of({"0.1": ["ab", "dirt", "c", "d"], "0.2": ["a", "c", "d"]})
    pairs = pair_page(page, raw_of(page, shown), Transcription(essay=ESSAY))
    assert pairs == [("a", ESSAY[0]), ("c", ESSAY[2]), ("d", ESSAY[3])]


def test_equal_counts_by_accident_are_seen() -> None:
    readings = [READ[0] + " " + READ[1], READ[2], READ[3], "x"]
    assert match(readings, ESSAY) == [(1, 2), (2, 3)]


def page_of(candidates: dict[str, list[str]]) -> PageLines:
    found = [
        Candidate(name=name, threshold=0.1, lines=[make_line(crop, 1) for crop in crops])
        for name, crops in candidates.items()
    ]
    return PageLines(page="p", source="p.png", candidates=found)


def raw_of(page: PageLines, shown: dict[str, str]) -> RawPage:
    """A page of which each crop shows this text."""
    return RawPage(
        page="p",
        source="p.png",
        checkpoint="c",
        selector="longest",
        chosen=0,
        scores=[-0.25],
        lines=page.candidates[0].lines,
        readings=[
            CropReading(crop=crop, hypotheses=[Hypothesis(text=text, score=0, tokens=[])])
            for crop, text in shown.items()
        ],
    )


def test_the_candidate_that_shows_most_lines_is_used_and_lines_with_marks_are_not() -> None:
    shown = {"a": READ[0], "bc": READ[1] + READ[2], "b": READ[1], "c": READ[2], "d": READ[3]}
    page = page_of({"0.1": ["a", "bc", "d"], "0.2": ["a", "b", "c", "d"]})
    raw = raw_of(page, shown)
    pairs = pair_page(page, raw, Transcription(essay=ESSAY))
    assert pairs == list(zip("abcd", ESSAY, strict=True))
    marked = [ESSAY[0], ESSAY[1].replace("everybody", "[?]"), *ESSAY[2:]]
    kept = pair_page(page, raw, Transcription(essay=marked))
    assert kept == [("a", marked[0]), ("c", marked[2]), ("d", marked[3])]


def test_readings_of_other_lines_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [make_line("a", 9)]
    page = PageLines(
        page="p", source="p.png", candidates=[Candidate(name="x", threshold=0.1, lines=lines)]
    )
    raw = RawPage(
        page="p",
        source="p.png",
        checkpoint="c",
        selector="likelihood",
        chosen=0,
        scores=[-0.25],
        lines=lines,
        readings=[CropReading(crop="b", hypotheses=[Hypothesis(text="t", score=0, tokens=[])])],
    )
    write_record(LINES / "p/lines.json", page)
    write_record(RAW / "p.json", raw)
    write_transcription(TRANSCRIPTIONS / "p.yaml", Transcription(essay=["t"]))
    with pytest.raises(UserError, match=r"data/raw/p\.json: was read from other lines"):
        pairs_by_page()


names = st.lists(st.text("ab12", min_size=1, max_size=5), min_size=2, max_size=12, unique=True)


@given(names, st.floats(0.01, 0.99), st.integers(0, 99))
def test_pages_train_or_test_and_never_both(pages: list[str], share: float, seed: int) -> None:
    training, held_out = split(pages, share, seed)
    assert sorted(training + held_out) == sorted(pages)
    assert training
    assert held_out
    assert split(pages[::-1], share, seed) == (training, held_out)


def test_one_page_cannot_be_split() -> None:
    with pytest.raises(UserError, match=r"1 page.*transcribe more pages"):
        split(["only"], 0.5, 1)


@given(names, st.data())
def test_pages_seen_before_never_test(pages: list[str], data: st.DataObject) -> None:
    seen = set(pages) - {data.draw(st.sampled_from(pages))}
    training, held_out = split(pages, 0.9, 1, seen)
    assert set(held_out) == set(pages) - seen
    assert set(training) == seen


def test_nothing_is_held_out_where_all_was_seen() -> None:
    with pytest.raises(UserError, match="trained on all of these pages before"):
        split(["a", "b"], 0.5, 1, ["a", "b"])
