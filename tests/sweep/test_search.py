"""Real studies of Optuna in real files; what a point scores on its pages is given here."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import optuna
import pytest
from optuna.trial import FrozenTrial, Trial, TrialState

from stages.errors import UserError
from sweep.presets import Point, Sweep, given, point_of, points
from sweep.ranges import Range
from sweep.search import STUDIES, open_study, readable, report_pages, search, size

SWEEP = Sweep(
    "mine",
    "essay_cer",
    {"recognize.num_beams": ["1", "2", "4"]},
    {"recognize.length_penalty": Range(low=0.0, high=2.0)},
)
PAGES = {f"page-{number}": number for number in range(8)}


class KilledError(Exception):
    pass


def rate(point: Point, page: int) -> float:
    """Few beams are bad, and some pages are harder than others."""
    settings = point.params.recognize
    return 0.2 / settings.num_beams + 0.01 * page + 0.01 * abs(settings.length_penalty - 1)


class Pages:
    """Tries a point on four pages, then on all, as the command does; killed at the nth try."""

    def __init__(self, killed_at: int | None = None) -> None:
        self.tried: list[Mapping[str, str]] = []
        self.killed_at = killed_at

    def __call__(self, trial: Trial, point: Point) -> float:
        trial.set_user_attr("experiment", str(len(self.tried)))
        self.tried.append(point.values)
        if len(self.tried) == self.killed_at:
            raise KilledError
        rates = {page: rate(point, number) for page, number in PAGES.items()}
        report_pages(trial, dict(list(rates.items())[:4]), PAGES)
        if trial.should_prune():
            raise optuna.TrialPruned
        report_pages(trial, rates, PAGES)
        return sum(rates.values()) / len(rates)


def history(study: optuna.Study) -> list[tuple[object, ...]]:
    done = study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED])
    return [(trial.params, trial.state, trial.value) for trial in done]


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., optuna.Study]:
    return lambda folder="one", data="code", pages=PAGES: open_study(
        SWEEP, 5, data, list(pages), tmp_path / folder
    )


def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(
    study: Callable[..., optuna.Study],
) -> None:
    whole = study("undisturbed")
    search(whole, SWEEP, 14, 5, Pages())

    for killed_at in (1, 4, 6):
        with pytest.raises(KilledError):
            search(study(), SWEEP, 14, 5, Pages(killed_at))
    last = Pages()
    search(study(), SWEEP, 14, 5, last)
    assert history(study()) == history(whole)
    assert len(last.tried) < 14
    search(study(), SWEEP, 14, 5, last)
    assert len(study().trials) == 14 + 3


def test_a_point_that_is_worse_on_every_page_is_given_up(
    study: Callable[..., optuna.Study],
) -> None:
    search(study(), SWEEP, 12, 5, Pages())
    trials = study().get_trials()
    best = study().best_trial
    assert best.params["recognize.num_beams"] == "4"
    pruned = [trial for trial in trials if trial.state == TrialState.PRUNED]
    assert pruned
    for trial in pruned:
        assert set(trial.intermediate_values) == set(range(4))
        before = [t for t in trials if t.number < trial.number and t.value is not None]
        assert all(_worse(trial, min(before, key=lambda t: t.value or 0), n) for n in range(4))
    full = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert all(set(trial.intermediate_values) == set(range(8)) for trial in full)


def _worse(trial: FrozenTrial, other: FrozenTrial, page: int) -> bool:
    return trial.intermediate_values[page] > other.intermediate_values[page]


def test_a_point_that_comes_again_is_not_tried_again(tmp_path: Path) -> None:
    sweep = given(["recognize.num_beams=2,4"])
    tries = Pages()
    study = open_study(sweep, 0, "", [], tmp_path)
    search(study, sweep, 8, 0, tries)
    assert sorted(tried["recognize.num_beams"] for tried in tries.tried) == ["2", "4"]


def test_a_point_that_comes_again_does_not_count(tmp_path: Path) -> None:
    many = given([f"recognize.num_beams={','.join(map(str, range(1, 7)))}", "correct=none"])
    for count in (4, 6):
        tries = Pages()
        study = open_study(many, 3, "", [], tmp_path / str(count))
        search(study, many, count, 3, tries)
        assert len(tries.tried) == len({str(tried) for tried in tries.tried}) == count
    search(study, many, 6, 3, tries)
    assert len(tries.tried) == 6


@pytest.mark.parametrize(
    ("values", "count"),
    [
        (Range(low=1, high=4), 4),
        (Range(low=0.15, high=0.45, step=0.05), 7),
        (Range(low=0, high=1, step=0.3333333334), 3),
        (Range(low=0.0, high=1), math.inf),
    ],
)
def test_how_many_points_there_are(values: Range, count: float) -> None:
    assert size(Sweep("x", "essay_cer", {"a": ["1", "2", "2"]}, {"b": values})) == 2 * count


def test_what_failed_is_tried_again_by_the_next_call_only(tmp_path: Path) -> None:
    sweep = given(["recognize.num_beams=2,4"])
    study = open_study(sweep, 0, "", [], tmp_path)
    search(study, sweep, 2, 0, lambda trial, point: None)
    assert [trial.state for trial in study.trials] == [TrialState.FAIL] * 2
    last = Pages()
    search(study, sweep, 2, 0, last)
    assert len(study.get_trials(states=[TrialState.FAIL])) == 2
    assert len(last.tried) == 2


def test_any_seed_will_do(study: Callable[..., optuna.Study]) -> None:
    search(study(), SWEEP, 2, 2**40, Pages())
    assert len(study().trials) == 2


def test_other_code_or_data_is_another_study(study: Callable[..., optuna.Study]) -> None:
    search(study(), SWEEP, 2, 5, Pages())
    assert study(data="other code").trials == []
    assert study(pages=[*PAGES, "page-8"]).trials == []
    assert len(study().trials) == 2


def test_other_settings_that_do_not_vary_are_another_study(
    study: Callable[..., optuna.Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    search(study(), SWEEP, 2, 5, Pages())
    other = point_of({"segment.crop.margin": "0.3"})
    monkeypatch.setattr("sweep.search.point_of", lambda values: other)
    assert study().trials == []


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_file_is_told_in_one_line(
    study: Callable[..., optuna.Study], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "one" / STUDIES
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"search\.db: cannot be used \([^\n]+\); move it"):  # noqa: SIM117
        with readable(path):
            study()


def test_values_stay_in_their_ranges(tmp_path: Path) -> None:
    sweep = Sweep(
        "ranges",
        "essay_cer",
        {"correct": ["channel", "none"]},
        {
            "segment.thresholds.0": Range(low=0.1, high=0.4, step=0.1),
            "recognize.num_beams": Range(low=1, high=6),
            "segment.seams.scale": Range(low=0.5, high=2.0, log=True),
        },
    )
    seen: list[Point] = []

    def attempt(trial: Trial, point: Point) -> float:
        trial.set_user_attr("experiment", "")
        seen.append(point)
        return float(len(seen))

    search(open_study(sweep, 1, "", [], tmp_path), sweep, 12, 1, attempt)
    assert {t for p in seen for t in p.params.segment.thresholds} <= {0.1, 0.2, 0.3, 0.4}
    assert len({p.params.recognize.num_beams for p in seen}) > 1
    assert all(0.5 <= p.params.segment.seams.scale <= 2 for p in seen)
    assert {tuple(p.params.correct.chain) for p in seen} == {("channel",), ()}


def test_a_range_asks_for_a_search() -> None:
    sweep = given(["recognize.length_penalty=interval(0.5,2)", "recognize.num_beams=4"])
    assert sweep.ranges == {"recognize.length_penalty": Range(low=0.5, high=2.0)}
    with pytest.raises(UserError, match=r"length_penalty: 0.5 to 2.0 is no list .* --search"):
        points(sweep)
    with pytest.raises(UserError, match="low should be less than high"):
        given(["recognize.length_penalty=interval(2,1)"])


def test_an_interval_of_a_whole_number_is_of_whole_numbers(tmp_path: Path) -> None:
    sweep = given(["recognize.num_beams=interval(1,4)", "recognize.length_penalty=interval(0,2)"])
    assert sweep.ranges["recognize.num_beams"].whole
    assert not sweep.ranges["recognize.length_penalty"].whole
    assert not given(["recognize.num_beams=interval(1,2.5)"]).ranges["recognize.num_beams"].whole
    tries = Pages()
    search(open_study(sweep, 0, "", [], tmp_path), sweep, 3, 0, tries)
    assert {tried["recognize.num_beams"] for tried in tries.tried} <= {"1", "2", "3", "4"}
