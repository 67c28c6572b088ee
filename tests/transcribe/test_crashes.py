"""Server and browser die while somebody types; two windows type at once."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.transcribe.conftest import Server
from tests.transcribe.project import make_project
from tests.transcribe.window import (
    KEPT,
    drafted,
    field,
    open_tab,
    open_window,
    rows_on_disk,
    soon,
    typed,
)

SENTENCE = "Every word of this was typed"


def test_a_server_killed_while_somebody_types_loses_nothing(
    windows: Browser, project: Path
) -> None:
    server = Server(project)
    window, _ = open_window(windows, f"{server.address}#one")
    line = field(window, "Line 2")
    line.fill("")
    window.keyboard.type(SENTENCE[:10])
    soon(lambda: drafted(project, "one")[1:2] == [SENTENCE[:10]])
    server.kill()
    window.keyboard.type(SENTENCE[10:20])
    expect(window.locator("#status")).to_contain_text("What you type here is kept")
    assert drafted(project, "one")[1] == SENTENCE[:10]
    again = Server(project, server.port)
    window.keyboard.type(SENTENCE[20:])
    expect(window.locator("#status")).to_contain_text("started anew")
    open_tab(window.context.new_page(), again.address)
    expect(line).to_have_value(SENTENCE)
    soon(lambda: drafted(project, "one")[1] == SENTENCE)
    again.kill()


def test_a_window_left_open_writes_into_no_other_project_on_its_port(
    windows: Browser, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = Server(project)
    window, _ = open_window(windows, f"{server.address}#one")
    server.kill()
    field(window, "Line 2").fill("of the first project")
    other = tmp_path_factory.mktemp("other")
    make_project(other)
    second = Server(other, server.port)
    open_tab(window.context.new_page(), f"{second.address}#one")
    expect(window.locator("#status")).to_contain_text("another project")
    assert not (other / "data/drafts/one.json").exists()
    second.kill()
    first = Server(project, server.port)
    open_tab(window.context.new_page(), first.address)
    soon(lambda: drafted(project, "one")[1:2] == ["of the first project"])
    first.kill()


PROFILE = {"executable_path": shutil.which("chromium"), "args": ["--headless", "--no-sandbox"]}


def kill_all_of(profile: Path) -> None:
    """Kill the browser of a profile, with all of its processes."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(profile) in argument for argument in process.cmdline()):
                process.kill()


def test_a_browser_killed_while_somebody_types_loses_nothing(
    windows: Browser, server: Server, tmp_path: Path
) -> None:
    context = windows.browser_type.launch_persistent_context(tmp_path, **PROFILE)
    window, _ = open_tab(context.pages[0], f"{server.address}#one")
    field(window, "Line 2").fill("")
    window.keyboard.type(SENTENCE)
    soon(lambda: drafted(server.root, "one")[1:2] == [SENTENCE])
    kill_all_of(tmp_path)
    window, _ = open_window(windows, f"{server.address}#one")
    expect(field(window, "Line 2")).to_have_value(SENTENCE)


@pytest.mark.parametrize("is_killed", [False, True])
def test_what_a_browser_could_not_send_is_sent_by_its_next_window(
    is_killed: bool, windows: Browser, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    profile = tmp_path_factory.mktemp("profile")
    server = Server(project)
    context = windows.browser_type.launch_persistent_context(profile, **PROFILE)
    window, _ = open_tab(context.pages[0], f"{server.address}#one")
    field(window, "Line 2").fill("here and")
    soon(lambda: drafted(project, "one")[1:2] == ["here and"])
    server.kill()
    field(window, "Line 2").press("End")
    window.keyboard.type(" there")
    expect(window.locator("#status")).to_contain_text("What you type here is kept")
    soon(lambda: "here and there" in "".join(window.evaluate(KEPT)))
    if is_killed:
        kill_all_of(profile)
    else:
        context.close()
    again = Server(project, server.port)
    context = windows.browser_type.launch_persistent_context(profile, **PROFILE)
    window, _ = open_tab(context.pages[0], f"{again.address}#two")
    soon(lambda: drafted(project, "one")[1] == "here and there")
    context.close()
    again.kill()


KEY = """async () => {
    const { Saver } = await import("/web/saver.js");
    return new Saver("page", { version: 0, rows: [] }, {}).key;
}"""


def test_a_duplicated_tab_keeps_its_typing_apart(windows: Browser, server: Server) -> None:
    window, _ = open_window(windows, server.address)
    with window.expect_popup() as other:
        window.evaluate("void open(location.href)")  # with a copy of the session's store
    assert window.evaluate(KEY) != other.value.evaluate(KEY)


def test_two_tabs_see_each_other(windows: Browser, server: Server) -> None:
    first, _ = open_window(windows, f"{server.address}#one")
    second, wrong = open_tab(first.context.new_page(), f"{server.address}#one")
    first.bring_to_front()
    field(first, "Line 1").fill("first tab")
    expect(field(second, "Line 1")).to_have_value("first tab")
    second.bring_to_front()
    field(second, "Line 2").fill("second tab")
    expect(field(first, "Line 2")).to_have_value("second tab")
    soon(lambda: drafted(server.root, "one") == ["first tab", "second tab", "The end"])
    assert wrong == []


def test_a_stale_tab_keeps_its_text_and_is_told(windows: Browser, server: Server) -> None:
    stale, _ = open_window(windows, f"{server.address}#one")
    other, _ = open_window(windows, f"{server.address}#one")
    field(other, "Line 1").fill("from the other browser")
    field(other, "Line 3").fill("also from there")
    soon(lambda: drafted(server.root, "one")[-1:] == ["also from there"])
    field(stale, "Line 1").fill("")
    stale.keyboard.type("from the stale one")
    expect(stale.locator("#status")).to_contain_text("typed elsewhere")
    expect(field(stale, "Line 3")).to_have_value("also from there")
    expect(field(stale, "Line 1")).to_have_value("from the stale one")
    told = stale.locator(".others")
    expect(told.locator("q").first).to_have_text("from the other browser")
    soon(lambda: drafted(server.root, "one")[0] == "from the stale one")
    told.get_by_role("button", name="Take it").first.click()
    expect(field(stale, "Line 1")).to_have_value("from the other browser")
    told.get_by_role("button", name="Drop it").first.click()
    expect(told.filter(visible=True)).to_have_count(0)
    soon(lambda: drafted(server.root, "one")[0] == "from the other browser")


def test_the_other_windows_typing_is_not_undone_by_fast_typing(
    windows: Browser, server: Server
) -> None:
    first, _ = open_window(windows, f"{server.address}#one")
    second, _ = open_tab(first.context.new_page(), f"{server.address}#one")
    for window, line in ((first, "Line 1"), (second, "Line 2")):
        field(window, line).fill("")
    for one, two in zip(SENTENCE, SENTENCE[::-1], strict=True):
        field(first, "Line 1").press_sequentially(one)
        field(second, "Line 2").press_sequentially(two)
    soon(lambda: drafted(server.root, "one") == [SENTENCE, SENTENCE[::-1], "The end"])
    expect(field(first, "Line 2")).to_have_value(SENTENCE[::-1])
    expect(field(second, "Line 1")).to_have_value(SENTENCE)


def test_two_browsers_typing_in_one_line_lose_no_word(windows: Browser, server: Server) -> None:
    first, _ = open_window(windows, f"{server.address}#one")
    second, _ = open_window(windows, f"{server.address}#one")
    for window in (first, second):
        field(window, "Line 1").fill("")
    for one, two in zip(SENTENCE, SENTENCE[::-1], strict=True):
        field(first, "Line 1").press_sequentially(one)
        field(second, "Line 1").press_sequentially(two)
    for window in (first, second):
        soon(lambda window=window: window.evaluate(KEPT) == [])
    row = next(row for row in rows_on_disk(server.root, "one") if row["id"] == "line-1")
    assert {row["text"], *row["others"]} == {SENTENCE, SENTENCE[::-1]}


def test_ctrl_c_ends_it_in_one_line_and_one_server_has_the_drafts(project: Path) -> None:
    unfinished = project / f"data/transcriptions/.{12 * 'a'}.{8 * '0'}.part"
    unfinished.parent.mkdir()
    unfinished.write_text("essay: |\n  half")
    os.utime(unfinished, (1e9, 1e9))
    server = Server(project)
    assert server.address.startswith("http://127.0.0.1:")
    assert not unfinished.exists()
    second = subprocess.run(
        [sys.executable, "-m", "transcribe", "--no-browser"],
        cwd=project,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "runs already" in second.stderr
    status, said = server.interrupt()
    assert said == "transcribe: ended; what was typed is kept\n"
    assert status == 0
    assert typed(project, "one") is None
