"""python -m stages.segment: data/regions to data/lines."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from stages.config.settings import Params, SegmentSettings
from stages.pages.records import Layout, Line, PageLines, Rejection
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
from stages.segment.crops import candidates_of, cut_all, segmentations
from stages.segment.kept_strokes import strokes_of
from stages.segment.lines import find_all_lines
from stages.segment.segmentation import Segmentation
from stages.store.kept import KeptPages
from stages.store.results import open_store

Cuts = list[Any]  # every candidate's lines as JSON values
CUTS = TypeAdapter(list[list[Line]])


def segment(params: Params) -> None:
    """Divide every essay region into line crops, once for each threshold."""
    layouts = stored_records(REGIONS, "*/layout.json", Layout)
    rejected = read_jsonl(REGIONS / REJECTED, Rejection)
    fresh_folder(LINES)

    @contextmanager
    def opened() -> Iterator[Callable[[Stored[Layout]], None]]:
        with open_store() as store:
            cuts = KeptPages[Cuts]("segment", params.segment.crop, store)

            def work(layout: Stored[Layout]) -> None:
                segment_page(layout.read(), params.segment, cuts)

            if params.segment.method == "kraken":
                yield work  # what is installed in its environment is not known here
                return
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


def segment_page(layout: Layout, settings: SegmentSettings, cuts: KeptPages[Cuts]) -> None:
    """Write a page's line crops and `lines.json`.

    Args:
        cuts: what was cut before; other thresholds often find the same lines.
    """
    scan, folder = REGIONS / layout.page / "essay.png", LINES / layout.page
    origin = layout.region.left, layout.region.top
    found = _lines_of(scan, settings)

    def cut() -> Cuts:
        lines, crops = cut_all(read_rgb(scan), origin, found, settings)
        for name, crop in crops.items():
            write_png(folder / f"{name}.png", crop)
        written: Cuts = CUTS.dump_python(lines, mode="json")
        return written

    known_by = " ".join([layout.page, f"{origin}", *(one.digest() for one in found)])
    lines = CUTS.validate_python(cuts.page(known_by, [scan], folder, cut))
    candidates = candidates_of(lines, settings)
    record = PageLines(page=layout.page, source=layout.source, candidates=candidates)
    write_record(folder / "lines.json", record)  # the last: by it the next stage knows the page


def _lines_of(scan: Path, settings: SegmentSettings) -> list[Segmentation]:
    if settings.method == "seams":
        strokes = strokes_of(scan, settings.seams.scale)
        return find_all_lines(strokes, settings.seams, settings.thresholds)
    return segmentations(read_rgb(scan), settings)


if __name__ == "__main__":
    run_stage("segment", segment)
