import cv2
import numpy as np

from stages.segment.touching import part

SIZE = (160, 200)
UPPER, LOWER, LETTER, PITCH = 40, 110, 30.0, 70.0
CENTRES = np.repeat(np.array([[float(UPPER)], [float(LOWER)]]), SIZE[1], axis=1)


def drawn(*strokes: list[tuple[int, int]]) -> np.ndarray:
    canvas = np.zeros(SIZE, np.uint8)
    for stroke in strokes:
        cv2.polylines(canvas, [np.array(stroke, np.int32)], False, 1, 4)
    return canvas > 0


def letters(middle: int) -> np.ndarray:
    canvas = np.zeros(SIZE, np.uint8)
    for x in (40, 72, 104, 136):
        cv2.circle(canvas, (x, middle), 15, 1, 4)
    return canvas > 0


def lines_of(ink: np.ndarray, seam: float) -> np.ndarray:
    return part(ink, np.full((1, SIZE[1]), seam), CENTRES, LETTER, PITCH)


def test_an_ascender_that_touches_the_line_above_is_its_own_lines_to_the_tip() -> None:
    ascender = drawn([(72, 122), (72, 58)])
    upper = letters(UPPER)
    for seam in (62, 75, 90):
        lines = lines_of(upper | letters(LOWER) | ascender, seam)
        assert (lines[ascender & ~upper] == 2).mean() > 0.95
        assert (lines[upper & ~ascender] == 1).mean() > 0.98


def test_a_tail_that_crosses_a_stroke_below_goes_on_to_its_end() -> None:
    tail = drawn([(72, 40), (72, 88)])
    bar = drawn([(30, 76), (112, 76), (112, 108)])
    lower = letters(LOWER) | bar
    lines = lines_of(letters(UPPER) | tail | lower, 70)
    assert (lines[tail & ~lower] == 1).mean() > 0.95
    assert (lines[bar & ~tail] == 2).all()


def test_a_blot_of_a_foot_holds_its_stroke() -> None:
    """A capital I whose head stands in the line above: thinned, its foot is a pixel or two."""
    upper, stem = letters(UPPER), drawn([(72, 52), (72, 100)])
    foot = np.zeros(SIZE, np.bool_)
    foot[98:104, 60:85] = True
    for seam in (85, 100):
        lines = lines_of(upper | stem | foot, seam)
        assert (lines[foot] == 2).all()
        assert (lines[stem & ~upper] == 2).mean() > 0.9
        assert (lines[upper & ~stem] == 1).mean() > 0.98


def test_letters_joined_by_one_stroke_are_parted_between_the_lines() -> None:
    upper, lower = letters(UPPER), letters(LOWER)
    lines = lines_of(upper | lower | drawn([(55, UPPER), (55, LOWER)]), 75)
    assert (lines[upper] == 1).mean() > 0.9
    assert (lines[lower] == 2).mean() > 0.9


def test_only_ink_is_parted() -> None:
    ink = letters(UPPER) | letters(LOWER) | drawn([(72, 40), (72, 110)])
    lines = lines_of(ink, 75)
    assert set(lines[ink].tolist()) == {1, 2}
    assert not lines[~ink].any()
