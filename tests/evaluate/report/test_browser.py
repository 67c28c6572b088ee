"""The report in a real browser: what a person sees, points at and presses."""

import os
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from stages.records import Transcription
from tests.evaluate.pages import make_outcome
from tests.evaluate.pictures import make_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
HOSTILE = "</noscript></script><script>pwned=1</script><img src=x onerror=pwned=1>\"'"

UNBROKEN = "untranscribed-" + "x" * 100


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing = "no Chromium or Chrome: sh setup/chromium.sh installs one"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report: two pages with errors, a good one, a rejected one, a hostile one."""
    pages = [
        make_outcome("rejected", reason="is blank", truth=Transcription(essay=["Lost text"])),
        make_outcome(
            "bad",
            raw=["A bat sot.", "It iz red", "The end"],
            final=["A cat sot.", "It iz red", "The end"],
            truth=Transcription(band=5, essay=["A cat sat.", "It is red", "The end"]),
        ),
        make_outcome(
            HOSTILE,
            raw=[HOSTILE, "the quick brown fox jumps over it " * 4],
            topic=HOSTILE,
            truth=Transcription(topic="@", essay=[HOSTILE, "the quick brown fax jumps " * 5]),
        ),
        make_outcome("good", raw=["All right"], truth=Transcription(essay=["All right"])),
        make_outcome(UNBROKEN, raw=["helo", UNBROKEN], final=["hello", UNBROKEN]),
    ]
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(make_report(pages), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def long_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    essay = Transcription(essay=["A cat sat.", "It is red"])
    pages = [
        make_outcome(f"p{number:03d}", raw=["A bat sat.", "It is red"], truth=essay)
        for number in range(60)
    ]
    path = tmp_path_factory.mktemp("report") / "long.html"
    path.write_text(make_report(pages), encoding="utf-8")
    return path.as_uri()


def _open(browser: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
    """The report in a window of its own, and the list that gathers what must not happen there."""
    context: BrowserContext = browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((address, "data:")) else wrong.append(request.url)
        ),
    )
    page.goto(address)
    return page, wrong


def _section(page: Page, name: str) -> Locator:
    return page.locator("section.page").filter(has=page.get_by_role("heading", name=name, level=2))


def _outline(page: Page, name: str, line: int) -> Locator:
    section = _section(page, name)
    section.scroll_into_view_if_needed()
    return section.locator(f".outline[data-line='{line}']")


def _card(page: Page, name: str, line: int) -> Locator:
    return _section(page, name).locator(f"details[data-line='{line}'] .card")


def test_it_opens_without_errors_and_without_network(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report, offline=True)
    expect(page.locator("h1")).to_have_text("What was read")
    for section in page.locator("section.page").all():
        section.scroll_into_view_if_needed()
        if section.locator(".scan").count():
            expect(section.locator(".scan img")).to_be_visible()
    assert page.evaluate("typeof pwned") == "undefined"
    assert wrong == []


def test_a_click_on_a_line_shows_its_crop_and_difference(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report)
    card = _card(page, "bad", 1)
    outline = _outline(page, "bad", 1)
    expect(card).to_be_hidden()
    outline.click()
    crop = card.get_by_alt_text("Crop of line 1")
    expect(crop).to_be_visible()
    assert crop.evaluate("crop => crop.decode().then(() => crop.naturalWidth)") == 640
    expect(card.locator("dd").nth(0)).to_have_text("A cat sat.")
    raw, corrected = card.locator("dd").nth(1), card.locator("dd").nth(2)
    assert raw.locator("del").all_text_contents() == ["c", "a"]
    assert raw.locator("ins").all_text_contents() == ["b", "o"]
    assert corrected.locator("del").all_text_contents() == ["a"]
    expect(card).to_contain_text("not a word")
    expect(card.locator(".readings tr")).to_have_count(2)
    expect(outline).to_have_attribute("aria-current", "true")
    assert wrong == []


def test_differences_are_told_without_colour_too(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    _outline(page, "bad", 1).click()
    style = "(e, [pseudo, name]) => getComputedStyle(e, pseudo)[name]"
    card = _card(page, "bad", 1)
    for tag, line, word in (("del", "line-through", "missed"), ("ins", "underline", "added")):
        piece = card.locator(tag).first
        assert piece.evaluate(style, [None, "textDecorationLine"]) == line
        assert word in piece.evaluate(style, ["::before", "content"])


def test_hover_shows_a_line_until_one_is_chosen(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    _outline(page, "bad", 1).hover()
    expect(_card(page, "bad", 1)).to_be_visible()
    _outline(page, "bad", 2).hover()
    expect(_card(page, "bad", 2)).to_be_visible()
    expect(_card(page, "bad", 1)).to_be_hidden()
    _outline(page, "bad", 2).click()
    _outline(page, "bad", 3).hover()
    expect(_card(page, "bad", 2)).to_be_visible()
    page.keyboard.press("Escape")
    expect(_card(page, "bad", 2)).to_be_hidden()
    _outline(page, "bad", 1).hover()
    expect(_card(page, "bad", 1)).to_be_visible()


def test_focus_shows_a_line_and_its_name_says_what_was_read(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    outline = _outline(page, "bad", 1)
    expect(outline).to_have_accessible_name("line 1: A cat sot.; 1 error")
    _section(page, "bad").locator("h2").focus()
    page.keyboard.press("Tab")
    expect(outline).to_be_focused()
    expect(_card(page, "bad", 1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(_card(page, "bad", 2)).to_be_visible()


def test_keys_step_through_pages(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report)
    order = ["rejected", HOSTILE, "bad", "good", UNBROKEN]
    assert page.locator("section.page h2").all_text_contents() == order
    heading = page.locator("section.page h2:focus")
    for key, name in (
        ("j", "rejected"),
        ("j", HOSTILE),
        ("ArrowRight", "bad"),
        ("k", HOSTILE),
        ("ArrowLeft", "rejected"),
        ("k", "rejected"),
    ):
        page.keyboard.press(key)
        expect(heading).to_have_text(name)
        expect(heading).to_be_in_viewport()
    for _ in range(9):
        page.keyboard.press("j")
    expect(heading).to_have_text(UNBROKEN)
    assert wrong == []


def test_keys_step_through_lines(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    for _ in range(3):
        page.keyboard.press("j")
    for key, line in (("n", 1), ("n", 2), ("p", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("p", 1)):
        page.keyboard.press(key)
        expect(_outline(page, "bad", line)).to_be_focused()
        expect(_card(page, "bad", line)).to_be_visible()
        expect(page.locator("details.line[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.line[open]")).to_have_count(0)


def test_arrows_scroll_where_no_line_is_chosen(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    page.keyboard.press("ArrowDown")
    page.wait_for_function("scrollY > 0")
    expect(page.locator("details.line[open]")).to_have_count(0)


def test_a_question_mark_shows_the_keys(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    keys = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("h2:focus")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()


def test_the_first_tab_skips_to_the_pages(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the pages")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pages, worst first")).to_be_focused()


def test_the_table_leads_to_a_page_and_an_address_to_a_line(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    page.get_by_role("link", name="good", exact=True).click()
    expect(_section(page, "good").locator("h2")).to_be_in_viewport()
    page.keyboard.press("n")
    expect(_card(page, "good", 1)).to_be_visible()
    page, _ = _open(browser, f"{report}#page-bad-line-2")
    expect(_card(page, "bad", 2)).to_be_visible()
    expect(_outline(page, "bad", 2)).to_be_in_viewport()


def test_headings_are_in_order_and_pictures_have_names(browser: Browser, report: str) -> None:
    page, _ = _open(browser, report)
    page.evaluate("sections.forEach(fill)")
    levels = page.evaluate(
        "[...document.querySelectorAll('main :is(h1,h2,h3,h4)')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    assert page.locator("html").get_attribute("lang") == "en"


def test_hostile_text_is_only_text(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report)
    _outline(page, HOSTILE, 1).click()
    card = _card(page, HOSTILE, 1)
    expect(card.locator("dd").first).to_have_text(HOSTILE)
    section = _section(page, HOSTILE)
    expect(section.locator("h2")).to_have_text(HOSTILE)
    expect(section.locator("dl").filter(has_text="@").locator("dd").last).to_contain_text(HOSTILE)
    assert page.evaluate("typeof pwned") == "undefined"
    assert wrong == []


def test_a_foreign_script_is_refused(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report)
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), "
        "{textContent: 'pwned = 1'}))"
    )
    assert page.evaluate("typeof pwned") == "undefined"
    assert "Content Security Policy" in "".join(wrong)


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_all_without_scrolling_sideways(
    browser: Browser, report: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    page, wrong = _open(browser, report, viewport=size, has_touch=True, is_mobile=True)
    page.evaluate("sections.forEach(fill)")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert wrong == []


def test_a_tap_on_a_phone_brings_the_line_up(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report, viewport=PHONE, has_touch=True, is_mobile=True)
    _outline(page, "bad", 1).tap()
    sheet = page.get_by_role("complementary", name="Line")
    expect(sheet.get_by_alt_text("Crop of line 1")).to_be_in_viewport()
    expect(sheet.locator("dd").nth(1)).to_have_text(re.compile("A cbat saot."))
    expect(_outline(page, "bad", 1)).to_be_in_viewport()
    sheet.get_by_role("button", name="Next line").tap()
    expect(sheet.get_by_role("heading")).to_have_text("Line 2")
    sheet.get_by_role("button", name="Line before").tap()
    expect(sheet.get_by_role("heading")).to_have_text("Line 1")
    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()
    assert wrong == []


CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const paint = document.createElement("canvas").getContext("2d");
  const luminance = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    throw new Error("nothing behind " + element.outerHTML);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("noscript, script, svg")) continue;
    const [dark, light] = [parse(getComputedStyle(element).color), behind(element)]
      .map(luminance).sort((a, b) => a - b);
    found.push([(light + 0.05) / (dark + 0.05), element.tagName + "." + element.className]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(browser: Browser, report: str, scheme: str) -> None:
    page, _ = _open(browser, report, color_scheme=scheme)
    page.evaluate("sections.forEach(fill)")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert {"DEL.", "INS."} <= {name for _, name in contrasts}
    assert [found for found in contrasts if found[0] < 4.5] == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(23, 24, 26)") == (scheme == "dark")


def test_pages_off_the_screen_hold_no_pictures(browser: Browser, long_report: str) -> None:
    page, wrong = _open(browser, long_report)
    pictures = page.locator("img")
    assert pictures.count() < 30
    for _ in range(40):
        page.mouse.wheel(0, 2500)
    page.get_by_role("link", name="p059").click()
    expect(_section(page, "p059").locator(".scan img")).to_be_in_viewport()
    page.wait_for_function("document.images.length < 30")
    page.keyboard.press("n")
    expect(_card(page, "p059", 1)).to_be_visible()
    assert wrong == []


def test_without_scripts_all_is_there_to_read(browser: Browser, report: str) -> None:
    page, wrong = _open(browser, report, java_script_enabled=False)
    expect(_section(page, "bad").locator(".scan img")).to_be_visible()
    _outline(page, "bad", 2).click()
    _section(page, "bad").locator("details[data-line='2'] summary").click()
    expect(_card(page, "bad", 2).get_by_alt_text("Crop of line 2")).to_be_visible()
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    assert wrong == []
