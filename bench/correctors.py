"""python -m bench.correctors [--folder FOLDER] [--save FILE]: what every corrector does to texts.

Texts, each read by the pipeline's own recogniser but for the first:

- *perfect*: eight learners' essays (`bench/unseen.yaml`), taken for certain readings, in which a
  corrector should change nothing;
- *unseen*: whole pages with the same essays, each in a style and a hand drawn at random;
- *rendered*: the same, drawn line by line by rougher writers;
- *noise*: the same with seven errors on a hundred characters, each with the evidence of a real
  misreading (see `bench.noise`);
- *misspelt*: rendered lines of which every one holds misspelt words; of those that were read as
  written, the share that is kept;
- *samples*: the sample pages as data/raw has them (`dvc repro` first);
- *real*: the pages in FOLDER (see `bench.pages`).

No corrector was tuned on any but the last two, except for one rule that came
from *perfect*. All hands are in fonts kept out of training.

Prints a Markdown table with a row for each corrector. Rates are over all characters and words,
normalised and joined as in evaluate.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.correction import Rates, Row, Table, table
from bench.noise import observe
from bench.texts import (
    MisspeltLine,
    Page,
    certain,
    essays,
    misspelt_lines,
    noisy_pages,
    real_pages,
    sample_pages,
    simulated_pages,
    unseen_pages,
)
from stages.config.composition import load
from stages.config.correct_settings import CorrectSettings
from stages.correct.__main__ import build_chain
from stages.correct.corrector import TextLine, correct_text
from stages.correct.guard import Guard
from stages.errors import UserError
from stages.evaluate.edits import Errors, character_errors, word_errors
from stages.evaluate.normalise import normalise
from stages.hyphens import join_lines
from stages.pages.records import CorrectedText
from stages.pages.stored import write_record
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.reader import Reader
from stages.running.runner import run_command
from training.evaluate import facing_words

CORRECTORS = ("none", "channel", "symspell", "notebook", "neuspell", "gector")
TIMED_LINES = 1000

Correct = Callable[[Sequence[TextLine]], CorrectedText]


def rates(pages: Sequence[Page], correct: Correct) -> Rates:
    """Error rates of `pages` as read and as corrected."""
    total = {name: Errors() for name in ("cer_raw", "cer", "wer_raw", "wer")}
    worse = 0
    for page in pages:
        truth = normalise(join_lines(page.written))
        text = correct(page.read)
        raw, final = normalise(join_lines(text.raw)), normalise(join_lines(text.corrected))
        before, after = character_errors(truth, raw), character_errors(truth, final)
        worse += after.edits > before.edits
        found = before, after, word_errors(truth, raw), word_errors(truth, final)
        total = {name: total[name] + errors for name, errors in zip(total, found, strict=True)}
    values = {name: errors.rate or 0.0 for name, errors in total.items()}
    return Rates(**values, pages=len(pages), worse=worse)


def kept_share(lines: Sequence[MisspeltLine], correct: Correct) -> float:
    """Of the misspelt words that were read as written, the share that correction leaves so."""
    kept = read = 0
    for line in lines:
        words = line.written.split()
        before = facing_words(line.written, line.read.text)
        after = facing_words(line.written, " ".join(correct([line.read]).corrected))
        for index in line.misspelt:
            if before.get(index) == words[index]:
                read += 1
                kept += after.get(index) == words[index]
    return kept / max(1, read)


def corrector(settings: CorrectSettings) -> Correct:
    """A chain with its guard, as the stage runs it on an essay."""
    chain, guard = build_chain(settings.chain, settings), Guard(settings.guard)
    return lambda lines: correct_text(lines, chain, guard)


def measure(
    sets: Mapping[str, Sequence[Page]], misspelt: Sequence[MisspeltLine], correct: Correct
) -> Row:
    """All figures of one corrector."""
    perfect = [Page(essay, [certain(line) for line in essay]) for essay in essays()]
    edits = sum(len(correct(page.read).edits) for page in perfect)
    lines = [page.read for pages in sets.values() for page in pages]
    count = sum(map(len, lines))
    repeats = -(-TIMED_LINES // count)
    start = time.perf_counter()
    for _ in range(repeats):
        for page_lines in lines:
            correct(page_lines)
    seconds = (time.perf_counter() - start) / (repeats * count) * 1000
    return Row(
        perfect_edits=edits,
        perfect_cer=rates(perfect, correct).cer,
        rates={name: rates(pages, correct) for name, pages in sets.items()},
        kept=kept_share(misspelt, correct),
        seconds=round(seconds, 2),
    )


def run() -> None:
    """Measure every corrector that can be built; the others are named on stderr."""
    parser = argparse.ArgumentParser(prog="python -m bench.correctors", description=__doc__)
    parser.add_argument("--folder", type=Path, help="real pages, as for bench.pages")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the figures as JSON")
    parser.add_argument("overrides", nargs="*", help="Hydra overrides for every corrector")
    given = parser.parse_intermixed_args()
    settings = load(["recognize.batch_size=32"]).recognize
    reader = Reader(load_checkpoint(settings), settings)
    misspelt = misspelt_lines(reader)
    readings = observe((line.written, line.read) for line in misspelt)
    sets = {
        "unseen": unseen_pages(),
        "rendered": noisy_pages(reader),
        "noise": simulated_pages(readings),
        "samples": sample_pages(),
    }
    if given.folder:
        sets["real"] = real_pages(given.folder)
    rows = {}
    for name in CORRECTORS:
        try:
            correct = corrector(load([f"correct={name}", *given.overrides]).correct)
        except UserError as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            continue
        rows[name] = measure(sets, misspelt, correct)
    print(table(Table(rows=rows)))
    if given.save:
        write_record(given.save, Table(rows=rows))


if __name__ == "__main__":
    run_command("bench.correctors", run)
