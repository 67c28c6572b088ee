"""python -m stages.segment: data/regions to data/lines."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stages.config.settings import Params
from stages.pages.records import Layout, PageLines, Rejection
from stages.pages.scans import read_rgb, write_png
from stages.pages.stored import (
    LINES,
    REGIONS,
    REJECTED,
    Stored,
    read_jsonl,
    stored_records,
    write_jsonl,
    write_record,
)
from stages.running.runner import fresh_folder, run_stage
from stages.running.workers import each_page_in_workers
from stages.segment.crops import segment_region
from stages.store.kept import KeptPages
from stages.store.results import open_store


def segment(params: Params) -> None:
    """Divide every essay region into line crops, once for each threshold."""
    layouts = stored_records(REGIONS, "*/layout.json", Layout)
    rejected = read_jsonl(REGIONS / REJECTED, Rejection)
    fresh_folder(LINES)

    def work(stored: Stored[Layout]) -> None:
        layout = stored.read()
        region = read_rgb(REGIONS / layout.page / "essay.png")
        origin = layout.region.left, layout.region.top
        candidates, crops = segment_region(region, origin, params.segment)
        folder = LINES / layout.page
        record = PageLines(page=layout.page, source=layout.source, candidates=candidates)
        for name, crop in crops.items():
            write_png(folder / f"{name}.png", crop)
        write_record(folder / "lines.json", record)  # the last: by it the next stage knows the page

    @contextmanager
    def opened() -> Iterator[Callable[[Stored[Layout]], None]]:
        if params.segment.method == "kraken":
            yield work  # what is installed in its environment is not known here
            return
        with open_store() as store:
            kept = KeptPages[None]("segment", params.segment, store)
            yield lambda layout: kept.page(
                layout.page,
                [REGIONS / layout.page / name for name in ("layout.json", "essay.png")],
                LINES / layout.page,
                lambda: work(layout),
            )

    new = each_page_in_workers("segment", layouts, opened, params.on_reject)
    for rejection in new:  # of one whose process was killed half may be there
        shutil.rmtree(LINES / rejection.page, ignore_errors=True)
    write_jsonl(LINES / REJECTED, [*rejected, *new])


if __name__ == "__main__":
    run_stage("segment", segment)
