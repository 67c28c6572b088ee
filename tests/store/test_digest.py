from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.store.digest import files_digest, work_digest, work_key

IMAGES = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1)).map(
    lambda given: np.random.default_rng(given[2]).integers(0, 256, given[:2], np.uint8)
)
WORK = st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none(), max_size=4)


@given(IMAGES, st.data())
def test_one_pixel_changes_the_key(image: np.ndarray, data: st.DataObject) -> None:
    row, column = (data.draw(st.integers(0, size - 1)) for size in image.shape)
    changed = image.copy()
    changed[row, column] ^= data.draw(st.integers(1, 255))
    assert work_key("w", changed) != work_key("w", image) == work_key("w", image.copy())


@given(IMAGES)
def test_the_same_bytes_in_another_shape_are_another_image(image: np.ndarray) -> None:
    shapes = {image.shape, (image.size, 1), (1, image.size), (image.size,)}
    assert len({work_key("w", image.reshape(shape)) for shape in shapes}) == len(shapes)


def test_a_view_has_the_key_of_its_copy() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    assert work_key("w", image[:, ::2]) == work_key("w", image[:, ::2].copy())


@given(WORK, WORK)
def test_work_is_the_same_only_if_all_of_it_is(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = sorted((k, repr(v)) for k, v in one.items()) == sorted(
        (k, repr(v)) for k, v in other.items()
    )
    assert (work_digest(one) == work_digest(other)) == same
    assert work_digest(dict(reversed(one.items()))) == work_digest(one)


def test_files_count_by_name_and_content(tmp_path: Path) -> None:
    digests = set()
    for number, (name, content) in enumerate([("a", "bc"), ("ab", "c"), ("a", "b"), ("a", "")]):
        (tmp_path / str(number)).mkdir()
        path = tmp_path / str(number) / name
        path.write_text(content)
        digests.add(files_digest([path]))
    assert len(digests) == 4
    (tmp_path / "a").write_text("bc")
    assert files_digest([tmp_path / "a"]) == files_digest([tmp_path / "0" / "a"])
