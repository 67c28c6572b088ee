import numpy as np

from stages.ink import find_components
from stages.segment.strays import insertions, short_lines

SEEDS = np.repeat(np.array([[50.0], [150.0]]), 400, axis=1)


def letters(mask: np.ndarray, x: int, y: int, count: int, height: int = 20) -> None:
    for k in range(count):
        mask[y - height // 2 : y + height // 2, x + 14 * k : x + 14 * k + 8] = True


def test_a_word_far_from_every_line_is_a_line() -> None:
    mask = np.zeros((400, 400), bool)
    letters(mask, 40, 50, 10)
    letters(mask, 60, 260, 2)
    ((x, y),) = short_lines(find_components(mask), SEEDS, 20, 100)
    assert (x, y) == (71, 260)
    assert len(short_lines(find_components(mask), SEEDS[:0], 20, 100)) == 2


def test_a_blot_is_no_line() -> None:
    mask = np.zeros((400, 400), bool)
    mask[240:340, 100:220] = True
    assert short_lines(find_components(mask), SEEDS, 20, 100) == []


def test_a_word_of_joined_letters_is_a_line_and_a_stroke_alone_is_none() -> None:
    mask = np.zeros((400, 400), bool)
    letters(mask, 40, 50, 10)
    mask[250:270:9, 60:100] = True
    mask[250:270, [60, 61, 80, 81, 98, 99]] = True
    assert short_lines(find_components(mask), SEEDS, 20, 100) == [(80.0, 260.0)]
    mask[250:270, 66:] = False
    assert short_lines(find_components(mask), SEEDS, 20, 100) == []


def test_a_word_between_two_lines_belongs_to_the_lower() -> None:
    mask = np.zeros((300, 400), bool)
    letters(mask, 20, 50, 20)
    letters(mask, 20, 150, 20)
    letters(mask, 100, 100, 5, height=14)
    components = find_components(mask)
    moved = insertions(components, SEEDS, 20, 100)
    assert set(moved.values()) == {2}
    assert sorted(components.top[list(moved)].tolist()) == [93] * 5


def test_the_tail_of_a_letter_is_no_insertion() -> None:
    mask = np.zeros((300, 400), bool)
    letters(mask, 20, 50, 20)
    mask[70:110, 60:64] = True
    assert insertions(find_components(mask), SEEDS, 20, 100) == {}
