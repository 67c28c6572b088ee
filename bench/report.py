"""python -m bench.report [--pages N]: how large a report of N pages is, and how soon it opens.

The pages are those of the last `dvc repro`, again and again under new names. Seconds are those of a
headless Chromium that opens the file: until it shows something, and until all is there.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import sync_playwright

from stages.errors import UserError
from stages.evaluate.outcomes import Outcome, gather
from stages.evaluate.page import score_page
from stages.evaluate.report.pictures import PagePictures, page_pictures
from stages.evaluate.report.render import render, render_page
from stages.evaluate.scores import total
from stages.pages.scans import list_pages, read_page
from stages.pages.stored import TRANSCRIPTIONS
from stages.pages.transcriptions import read_transcriptions
from stages.pages.upright import upright_page
from stages.running.runner import run_command

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"


def run() -> None:
    """Print the figures, one a line."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    count = parser.parse_args().pages
    outcomes = [entry.outcome() for entry in gather(read_transcriptions(TRANSCRIPTIONS))]
    pictures = {outcome.page: pictures_of(outcome) for outcome in outcomes}
    repeated = [
        (outcome, replace(outcome, page=f"{outcome.page}-{number:04d}"))
        for number, outcome in enumerate(islice(cycle(outcomes), count))
    ]
    pages = [score_page(copy) for _, copy in repeated]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        start = time.perf_counter()
        sections = (
            render_page(page, copy, pictures[outcome.page])
            for page, (outcome, copy) in zip(pages, repeated, strict=True)
        )
        with file.open("w", encoding="utf-8") as report:
            report.writelines(render(pages, total(pages), sections))
        print(f"rendered in {time.perf_counter() - start:.1f} s")
        size = file.stat().st_size
        print(f"{size / 1e6:.1f} MB, {size / count / 1e3:.0f} kB a page")
        painted, loaded = opening(file)
    print(f"first seen after {painted / 1e3:.1f} s, loaded after {loaded / 1e3:.1f} s")


def pictures_of(outcome: Outcome) -> PagePictures:
    """A page's pictures for the report."""
    assert outcome.layout
    [scan] = [scan for scan in list_pages() if scan.page == outcome.page]
    return page_pictures(outcome, upright_page(read_page(scan, 100), outcome.layout))


def opening(file: Path) -> Sequence[float]:
    """Milliseconds until the file is first painted, and until it is loaded.

    Raises:
        UserError: no Chromium or Chrome is installed.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise UserError("no Chromium or Chrome is installed; `sh setup/chromium.sh`")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        page = started.new_page()
        page.goto(file.as_uri())
        page.wait_for_timeout(1000)
        times = [float(page.evaluate(PAINTED)), float(page.evaluate(LOADED))]
        started.close()
    return times


if __name__ == "__main__":
    run_command("bench.report", run)
