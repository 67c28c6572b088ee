"""Lines changed in a real browser, here and elsewhere at once."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.transcribe.conftest import Server
from tests.transcribe.window import (
    drafted,
    field,
    open_page,
    open_window,
    press,
    soon,
    texts,
    typed,
)


def test_lines_are_merged_split_added_left_out_and_that_is_undone(
    windows: Browser, server: Server
) -> None:
    window, wrong = open_page(windows, server.address)
    read = ["A cat sot", "on the met.", "The end"]
    field(window, "Line 1").focus()
    press(window, "Alt+m")
    expect(window.get_by_alt_text("Scan of line 1")).to_have_count(2)
    assert texts(window) == ["A cat sot on the met.", "The end"]
    press(window, "Alt+z")
    assert texts(window) == read
    expect(field(window, "Line 1")).to_be_focused()
    press(window, "Home", "Control+ArrowRight", "Alt+s")
    expect(field(window, "Line 2")).to_be_focused()
    assert texts(window) == ["A", "cat sot", *read[1:]]
    press(window, "Alt+n")
    window.keyboard.type("new")
    press(window, "Alt+Shift+n")
    window.keyboard.type("newer")
    assert texts(window) == ["A", "cat sot", "newer", "new", *read[1:]]
    press(window, "Alt+Delete")
    expect(field(window, "Line 3")).to_be_focused()
    assert texts(window) == ["A", "cat sot", "new", *read[1:]]
    back = window.get_by_role("button", name="bring it back")
    expect(back).to_contain_text("newer")
    soon(lambda: drafted(server.root, "one") == ["A", "cat sot", "newer", "new", *read[1:]])
    window.reload()
    expect(back).to_contain_text("newer")
    back.focus()
    press(window, "Enter")
    expect(field(window, "Line 3")).to_be_focused()
    expect(field(window, "Line 3")).to_have_value("newer")
    press(window, "Alt+Backspace", "Alt+z")
    expect(field(window, "Line 3")).to_have_value("newer")
    assert wrong == []


def test_an_added_line_shows_the_part_of_the_scan_where_it_must_stand(
    windows: Browser, server: Server
) -> None:
    window, wrong = open_page(windows, server.address)
    field(window, "Line 2").focus()
    for keys, number, part in (
        ("Alt+n", 3, "20 170 360 50"),
        ("ArrowDown", 4, None),
        ("Alt+n", 5, "20 220 360 80"),
    ):
        press(window, keys)
        expect(field(window, f"Line {number}")).to_be_focused()
        strip = window.get_by_role("img", name=f"Scan of line {number}").locator(
            "xpath=self::*[@viewBox]"
        )
        if part:
            expect(strip).to_have_attribute("viewBox", part)
            expect(window.locator(".outline.current")).to_have_count(1)
        else:
            expect(strip).to_have_count(0)
    assert wrong == []


def test_a_key_that_finds_nothing_to_do_says_why(windows: Browser, server: Server) -> None:
    window, _ = open_page(windows, server.address)
    field(window, "Line 3").fill("12")
    for key, told in (
        ("m", "No line below to merge with"),
        ("j", "Nothing uncertain in this line"),
        ("a", "Nothing else was thought of"),
    ):
        press(window, f"Alt+{key}")
        expect(window.locator("#status")).to_contain_text(told)
    press(window, "Alt+n", "Alt+r")
    expect(window.locator("#status")).to_contain_text("no other reading")
    field(window, "Band").focus()
    press(window, "Alt+m")
    expect(window.locator("#status")).to_contain_text("Only lines of the essay")


def test_what_a_key_found_wrong_is_not_hidden_by_a_save_until_something_is_typed(
    windows: Browser, server: Server
) -> None:
    window, _ = open_page(windows, server.address)
    held: list[Route] = []

    def hold(route: Route) -> None:  # a built-in method has no place for Playwright's marks
        held.append(route)

    window.route("**/pages/one", hold)
    field(window, "Line 3").fill("12")
    press(window, "Alt+m")
    expect(window.locator("#status")).to_contain_text("No line below to merge with")
    expect(window.locator("#status")).to_have_class("bad")
    with window.expect_response("**/pages/one") as saved:
        held[0].continue_()
    saved.value.finished()
    window.evaluate("new Promise(requestAnimationFrame)")
    expect(window.locator("#status")).to_contain_text("No line below to merge with")
    window.unroute("**/pages/one")
    window.keyboard.type("3")
    expect(window.locator("#status")).to_have_text("Saved")


def test_what_was_typed_since_outlives_an_undo(windows: Browser, server: Server) -> None:
    window, wrong = open_page(windows, server.address)
    field(window, "Line 1").focus()
    press(window, "Alt+m", "End")
    window.keyboard.type(" Mended")
    press(window, "Alt+z")
    assert texts(window) == ["A cat sot", "on the met.", "The end"]
    expect(window.locator(".others q").first).to_have_text("A cat sot on the met. Mended")
    press(window, "Alt+n")
    window.keyboard.type("by hand")
    press(window, "Alt+z")
    assert texts(window) == ["A cat sot", "by hand", "on the met.", "The end"]
    assert wrong == []


# A row's text as it was sent, as it stands here, and in the server's answer (None: it is gone).
TAKE = """async ([sent, here, answer]) => {
    const { Saver } = await import("/web/saver.js");
    const row = (text) => ({ id: "a", field: "essay", crops: [], text, accepted: true,
        left_out: false, others: [] });
    const saver = new Saver("page", { version: 1, rows: [row(sent)] }, {});
    if (here === null) saver.rows.pop();
    else saver.rows[0].text = here;
    const rows = answer === null ? [] : [row(answer)];
    saver.take({ version: 2, rows }, [row(sent)]);
    return saver.rows.map(({ text, others }) => [text, ...others]);
}"""


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["a", "a", "theirs"], [["theirs"]]),
        (["a", "ab", "a"], [["ab"]]),
        (["a", "ab", "theirs"], [["ab", "theirs"]]),
        (["a", "a", None], []),
        (["a", "ab", None], [["ab"]]),
        (["a", None, "a"], []),
        (["a", None, "theirs"], [["theirs"]]),
    ],
)
def test_no_text_is_dropped_while_an_answer_is_on_its_way(
    windows: Browser, server: Server, texts: list[str | None], kept: list[list[str]]
) -> None:
    window, _ = open_window(windows, server.address)
    assert window.evaluate(TAKE, texts) == kept


# A line that is left out on one side while the other types in it.
LEFT_OUT = """async ([here, answer]) => {
    const { Saver } = await import("/web/saver.js");
    const row = (more) => ({ id: "a", field: "essay", crops: [], text: "one", accepted: true,
        left_out: false, others: [], ...more });
    const saver = new Saver("page", { version: 1, rows: [row(here)] }, {});
    saver.take({ version: 2, rows: [row(answer)] }, [row({})]);
    return saver.rows.map(({ text, left_out, accepted }) => [text, left_out, accepted]);
}"""


@pytest.mark.parametrize("typed_here", [True, False])
def test_a_line_left_out_elsewhere_stays_where_it_is_typed(
    windows: Browser, server: Server, typed_here: bool
) -> None:
    window, _ = open_window(windows, server.address)
    sides: list[dict[str, object]] = [{"text": "one more"}, {"left_out": True}]
    found = window.evaluate(LEFT_OUT, sides if typed_here else sides[::-1])
    assert found == [["one more", False, False]]


# What another window typed comes back beside a line that was split here; then the split is undone.
UNDO = """async () => {
    const edit = await import("/web/edit.js");
    const row = (id, text) => ({ id, field: "essay", crops: [], text, accepted: false,
        left_out: false, others: [] });
    const rows = [row("a", "one two"), row("b", "three")];
    const before = structuredClone(rows);
    const { id } = edit.split(rows, rows[0], 3);
    const undo = edit.remember(before, rows);
    rows[0].others = ["typed elsewhere"];
    rows.find((each) => each.id === id).others = ["typed there too"];
    edit.undo(rows, undo);
    return rows.map(({ text, others }) => [text, ...others]);
}"""


def test_what_others_typed_since_outlives_an_undo(windows: Browser, server: Server) -> None:
    window, _ = open_window(windows, server.address)
    rows = window.evaluate(UNDO)
    assert rows == [["one two", "typed elsewhere"], ["two", "typed there too"], ["three"]]


def test_struck_and_unreadable_words_are_marked(windows: Browser, server: Server) -> None:
    window, wrong = open_page(windows, server.address)
    line = field(window, "Line 1")
    line.focus()
    press(window, "Home", "Control+ArrowRight", "ArrowRight", "Alt+x")
    expect(line).to_have_value("A ~~cat~~ sot")
    expect(window.locator(".tints .struck")).to_have_text("~~cat~~")
    press(window, "Alt+x")
    expect(line).to_have_value("A cat sot")
    press(window, "Control+z")
    expect(line).to_have_value("A ~~cat~~ sot")
    press(window, "End", "Alt+u")
    expect(line).to_have_value("A ~~cat~~ [?]")
    press(
        window, "ArrowDown", "Home", "Control+Shift+ArrowRight", "Control+Shift+ArrowRight", "Alt+x"
    )
    expect(field(window, "Line 2")).to_have_value("~~on the~~ met.")
    window.keyboard.type(" ~~")
    press(window, "Enter")
    expect(window.locator("#hint-line-2")).to_contain_text("no partner")
    press(window, "Backspace", "Backspace", "Enter", "Enter", "Enter", "ArrowUp", "Enter")
    line.focus()
    press(window, "Enter")
    soon(lambda: (found := typed(server.root, "one")) is not None and found.essay is not None)
    found = typed(server.root, "one")
    assert found is not None
    assert found.essay == ["A ~~cat~~ [?]", "~~on the~~ met.", "The end"]
    assert wrong == []


def test_pasted_line_breaks_become_spaces(windows: Browser, server: Server) -> None:
    window, _ = open_page(windows, server.address)
    field(window, "Line 1").focus()
    press(window, "Control+a")
    window.keyboard.insert_text("two\nlines")
    expect(field(window, "Line 1")).to_have_value("two lines")
    soon(lambda: drafted(server.root, "one")[:1] == ["two lines"])
