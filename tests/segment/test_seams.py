import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.segment import seams
from stages.segment.seams import find_seams


def level(*rows: float, width: int = 120) -> np.ndarray:
    return np.repeat(np.array(rows)[:, None], width, axis=1)


def test_a_seam_goes_round_ink_that_hangs_down() -> None:
    ink = np.zeros((100, 120), np.float32)
    ink[20:62, 60] = 1
    (seam,) = find_seams(ink, level(20, 80))
    assert seam[60] > 61
    assert 45 < seam[5] < 60


def test_a_seam_crosses_a_joined_stroke_once() -> None:
    ink = np.zeros((100, 120), np.float32)
    ink[10:90, 60:62] = 1
    (seam,) = find_seams(ink, level(20, 80))
    crossed = ink[np.round(seam).astype(int), np.arange(120)].sum()
    assert crossed == 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 5))
def test_seams_lie_between_their_seeds_and_never_cross(seed: int, count: int) -> None:
    ink = np.random.default_rng(seed).random((40 * count + 40, 60)).astype(np.float32)
    seeds = level(*(20 + 40.0 * k for k in range(count)), width=60)
    found = find_seams(ink, seeds)
    assert found.shape == (count - 1, 60)
    assert (found > seeds[:-1]).all()
    assert (found < seeds[1:]).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_the_path_is_the_cheapest_of_all(seed: int) -> None:
    """Oracle: relaxation over all levels, without the vectorised back pointers."""
    ink = np.random.default_rng(seed).random((70, 9)).astype(np.float32)
    seeds = level(10, 60, width=9)
    (seam,) = find_seams(ink, seeds)
    steps = np.linspace(*seams.SPAN, seams.LEVELS)
    rows = 10 + 50 * steps
    costs = seams._costs(ink, np.broadcast_to(rows, (1, 9, seams.LEVELS)).copy())[0]
    path = np.array([int(np.abs(rows - row).argmin()) for row in seam])
    total = costs[np.arange(9), path].sum() + seams.STEP_COST * np.abs(np.diff(path)).sum()
    best = costs[0].astype(np.float64)
    for column in range(1, 9):
        best = costs[column] + np.array(
            [
                min(
                    best[k] + seams.STEP_COST * abs(k - j)
                    for k in range(max(0, j - seams.STEEPEST), min(48, j + seams.STEEPEST + 1))
                )
                for j in range(seams.LEVELS)
            ]
        )
    assert abs(total - best.min()) < 1e-3


def test_one_seed_has_no_seam() -> None:
    assert find_seams(np.zeros((50, 30), np.float32), level(20, width=30)).shape == (0, 30)
