"""A window on the served pages, and how its parts are found."""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from stages.pages.records import Transcription
from stages.pages.transcriptions import read_typed

KEPT = """async () => {
    const { keptUnder } = await import("/web/outbox.js");
    return (await keptUnder("transcribe/")).map(([, text]) => text);
}"""  # of each page what the browser has on the disk and the server has not
DESKTOP = {"width": 1280, "height": 800}


def open_window(browser: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
    """The address in a window with a store of its own; the list gathers what must not happen."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(10_000)
    return open_tab(context.new_page(), address)


def open_tab(page: Page, address: str) -> tuple[Page, list[str]]:
    """The address in this tab."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    home = address.split("?", maxsplit=1)[0]
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((home, "data:")) else wrong.append(request.url)
        ),
    )
    page.goto(address)
    page.wait_for_selector("#rows textarea, #reason:not([hidden])")
    return page, wrong


def open_page(browser: Browser, address: str, page: str = "one") -> tuple[Page, list[str]]:
    """The address in a window, with a page shown that is named."""
    window, wrong = open_window(browser, address)
    window.select_option("#page", page)
    expect(window).to_have_title(f"{page} - Transcribe")
    return window, wrong


def field(page: Page, name: str) -> Locator:
    """The text field of a line, e.g. `Line 2`, or of print."""
    return page.get_by_role("textbox", name=name, exact=True)


def texts(page: Page) -> list[str]:
    """What stands in the lines' fields."""
    return page.locator(".essay textarea").evaluate_all("all => all.map(each => each.value)")


def press(page: Page, *keys: str) -> None:
    """Press keys one after another."""
    for key in keys:
        page.keyboard.press(key)


def soon(check: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until a thing is so.

    Raises:
        AssertionError: it was not, in all that time.
    """
    end = monotonic() + seconds
    while not check():
        assert monotonic() < end
        sleep(0.02)


def typed(root: Path, page: str) -> Transcription | None:
    """What the transcription's file says; None if there is none."""
    path = root / f"data/transcriptions/{page}.yaml"
    return read_typed(path) if path.is_file() else None


def rows_on_disk(root: Path, page: str) -> list[dict[str, Any]]:
    """The rows of the draft on the disk; none if nothing was saved."""
    path = root / f"data/drafts/{page}.json"
    return json.loads(path.read_text())["rows"] if path.is_file() else []


def drafted(root: Path, page: str) -> list[str]:
    """The texts of the essay's rows in the draft on the disk."""
    return [row["text"] for row in rows_on_disk(root, page) if row["field"] == "essay"]
