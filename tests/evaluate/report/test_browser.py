"""The report in a real browser: what a person points at and presses, and what never happens."""

import pypdfium2
from playwright.sync_api import Browser, expect
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from tests.evaluate.report.browsing import (
    HOSTILE,
    UNBROKEN,
    card_of,
    open_report,
    outline_of,
    section_of,
    wait_until,
)


def test_it_opens_without_errors_and_without_network(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report, offline=True)
    expect(page.locator("h1")).to_have_text("What was read")
    for section in page.locator("section.page").all():
        section.scroll_into_view_if_needed()
        if section.locator(".scan").count():
            expect(section.locator(".scan img")).to_be_visible()
    assert page.evaluate("typeof pwned") == "undefined"
    assert wrong == []


def test_a_click_on_a_line_shows_its_crop_and_difference(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report)
    card = card_of(page, "bad", 1)
    outline = outline_of(page, "bad", 1)
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


def test_hover_shows_a_line_until_one_is_chosen(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    outline_of(page, "bad", 1).hover()
    expect(card_of(page, "bad", 1)).to_be_visible()
    outline_of(page, "bad", 2).hover()
    expect(card_of(page, "bad", 2)).to_be_visible()
    expect(card_of(page, "bad", 1)).to_be_hidden()
    outline_of(page, "bad", 2).click()
    outline_of(page, "bad", 3).hover()
    expect(card_of(page, "bad", 2)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card_of(page, "bad", 2)).to_be_hidden()
    outline_of(page, "bad", 1).hover()
    expect(card_of(page, "bad", 1)).to_be_visible()


def test_keys_step_through_pages(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report)
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
    page, _ = open_report(browser, report)
    for _ in range(3):
        page.keyboard.press("j")
    for key, line in (("n", 1), ("n", 2), ("p", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("p", 1)):
        page.keyboard.press(key)
        expect(outline_of(page, "bad", line)).to_be_focused()
        expect(card_of(page, "bad", line)).to_be_visible()
        expect(page.locator("details.line[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.line[open]")).to_have_count(0)


def test_arrows_scroll_where_no_line_is_chosen(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    page.keyboard.press("ArrowDown")
    wait_until(page, "scrollY > 0")
    expect(page.locator("details.line[open]")).to_have_count(0)


def test_a_question_mark_shows_the_keys(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    keys = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("h2:focus")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()


def test_the_table_leads_to_a_page_and_an_address_to_a_line(browser: Browser, report: str) -> None:
    page, _ = open_report(browser, report)
    page.get_by_role("link", name="good", exact=True).click()
    expect(section_of(page, "good").locator("h2")).to_be_in_viewport()
    page.keyboard.press("n")
    expect(card_of(page, "good", 1)).to_be_visible()
    page, _ = open_report(browser, f"{report}#page-bad-line-2")
    expect(card_of(page, "bad", 2)).to_be_visible()
    expect(outline_of(page, "bad", 2)).to_be_in_viewport()


def test_hostile_text_is_only_text(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report)
    outline_of(page, HOSTILE, 1).click()
    card = card_of(page, HOSTILE, 1)
    expect(card.locator("dd").first).to_have_text(HOSTILE)
    section = section_of(page, HOSTILE)
    expect(section.locator("h2")).to_have_text(HOSTILE)
    expect(section.locator("dl").filter(has_text="@").locator("dd").last).to_contain_text(
        HOSTILE[:-1]
    )
    assert page.evaluate("typeof pwned") == "undefined"
    assert wrong == []


def test_a_foreign_script_is_refused(browser: Browser, report: str) -> None:
    page, wrong = open_report(browser, report)
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), "
        "{textContent: 'pwned = 1'}))"
    )
    assert page.evaluate("typeof pwned") == "undefined"
    assert "Content Security Policy" in "".join(wrong)


def test_pages_off_the_screen_hold_no_pictures(browser: Browser, long_report: str) -> None:
    page, wrong = open_report(browser, long_report)
    pictures = page.locator("img")
    assert pictures.count() < 30
    for _ in range(40):
        page.mouse.wheel(0, 2500)
    page.get_by_role("link", name="p059").click()
    expect(section_of(page, "p059").locator(".scan img")).to_be_in_viewport()
    wait_until(page, "document.images.length < 30")
    page.keyboard.press("n")
    expect(card_of(page, "p059", 1)).to_be_visible()
    assert wrong == []


def test_on_paper_every_page_has_its_scan_and_its_lines(browser: Browser, long_report: str) -> None:
    page, wrong = open_report(browser, long_report)
    wait_until(page, "document.images.length < 30")
    with pypdfium2.PdfDocument(page.pdf()) as printed:
        pictures = [list(sheet.get_objects([FPDF_PAGEOBJ_IMAGE], max_depth=5)) for sheet in printed]
        texts = [sheet.get_textpage().get_text_range() for sheet in printed]
    assert sum(map(len, pictures)) == 60
    assert "".join(texts).count("It is red no errors") == 60
    wait_until(page, "document.images.length < 30")
    assert wrong == []
