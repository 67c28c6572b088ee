"""python -m bench.notebook_way: the whole pipeline against the notebook's way, on the same pages.

The notebook's way, by this project's functions: of every page three full-page Tesseract passes,
the comment in twelve passes a paragraph, the projection's lines at five thresholds one after
another, every line of each read by itself with eight beams, the longest text kept and rewritten.
It has all cores and is spared its imports; the pipeline's stages (params to assemble) are run and
timed as DVC would run them. No result of an earlier run is used by either.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from bench.pages import all_stages, copy_project, put_pages, time_stages
from bench.reading import read_singly
from samples.__main__ import save, varied_pages
from stages.config.composition import load
from stages.config.settings import Params
from stages.correct.notebook import NotebookCorrector
from stages.crop.ocr import read_words
from stages.crop.sheet import read_sheet
from stages.errors import PageError
from stages.evaluate.edits import Errors, character_errors
from stages.evaluate.normalise import normalise
from stages.hyphens import join_lines
from stages.pages.records import DatasetRecord
from stages.pages.scans import PageSource, list_pages, read_page
from stages.pages.stored import read_jsonl
from stages.pages.transcriptions import read_transcriptions
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.segment.crops import segment_region

NOTEBOOK = [
    "+experiment=notebook",
    "recognize.checkpoint=models/embedded",
    "recognize.grayscale=true",
    "recognize.pad_to_aspect=10",
    "recognize.max_new_tokens=96",
]
FULL_PAGE_PASSES = 3


def read_as_notebook(
    source: PageSource, params: Params, checkpoint: Checkpoint, corrector: NotebookCorrector
) -> str:
    """The essay of a page as the notebook would have read it; its comment is read and dropped."""
    scan = read_page(source, params.crop.max_megapixels)
    gray = np.asarray(cv2.cvtColor(scan, cv2.COLOR_RGB2GRAY), np.uint8)
    for _ in range(FULL_PAGE_PASSES - 1):
        read_words(gray, params.crop)
    layout, region = read_sheet(scan, source.page, source.source, params.crop)
    if layout.comment:
        corrector.rewrite(layout.comment.text)
    best = ""
    for threshold in params.segment.thresholds:
        settings = params.segment.model_copy(update={"thresholds": [threshold]})
        try:
            (candidate,), crops = segment_region(region, (0, 0), settings)
        except PageError:
            continue
        lines = [crops[line.crop] for line in candidate.lines]
        text = " ".join(filter(None, read_singly(checkpoint, lines, params.recognize)))
        best = max(best, text, key=len)
    return corrector.rewrite(best)


def notebook_way(pages: Path, params: Params) -> tuple[float, dict[str, str]]:
    """Seconds, and each page's essay; empty for a page that cannot be read."""
    checkpoint, corrector = load_checkpoint(params.recognize), NotebookCorrector()
    essays = {}
    started = time.perf_counter()
    for source in list_pages(pages):
        try:
            essays[source.page] = read_as_notebook(source, params, checkpoint, corrector)
        except PageError:
            essays[source.page] = ""
    return time.perf_counter() - started, essays


def error_rate(transcriptions: Path, essays: dict[str, str]) -> float:
    """The character error rate over all transcribed essays."""
    errors = Errors()
    for page, truth in read_transcriptions(transcriptions).items():
        if truth.essay is not None:
            read = normalise(essays.get(page, ""))
            errors += character_errors(normalise(join_lines(truth.essay)), read)
    return errors.rate or 0.0


def main() -> None:
    """Print seconds and error rates of both, and the ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.notebook_way", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--folder", type=Path, help="pages as for bench.pages")
    where.add_argument("--generated", type=int, metavar="N", help="N pages of the generator")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("overrides", nargs="*", help="Hydra overrides for the pipeline")
    arguments = parser.parse_intermixed_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        copy_project(project)
        data = project / "data"
        if arguments.folder:
            put_pages(arguments.folder, project)
        else:
            for name in ("pages", "transcriptions"):
                for path in (data / name).iterdir():
                    path.unlink()
            for name, page in varied_pages(arguments.generated, arguments.seed):
                save(name, page, data, with_labels=False)
        stages = [name for name in all_stages(project) if name != "evaluate"]
        took = time_stages(project, arguments.overrides, stages)
        ours = sum(took.values())
        records = read_jsonl(data / "dataset/dataset.jsonl", DatasetRecord)
        read = {Path(record.source).stem: record.essay for record in records}
        theirs, essays = notebook_way(data / "pages", load(NOTEBOOK))
        count = len(essays)
        print(", ".join(f"{name} {value:.1f} s" for name, value in took.items()))
        print(f"\n| {count} pages | seconds | seconds a page | essay CER |\n|---|--:|--:|--:|")
        for name, value, found in (("notebook", theirs, essays), ("pipeline", ours, read)):
            rate = error_rate(data / "transcriptions", found)
            print(f"| {name} | {value:.1f} | {value / count:.2f} | {rate:.1%} |")
        print(f"\n{theirs / ours:.1f} times as fast")


if __name__ == "__main__":
    main()
