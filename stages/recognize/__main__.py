"""python -m stages.recognize: data/lines to data/raw."""

from contextlib import AbstractContextManager
from pathlib import Path

from stages.config.settings import Params, RecognizeSettings
from stages.pages.records import CropReading, PageLines, RawPage, Rejection
from stages.pages.stored import (
    LINES,
    RAW,
    REJECTED,
    Stored,
    read_jsonl,
    stored_records,
    write_jsonl,
    write_record,
)
from stages.pages.trained import TRAINED_ON, trained_on
from stages.recognize.engine import Engine, local_engine
from stages.recognize.select import choose
from stages.recognize.stored import StoredReader, reading_digest
from stages.running.runner import each_page, fresh_folder, run_stage
from stages.store.kept import KeptPages
from stages.store.results import open_store


def recognize(params: Params) -> None:
    """Read every distinct line crop, and choose each page's candidate segmentation."""
    pages = stored_records(LINES, "*/lines.json", PageLines)
    rejected = read_jsonl(LINES / REJECTED, Rejection)
    with open_engine(params.recognize) as engine, open_store() as store:
        fresh_folder(RAW)
        identity = engine.identity
        reader = StoredReader(engine, params.recognize, store)
        reading = reading_digest(identity, params.recognize), identity.name
        elsewhere = {"engine", "actor_cpus"}
        kept = KeptPages[None](
            "recognize", params.recognize, store, {"reading": reading}, leave_out=elsewhere
        )

        def place(page: Stored[PageLines]) -> Path:
            return RAW / f"{page.page}.json"

        def work(page: Stored[PageLines]) -> None:
            lines, selector = page.read(), params.recognize.selector

            def read() -> None:
                write_record(place(page), read_page(lines, reader, identity.name, selector))

            kept.page(read_from(lines), [], place(page), read)

        new = [p for p in pages if not kept.restored(read_from(p.read()), [], place(p))]
        reader.fill(path for page in new for path in crop_paths(page.read()).values())
        rejected += each_page("recognize", new, work, params.on_reject)
    write_jsonl(RAW / REJECTED, rejected)
    if seen := trained_on(params.recognize.checkpoint):
        write_jsonl(RAW / TRAINED_ON, seen)


def open_engine(settings: RecognizeSettings) -> AbstractContextManager[Engine]:
    """The engine that `settings.engine` names; only that of a cluster needs torch at once."""
    if settings.engine == "local":
        return local_engine(settings)
    from stages.recognize.remote import ray_engine  # noqa: PLC0415

    return ray_engine(settings)


def read_from(page: PageLines) -> str:
    """All that a page's readings follow from, the same for thresholds that find the same lines;
    crops are named for their pixels."""
    return page.model_dump_json(exclude={"candidates": {"__all__": {"name", "threshold"}}})


def crop_paths(page: PageLines) -> dict[str, Path]:
    """The files of the page's distinct crops, by the crops' names."""
    names = sorted({line.crop for c in page.candidates for line in c.lines})
    return {name: LINES / page.page / f"{name}.png" for name in names}


def read_page(page: PageLines, reader: StoredReader, checkpoint: str, selector: str) -> RawPage:
    """The page's readings, and the candidate that the selector chooses by them."""
    paths = crop_paths(page)
    hypotheses = reader.read(list(paths.values()))
    readings = dict(zip(paths, hypotheses, strict=True))
    best = {name: found[0] for name, found in readings.items()}
    chosen, scores = choose(selector, page.candidates, best)
    return RawPage(
        page=page.page,
        source=page.source,
        checkpoint=checkpoint,
        selector=selector,
        chosen=chosen,
        scores=scores,
        lines=page.candidates[chosen].lines,
        readings=[CropReading(crop=n, hypotheses=found) for n, found in readings.items()],
    )


if __name__ == "__main__":
    run_stage("recognize", recognize)
