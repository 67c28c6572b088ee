"""The window in a real browser, with real typing."""

import pytest
from playwright.sync_api import Browser, expect

from stages.pages.records import Transcription
from stages.pages.stored import REGIONS, write_record
from tests.evaluate.report.test_access import CONTRASTS
from tests.transcribe.conftest import Server
from tests.transcribe.project import COMMENT, HOSTILE, TOPIC, make_layout
from tests.transcribe.window import (
    field,
    open_page,
    open_window,
    press,
    soon,
    typed,
)


def test_pages_are_transcribed_by_keyboard_alone(windows: Browser, server: Server) -> None:
    window, wrong = open_window(windows, server.address)
    expect(window.locator("textarea:focus")).to_have_value(TOPIC)
    press(window, "Alt+PageDown", "Alt+PageDown")
    expect(window).to_have_title("one - Transcribe")
    window.go_back()
    expect(window).not_to_have_title("one - Transcribe")
    window.go_forward()
    expect(window).to_have_title("one - Transcribe")
    press(window, "Enter")
    expect(field(window, "Band")).to_be_focused()
    press(window, "End", "Backspace", "Backspace", "Backspace")
    window.keyboard.type("7,2")
    press(window, "Enter")
    expect(field(window, "Band")).to_be_focused()
    expect(field(window, "Band")).to_have_attribute("aria-invalid", "true")
    press(window, "Backspace")
    window.keyboard.type("5")
    press(window, "Enter")
    expect(field(window, "Line 1")).to_be_focused()
    press(window, "End", "ArrowLeft", "Backspace")
    window.keyboard.type("a")
    press(window, "Enter")
    expect(window.locator("#progress")).to_have_text("1 of 3 lines, 0 of 3 pages done")
    press(window, "Tab", "Tab")
    expect(field(window, "Examiner's comment")).to_be_focused()
    soon(lambda: typed(server.root, "one") is not None)
    press(window, "Enter")
    expect(window).to_have_title("two - Transcribe")
    expect(window.locator("#status")).to_contain_text("one is written")
    assert typed(server.root, "one") == Transcription(
        topic=TOPIC,
        band=7.5,
        essay=["A cat sat", "on the met.", "The end"],
        examiner_comment=COMMENT,
    )
    for page in ("two", HOSTILE):
        expect(window).to_have_title(f"{page} - Transcribe")
        press(window, "Enter", "Enter", "Enter", "Enter")
    expect(window.locator("#status")).to_contain_text("All pages are done")
    expect(window.locator("#progress")).to_have_text("1 of 1 lines, 3 of 3 pages done")
    assert typed(server.root, HOSTILE) is not None
    assert wrong == []
    assert window.evaluate("typeof pwned") == "undefined"


def test_a_file_that_is_gone_is_written_again(windows: Browser, server: Server) -> None:
    window, wrong = open_page(windows, server.address)
    for _ in range(6):
        press(window, "Enter")
    expect(window).not_to_have_title("one - Transcribe")
    expected = typed(server.root, "one")
    assert expected is not None
    (server.root / "data/transcriptions/one.yaml").unlink()
    window.select_option("#page", "one")
    expect(window).to_have_title("one - Transcribe")
    field(window, "Examiner's comment").focus()
    press(window, "Enter", "Enter")
    expect(window).to_have_title("two - Transcribe")
    expect(window.locator("#status")).to_contain_text("one is written")
    assert typed(server.root, "one") == expected
    assert wrong == []


# Two keyboards whose letters lie elsewhere, and one on which Alt makes another letter.
KEYS = """() => {
    const press = (key, code) => document.activeElement.dispatchEvent(new KeyboardEvent(
        "keydown", { key, code, altKey: true, bubbles: true, cancelable: true }));
    return [["m", "Semicolon"], ["z", "KeyY"], ["\u00b5", "KeyM"]].map(([key, code]) => {
        press(key, code);
        return document.querySelectorAll(".essay textarea").length;
    });
}"""


def test_letters_are_found_wherever_the_keyboard_has_them(windows: Browser, server: Server) -> None:
    window, _ = open_page(windows, server.address)
    field(window, "Line 1").focus()
    assert window.evaluate(KEYS) == [2, 3, 2]


def test_uncertain_characters_are_tinted_and_exchanged(windows: Browser, server: Server) -> None:
    window, wrong = open_page(windows, server.address)
    line = field(window, "Line 1")
    tints = window.locator(".essay").first.locator(".tints")
    expect(tints.locator(".doubtful")).to_have_text("o")
    line.focus()
    expect(window.locator("#hint-line-1")).to_contain_text("1 uncertain")
    press(window, "Alt+j")
    expect(window.locator("#hint-line-1")).to_contain_text("50 % sure of o - or: a e")
    press(window, "Alt+a")
    expect(line).to_have_value("A cat sat")
    expect(tints.locator(".doubtful")).to_have_count(0)
    press(window, "Alt+a")
    expect(line).to_have_value("A cat set")
    press(window, "Alt+a")
    expect(line).to_have_value("A cat sot")
    press(window, "Alt+r")
    expect(line).to_have_value("A cat sat")
    press(window, "ArrowDown", "Home")
    window.keyboard.type("Up")
    second = window.locator(".essay").nth(1).locator(".tints")
    assert second.locator(".unsure, .doubtful").all_text_contents() == ["o", "e", "e"]
    press(window, "Enter")
    expect(second.locator(".unsure, .doubtful")).to_have_count(0)
    assert wrong == []


def test_the_tints_lie_under_their_characters(windows: Browser, server: Server) -> None:
    window, _ = open_page(windows, server.address)
    line = field(window, "Line 2")
    line.fill("on the met. " * 30)
    sizes = line.evaluate(
        "e => [e.scrollHeight, e.clientHeight, e.previousSibling.clientHeight,"
        " e.clientWidth, e.previousSibling.clientWidth]"
    )
    assert sizes[0] == sizes[1] == sizes[2] > 90
    assert sizes[3] == sizes[4]
    fonts = (
        "e => ['font', 'padding', 'letterSpacing', 'whiteSpace'].map(n => getComputedStyle(e)[n])"
    )
    assert line.evaluate(fonts) == line.evaluate(f"e => ({fonts})(e.previousSibling)")


def test_a_line_and_its_place_on_the_scan_belong_together(windows: Browser, server: Server) -> None:
    window, _ = open_page(windows, server.address)
    field(window, "Line 2").focus()
    expect(window.locator(".outline.current")).to_have_attribute("data-id", "line-2")
    window.locator(".outline[data-id='line-3']").click()
    expect(field(window, "Line 3")).to_be_focused()
    expect(window.get_by_alt_text("Scan of line 3")).to_be_visible()


def test_a_scan_drawn_anew_is_asked_for_anew(windows: Browser, server: Server) -> None:
    window, wrong = open_page(windows, server.address)
    scan = window.get_by_alt_text("Scan of one")
    expect(scan).to_be_visible()
    turned = make_layout("one").model_copy(update={"rotation_degrees": 180})
    write_record(server.root / REGIONS / "one/layout.json", turned)
    window.select_option("#page", "two")
    expect(window).to_have_title("two - Transcribe")
    with window.expect_request("**/pages/one/scan?*"):
        window.select_option("#page", "one")
    expect(scan).to_be_visible()
    assert wrong == []


def test_a_rejected_page_is_shown_with_its_reason_and_skipped(
    windows: Browser, server: Server
) -> None:
    window, wrong = open_page(windows, server.address, "blank")
    expect(window.locator("#reason")).to_have_text("rejected by crop: is blank")
    expect(window.locator("textarea")).to_have_count(0)
    window.get_by_role("button", name="Next page").last.click()
    expect(window).to_have_title("one - Transcribe")
    assert wrong == []


def test_the_keys_are_shown_and_tab_is_no_trap(windows: Browser, server: Server) -> None:
    window, _ = open_page(windows, server.address)
    press(window, "F1")
    dialog = window.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    press(window, "Escape")
    expect(dialog).to_be_hidden()
    field(window, "Examiner's comment").focus()
    press(window, "Tab")
    expect(window.locator("#onward")).to_be_focused()
    press(window, "Shift+Tab", "Shift+Tab")
    expect(field(window, "Line 3")).to_be_focused()
    assert window.locator(".row.accepted").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(windows: Browser, server: Server, scheme: str) -> None:
    window, wrong = open_window(windows, f"{server.address}#one", color_scheme=scheme)
    field(window, "Line 1").focus()
    press(
        window, "Alt+j", "ArrowDown", "Home", "Alt+x", "ArrowDown", "Alt+u", "Alt+n", "Alt+Delete"
    )
    press(window, "F1")
    window.evaluate(
        "for (const tints of document.querySelectorAll('.tints'))"
        " tints.style.color = getComputedStyle(tints.nextSibling).color"
    )
    contrasts = window.evaluate(CONTRASTS)
    named = {name for _, name in contrasts}
    assert {"SPAN.unsure", "SPAN.doubtful", "SPAN.struck", "SPAN.unreadable"} <= named
    assert [found for found in contrasts if found[0] < 4.5] == []
    paper = window.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(23, 24, 26)") == (scheme == "dark")
    assert wrong == []


@pytest.mark.parametrize("width", [320, 1600])
def test_no_width_needs_scrolling_sideways(windows: Browser, server: Server, width: int) -> None:
    size = {"width": width, "height": 700}
    window, _ = open_window(windows, f"{server.address}#one", viewport=size)
    field(window, "Line 3").focus()
    expect(window.get_by_alt_text("Scan of line 3")).to_be_in_viewport()
    assert window.evaluate("document.documentElement.scrollWidth") == width
