import numpy as np

from bench.changes import shortened


def test_every_other_line_is_cut_short_and_the_others_stay() -> None:
    labels = np.zeros((100, 200), np.uint8)
    for number, top in enumerate((10, 40, 70), 1):
        labels[top : top + 10, 20:121] = number
    region = np.full((100, 200, 3), 240, np.uint8)
    region[labels > 0] = 30
    shown, left = shortened(region, labels)
    assert [int(np.ptp(np.nonzero(left == number)[1])) for number in (1, 2, 3)] == [100, 20, 100]
    assert ((shown == 30).all(axis=2) == (left > 0)).all()
    assert (shown[left == 0] == 240).all()
    assert (labels[40:50, 20:121] == 2).all()
