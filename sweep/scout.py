"""What a point's pages score, some at a time, without DVC: enough to see that it is no good.

`python -m sweep.scout` runs the stages themselves, in this process, over growing batches of pages
in a scratch folder. What Tesseract and TrOCR read there goes into the result store: a full run of
the point reads only the other pages.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.assemble.__main__ import assemble
from stages.config.settings import Params
from stages.correct.__main__ import correct
from stages.crop.__main__ import main as crop
from stages.evaluate.outcomes import load
from stages.evaluate.page import score_page
from stages.evaluate.scores import page_row
from stages.pages.names import composed
from stages.pages.scans import PAGES, list_pages
from stages.pages.stored import CORRECTED, DATASET, LINES, RAW, REGIONS, TRANSCRIPTIONS
from stages.recognize.stored import reader_digests
from stages.running.runner import run_command
from stages.segment.__main__ import segment
from stages.store.checkout import project_root
from stages.store.kept import remember_code

FIRST_PAGES = 4
WRITTEN = (PAGES.parent, PAGES, REGIONS, LINES, RAW, CORRECTED, DATASET)

Rates = dict[str, float]


def batches(pages: Sequence[Path], seed: int) -> list[list[Path]]:
    """Which scans to look at, one batch after the other, each as large as all before it together.

    They are drawn at random, so that the first are not all of one writer. Less than all are looked
    at: that is what the full run is for.
    """
    drawn = random.Random(seed).sample(list(pages), len(pages))
    cut: list[list[Path]] = []
    start, end = 0, FIRST_PAGES
    while end < len(drawn):
        cut.append(drawn[start:end])
        start, end = end, 2 * end
    return cut


def transcribed_scans() -> list[Path]:
    """The files of data/pages that have a transcribed page."""
    typed = {composed(path.stem) for path in TRANSCRIPTIONS.glob("*.yaml")}
    pages = (page for page in list_pages() if composed(page.page) in typed)
    return list(dict.fromkeys(page.path for page in pages))


def scout(params: Params, metric: str, looks: Sequence[Sequence[Path]]) -> Generator[Rates]:
    """The metric of every transcribed page, batch by batch, from a process of its own.

    It ends with the generator, and early where a stage fails, as the full run will.
    """
    task = {
        "params": params.model_dump(mode="json"),
        "metric": metric,
        "looks": [[str(path.absolute()) for path in look] for look in looks],
    }
    # Pages one after another: the full runs want the other cores.
    environment = {**os.environ, "DVC_ROOT": str(project_root()), "PAGE_WORKERS": "1"}
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as scratch,  # it may be ended within one
        subprocess.Popen(
            [sys.executable, "-m", "sweep.scout"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"TMPDIR": scratch},
            text=True,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdin and process.stdout
        try:
            process.stdin.write(json.dumps(task))
            process.stdin.close()
            for line in process.stdout:
                yield json.loads(line)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # and the Tesseract that it may wait for


def look_at(scans: Sequence[Path], params: Params, metric: str) -> Rates:
    """The metric of every page of these scans that has one, by its name."""
    root = Path.cwd()
    with TemporaryDirectory() as scratch:
        os.chdir(scratch)
        try:
            PAGES.mkdir(parents=True)
            for scan in scans:
                shutil.copy2(scan, PAGES / scan.name)
            for folder in (Path(), PAGES.parent):  # checkpoints and programs may lie anywhere
                for there in (root / folder).iterdir():
                    if folder / there.name not in WRITTEN:
                        (folder / there.name).symlink_to(there)
            for stage in (crop, segment, recognize, correct, assemble):
                stage(params)
            entries, _ = load()
            rows = [page_row(score_page(entry.outcome())) for entry in entries]
        finally:
            os.chdir(root)
    rates = {str(row["page"]): row[metric] for row in rows}
    return {page: float(rate) for page, rate in rates.items() if rate is not None}


def recognize(params: Params) -> None:
    """The stage; torch is loaded only in the process that scouts."""
    from stages.recognize.__main__ import recognize as stage  # noqa: PLC0415

    stage(params)


def main() -> None:
    """Read the task from standard input; write each batch's rates as a line of JSON."""
    task: Mapping[str, object] = json.load(sys.stdin)
    params = Params.model_validate(task["params"])
    answers = sys.stdout
    reader_digests()
    for name in ("crop", "segment", "recognize", "correct"):
        remember_code(name)
    with redirect_stdout(sys.stderr):
        for look in task["looks"]:  # type: ignore[attr-defined]
            rates = look_at([Path(path) for path in look], params, str(task["metric"]))
            print(json.dumps(rates), file=answers, flush=True)


if __name__ == "__main__":
    run_command("sweep.scout", main)
