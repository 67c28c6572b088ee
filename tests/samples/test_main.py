"""The command line; what the pages look like is tested elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples import __main__ as command
from samples.compose import SamplePage


@pytest.fixture(autouse=True)
def _one_page_for_all(made: dict[str, SamplePage], monkeypatch: pytest.MonkeyPatch) -> None:
    page = next(iter(made.values()))

    def varied(count: int, seed: int) -> Iterator[tuple[str, SamplePage]]:
        yield from ((f"varied-{number:04d}.png", page) for number in range(1, count + 1))

    monkeypatch.setattr(command, "varied_pages", varied)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["samples", *arguments])
    command.main()


def test_fewer_pages_than_before_leave_none_of_these(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(monkeypatch, "--count", "3", "--out", str(tmp_path))
    mine = [tmp_path / "pages/varied-mine.png", tmp_path / "transcriptions/mine.yaml"]
    for path in mine:
        path.touch()
    _run(monkeypatch, "--count", "1", "--out", str(tmp_path), "--seed", "2")
    left = {path for path in tmp_path.rglob("*") if path.is_file()}
    made = {
        tmp_path / "pages/varied-0001.png",
        tmp_path / "transcriptions/varied-0001.yaml",
        tmp_path / "labels/varied-0001.png",
    }
    assert left == {*mine, *made}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--seed", "3"], "--seed needs --count"),
        (["--count", "1", "--out", "x", "--seed", "-1"], "--seed: at least 0"),
        (["--count", "0", "--out", "x"], "--count: give a number"),
        (["--count", "1"], "--count needs --out"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        _run(monkeypatch, *arguments)
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["out", "out/pages"])
def test_a_file_in_a_folder_s_place_is_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    told = rf"^samples: {path}: is a file; name another folder with --out$"
    with pytest.raises(SystemExit, match=told):
        _run(monkeypatch, "--count", "1", "--out", str(tmp_path / "out"))


def test_what_the_system_refuses_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "pages/varied-0001.png")

    monkeypatch.setattr(command, "save_image", refuse)
    with pytest.raises(SystemExit, match=r"^samples: pages/varied-0001.png: permission denied; "):
        _run(monkeypatch, "--count", "1", "--out", str(tmp_path))
