"""The report on a phone, in the dark, by keyboard and ear, and without scripts."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, expect

from tests.evaluate.report.browsing import PHONE, card_of, open_report, outline_of, section_of


def test_differences_are_told_without_colour_too(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    outline_of(page, "bad", 1).click()
    style = "(e, [pseudo, name]) => getComputedStyle(e, pseudo)[name]"
    card = card_of(page, "bad", 1)
    for tag, line, word in (("del", "line-through", "missed"), ("ins", "underline", "added")):
        piece = card.locator(tag).first
        assert piece.evaluate(style, [None, "textDecorationLine"]) == line
        assert word in piece.evaluate(style, ["::before", "content"])


def test_focus_shows_a_line_and_its_name_says_what_was_read(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    outline = outline_of(page, "bad", 1)
    expect(outline).to_have_accessible_name("line 1: A cat sot.; 1 error")
    section_of(page, "bad").locator("h2").focus()
    page.keyboard.press("Tab")
    expect(outline).to_be_focused()
    expect(card_of(page, "bad", 1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(card_of(page, "bad", 2)).to_be_visible()


def test_the_first_tab_skips_to_the_pages(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the pages")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pages, worst first")).to_be_focused()


def test_headings_are_in_order_and_pictures_have_names(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    page.evaluate("sections.forEach(fill)")
    levels = page.evaluate(
        "[...document.querySelectorAll('main :is(h1,h2,h3,h4)')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_all_without_scrolling_sideways(
    browser: Browser, report: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    page, wrong = open_report(browser, report, viewport=size, has_touch=True, is_mobile=True)
    page.add_style_tag(content=".page { content-visibility: visible; contain: none; }")
    page.evaluate("sections.forEach(fill)")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert wrong == []


def test_a_tap_on_a_phone_brings_the_line_up(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report, viewport=PHONE, has_touch=True, is_mobile=True)
    outline_of(page, "bad", 1).tap()
    sheet = page.get_by_role("complementary", name="Line")
    expect(sheet.get_by_alt_text("Crop of line 1")).to_be_in_viewport()
    expect(sheet.locator("dd").nth(1)).to_have_text(re.compile("A cbat saot."))
    expect(outline_of(page, "bad", 1)).to_be_in_viewport()
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
    page, _ = open_report(browser, report, color_scheme=scheme)
    page.evaluate("sections.forEach(fill)")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert {"DEL.", "INS."} <= {name for _, name in contrasts}
    assert [found for found in contrasts if found[0] < 4.5] == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(23, 24, 26)") == (scheme == "dark")


def test_without_scripts_all_is_there_to_read(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report, java_script_enabled=False)
    expect(section_of(page, "bad").locator(".scan img")).to_be_visible()
    outline_of(page, "bad", 2).click()
    section_of(page, "bad").locator("details[data-line='2'] summary").click()
    expect(card_of(page, "bad", 2).get_by_alt_text("Crop of line 2")).to_be_visible()
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    assert wrong == []
