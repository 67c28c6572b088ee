import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.segment.seeds import (
    Chain,
    extend,
    find_chains,
    link,
    ridges,
    without_fragments,
    without_insertions,
)

PITCH = 36.0


def chain(left: int, right: int, row: float, slope: float = 0.0, mass: float = 1.0) -> Chain:
    columns = np.arange(left, right + 1, dtype=np.float64)
    return Chain(columns, row + slope * (columns - left), mass * (right - left))


def test_ridges_run_along_bands_of_strokes() -> None:
    density = np.zeros((200, 400), np.float32)
    for row in (50, 86, 122):
        density[row - 5 : row + 6, 30:370:3] = 1
    chains = find_chains(ridges(density, PITCH, 1.6 * PITCH), PITCH, 0.25)
    assert len(chains) == 3
    rows = sorted(float(c.rows.mean()) for c in chains)
    assert np.abs(np.array(rows) - [50, 86, 122]).max() < 1.5


def test_parts_of_a_line_are_linked_and_lines_are_not() -> None:
    parts = [chain(0, 100, 50), chain(150, 260, 54), chain(300, 390, 52), chain(20, 390, 86)]
    linked = link(parts, PITCH)
    assert sorted((c.left, c.right) for c in linked) == [(0, 390), (20, 390)]


def test_an_overlap_is_no_link() -> None:
    assert len(link([chain(0, 200, 50), chain(100, 300, 55)], PITCH)) == 2


def test_fragments_and_insertions_are_no_lines() -> None:
    lines = [chain(0, 390, 50), chain(0, 390, 86), chain(0, 390, 122)]
    assert without_fragments([*lines, chain(10, 12, 100)]) == lines
    assert without_insertions([*lines, chain(100, 150, 67)], PITCH, 400) == lines
    far = [chain(0, 390, 50), chain(100, 150, 86), chain(0, 390, 122)]
    assert without_insertions(far, PITCH, 400) == far


@given(
    st.lists(st.tuples(st.integers(0, 150), st.integers(200, 399)), min_size=1, max_size=6),
    st.floats(-0.05, 0.05),
)
def test_extended_curves_cover_all_columns_in_order_and_keep_what_is_known(
    spans: list[tuple[int, int]], slope: float
) -> None:
    chains = [
        chain(left, right, 60 + PITCH * number + slope * left, slope)
        for number, (left, right) in enumerate(spans)
    ]
    curves = extend(chains[::-1], 400)
    assert np.isfinite(curves).all()
    assert (np.diff(curves, axis=0) >= 2 - 1e-9).all()
    for curve, one in zip(curves, chains, strict=True):
        assert np.allclose(curve[one.columns.astype(int)], one.rows)


def test_beyond_its_end_a_line_runs_parallel_to_its_neighbour() -> None:
    curves = extend([chain(0, 399, 50, 0.1), chain(0, 150, 90, 0.1)], 400)
    assert np.allclose(curves[1] - curves[0], 40)


def test_no_chains_give_no_curves() -> None:
    assert extend([], 10).shape == (0, 10)
