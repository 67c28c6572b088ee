"""A report open in a browser, and how its parts are found."""

import time
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
HOSTILE = "</noscript></script><script>pwned=1</script><img src=x onerror=pwned=1>\"'"
UNBROKEN = "untranscribed-" + "x" * 100


def open_report(browser: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
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


def wait_until(page: Page, condition: str, seconds: float = 10) -> None:
    """Return once the JavaScript expression holds.

    Playwright's `wait_for_function` looks again from inside the page, where the report's
    security policy refuses to evaluate text: it passes only if its first look does.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        page.wait_for_timeout(50)


def section_of(page: Page, name: str) -> Locator:
    """A page's section, by the name of the page."""
    return page.locator("section.page").filter(has=page.get_by_role("heading", name=name, level=2))


def outline_of(page: Page, name: str, line: int) -> Locator:
    """A line's outline on the scan, brought to the screen."""
    section = section_of(page, name)
    section.scroll_into_view_if_needed()
    return section.locator(f".outline[data-line='{line}']")


def card_of(page: Page, name: str, line: int) -> Locator:
    """What is told of a line."""
    return section_of(page, name).locator(f"details[data-line='{line}'] .card")
