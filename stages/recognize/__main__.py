"""python -m stages.recognize: data/lines to data/raw."""

from stages.pages import read_rgb
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.reader import Reader
from stages.recognize.select import choose
from stages.records import CropReading, PageLines, RawPage, Rejection
from stages.runner import (
    LINES,
    RAW,
    REJECTED,
    each_page,
    fresh_folder,
    read_jsonl,
    read_records,
    run_stage,
    write_jsonl,
    write_record,
)
from stages.settings import Params


def recognize(params: Params) -> None:
    """Read every distinct line crop, and choose each page's candidate segmentation."""
    pages = read_records(LINES, "*/lines.json", PageLines)
    rejected = read_jsonl(LINES / REJECTED, Rejection)
    checkpoint = load_checkpoint(params.recognize)
    reader = Reader(checkpoint, params.recognize)
    selector = params.recognize.selector
    fresh_folder(RAW)

    def work(page: PageLines) -> None:
        names = sorted({line.crop for c in page.candidates for line in c.lines})
        hypotheses = reader.read([read_rgb(LINES / page.page / f"{name}.png") for name in names])
        readings = dict(zip(names, hypotheses, strict=True))
        best = {name: found[0] for name, found in readings.items()}
        chosen, scores = choose(selector, page.candidates, best)
        record = RawPage(
            page=page.page,
            source=page.source,
            checkpoint=checkpoint.identity,
            selector=selector,
            chosen=chosen.name,
            scores=scores,
            lines=chosen.lines,
            readings=[CropReading(crop=n, hypotheses=found) for n, found in readings.items()],
        )
        write_record(RAW / f"{page.page}.json", record)

    rejected += each_page("recognize", pages, work, params.on_reject)
    write_jsonl(RAW / REJECTED, rejected)


if __name__ == "__main__":
    run_stage("recognize", recognize)
