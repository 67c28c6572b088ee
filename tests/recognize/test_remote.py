import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stages.config.settings import RecognizeSettings
from stages.recognize.engine import LocalEngine
from stages.recognize.remote import ReadingActor, pack, read_files, unpack
from stages.recognize.stored import reading_digest
from tests.ray_nodes import lose_a_node, two_nodes
from tests.recognize.drawing import WORDS
from tests.recognize.runs import Server, entries, outputs

SETTINGS = ("recognize=embedded", "recognize.batch_size=3", "recognize.num_beams=24")

shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))
grays = arrays.arrays(np.uint8, st.tuples(shapes, st.just(1)).map(lambda t: (*t[0], 1)))
colours = arrays.arrays(np.uint8, shapes.map(lambda shape: (*shape, 3)))


@given(st.one_of(grays.map(lambda gray: np.repeat(gray, 3, axis=2)), colours))
def test_crops_travel_pixel_for_pixel(crop: np.ndarray) -> None:
    there = unpack(pack(crop))
    assert there.dtype == crop.dtype
    assert np.array_equal(there, crop)


def test_an_actor_reads_as_the_driver_would_from_what_it_is_given(
    settings: Callable[..., RecognizeSettings], lines: list[np.ndarray]
) -> None:
    wanted = settings(device="cpu", dtype="float32")
    expected = LocalEngine(wanted)
    work = reading_digest(expected.identity, wanted)
    files = read_files(Path(wanted.checkpoint))
    given = wanted.model_copy(update={"checkpoint": "elsewhere"})
    actor = ReadingActor(given, files, work, {"torch": version("torch")})
    assert actor.ready() is None
    (found,) = expected.read("012", lambda key: lines[int(key)])
    assert actor.work([pack(line) for line in lines]) == list(found.values())

    other = ReadingActor(given, files, work, {"torch": "1.0"}).ready()
    assert other == f"its torch is {version('torch')}, here it is 1.0: install requirements.lock"
    changed = files | {"config.json": np.append(files["config.json"], np.uint8(ord(" ")))}
    assert "not what it was given" in str(ReadingActor(given, changed, work, {}).ready())
    broken = files | {"config.json": files["config.json"][:9]}
    assert "not a TrOCR checkpoint" in str(ReadingActor(given, broken, work, {}).ready())


@pytest.fixture
def nodes() -> Iterator[Any]:
    with two_nodes() as cluster:
        yield cluster


@pytest.fixture
def server(nodes: Any) -> Iterator[Server]:
    started = Server()
    yield started
    started.close()


def test_a_node_lost_in_the_middle_changes_no_byte(
    project: Path, nodes: Any, server: Server
) -> None:
    here, there = project / "here.sqlite", project / "there.sqlite"
    server.start(project, project / "log", str(here), *SETTINGS).finish()
    expected = outputs(project)
    shutil.rmtree(project / "data/raw")

    run = server.start(project, project / "none", str(there), *SETTINGS, "recognize.engine=ray")
    lose_a_node(nodes, "ReadingActor.work")
    told = run.finish()
    assert f"recognize: {len(WORDS)} crops, {len(WORDS)} to read" in told
    assert "a worker died; what it was at is tried again" in told
    assert outputs(project) == expected
    assert entries(there) == entries(here)
    assert not (project / "none").read_text()  # nothing was read in the run's own process
