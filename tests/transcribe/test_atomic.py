import os
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from tests.transcribe.project import ROOT
from tests.transcribe.window import soon
from transcribe.atomic import clear_unfinished, write_whole

WRITER = """
import itertools, pathlib, sys
from transcribe.atomic import write_whole
for number in itertools.count():
    write_whole(pathlib.Path(sys.argv[1]), b"%08d" % number * 20_000)
"""


@pytest.mark.parametrize("delay", [0.013, 0.041, 0.097])
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "file"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT)
    soon(path.exists)
    sleep(delay)
    writer.kill()
    writer.wait()
    content = path.read_bytes()
    assert content == content[:8] * 20_000
    clear_unfinished(tmp_path, "file")
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere/file")
    write_whole(tmp_path / "link", b"text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere/file").read_bytes() == b"text"
