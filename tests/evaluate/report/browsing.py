"""A report open in a browser, and how its parts are found."""

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
