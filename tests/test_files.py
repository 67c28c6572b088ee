import errno
import os
import resource
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from stages.errors import UserError
from stages.files import clear_unfinished, refusal, replacing, write_bytes
from tests.transcribe.window import soon

ROOT = Path(__file__).parents[1]
WRITER = """
import itertools, pathlib, sys
from stages.files import replacing
for number in itertools.count():
    with replacing(pathlib.Path(sys.argv[1]), durable=True) as file:
        file.write(b"%08d" % number * 20_000)
"""
WRITE = """
import resource, sys
from pathlib import Path
from stages.files import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(Path(sys.argv[1]), b"new" * 1000)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", WRITE, path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        f"UserError: {path}: file too large; raise the limit on a file's size (`ulimit -f`), "
        "then run the command again\n"
    )
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_names_may_be_as_long_as_the_system_has_them(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / ("é" * 125 + ".json")
    for content in (b"one", b"two"):
        write_bytes(path, content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_too_many_open_files_are_told_with_the_cure(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with pytest.raises(OSError, match="Too many") as caught:
            while True:
                opened.append((tmp_path / "x").open("w"))
        with pytest.raises(UserError, match="`ulimit -n`"):
            write_bytes(tmp_path / "y", b"")
    finally:
        for file in opened:
            file.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "`ulimit -n`" in str(refusal(caught.value))


def test_a_file_where_a_folder_has_to_be_is_told_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    attempts = [(tmp_path / "file/x").touch, (tmp_path / "file").mkdir, tmp_path.write_bytes]
    for attempt, given in zip(attempts, ([], [], [b""]), strict=True):
        with pytest.raises(OSError, match=r".") as caught:
            attempt(*given)
        told = str(refusal(caught.value))
        assert told.startswith(str(tmp_path))
        assert "name another place" in told


def test_what_no_person_can_mend_is_no_users_error() -> None:
    assert refusal(OSError(errno.EBADF, "Bad file descriptor")) is None


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
    (tmp_path / ".my.part").touch()
    (tmp_path / f".{12 * 'a'}.{8 * '0'}.part").touch()
    for left in tmp_path.glob(".*"):
        os.utime(left, (1e9, 1e9))
    being_written = tmp_path / f".{12 * 'b'}.{8 * '0'}.part"
    being_written.touch()
    clear_unfinished(tmp_path)
    assert set(tmp_path.iterdir()) == {tmp_path / ".my.part", being_written, path}


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), replacing(path, durable=True) as file:
        file.write(b"after")
    with pytest.raises(UserError, match=f"^{path}: no space left on device; free some space"):
        write_bytes(path, b"after", durable=True)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_lies_behind_a_link_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "cached").write_bytes(b"object")
    (tmp_path / "link").symlink_to("cached")
    write_bytes(tmp_path / "link", b"text")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "link").read_bytes() == b"text"
    assert (tmp_path / "cached").read_bytes() == b"object"
