"""Chromium, and reports to open in it."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from stages.pages.records import Transcription
from tests.evaluate.pages import make_outcome
from tests.evaluate.pictures import make_report
from tests.evaluate.report.browsing import HOSTILE, UNBROKEN

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
