"""python -m bench.transcribing: how many keys a page takes from its reading to its transcription.

For every page that is transcribed: the keys pressed by somebody who makes no mistake, knows the
window's keys, and takes the cheapest way to every correction; beside them the keys to type the
lines from nothing. Seconds are by the keystroke-level model (S. Card, T. Moran and A. Newell, "The
keystroke-level model for user performance time with interactive systems", 1980): 0.28 s a key for
an average typist who is no secretary, 1.35 s to think before each line and each correction.
Reading a line against its picture is not in the model: it is taken as READING_S for every word.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from bench.keying import Keying, Tints, Work, keying_sentences, keying_table, tint_sentences
from stages.errors import UserError
from stages.evaluate.lines import paired_lines
from stages.pages.records import Hypothesis, RawPage, Transcription
from stages.pages.stored import RAW, TRANSCRIPTIONS, read_records, write_record
from stages.pages.transcriptions import read_transcriptions, read_typed
from stages.running.runner import run_command
from transcribe.prefill import doubts
from transcribe.typed import clean

PRINT_FIELDS = 3


def keys_to_correct(reading: str, truth: str) -> tuple[int, int]:
    """(keys, corrections) that turn a line's reading into its truth, caret at the line's start.

    A correction is a run of edits: arrows to it, by words and characters or from the line's end;
    one key for every character that goes and for every one that is typed.
    """
    keys = corrections = at = 0
    for edit in Levenshtein.opcodes(reading, truth):
        if edit.tag == "equal":
            continue
        corrections += 1
        keys += min(_steps(reading, at, edit.src_start), 1 + len(reading) - edit.src_start)
        keys += edit.src_end - edit.src_start + edit.dest_end - edit.dest_start
        at = edit.src_end
    return keys, corrections


def _steps(text: str, start: int, end: int) -> int:
    """Arrows from one place to another on its right: words first, then characters."""
    starts = [n for n in range(start + 1, end + 1) if text[n - 1] == " "]
    return min([end - start, *(count + end - place for count, place in enumerate(starts, 1))])


def work_on_line(readings: Sequence[str], truth: str) -> Work:
    """One line, accepted with Enter: its best reading corrected, or another of the n-best taken."""
    ways = [keys_to_correct(reading, truth) for reading in readings]
    keys, corrections = min(
        (turns + keys, (turns > 0) + corrections) for turns, (keys, corrections) in enumerate(ways)
    )
    return Work(
        lines=1,
        words=len(truth.split()),
        corrections=corrections,
        keys=keys + 1,
        keys_from_nothing=len(truth) + 1,
    )


def work_on_page(raw: RawPage, typed: Transcription) -> tuple[Work, Tints]:
    """All lines, and Enter for each field of print; what is tinted in them."""
    best = {reading.crop: reading.hypotheses for reading in raw.readings}
    readings = [list(dict.fromkeys(clean(h.text) for h in best[line.crop])) for line in raw.lines]
    truth = [clean(line) for line in typed.essay or ()]
    work, tints = Work(lines=PRINT_FIELDS, keys=PRINT_FIELDS), Tints()
    for i, j in paired_lines(truth, [texts[0] for texts in readings]) or ():
        if j is not None:
            tints += tints_of(best[raw.lines[j].crop][0], "" if i is None else truth[i])
        if i is None:
            work += Work(corrections=1, keys=2)
        else:
            work += work_on_line(readings[j] if j is not None else [""], truth[i])
    return work, tints


def tints_of(reading: Hypothesis, truth: str) -> Tints:
    """What the window tints in a line's reading, and what is wrong in it."""
    tinted = {place for doubt in doubts(reading) for place in range(doubt.start, doubt.end)}
    edits = [edit for edit in Levenshtein.editops(reading.text, truth) if edit.tag != "insert"]
    wrong = {edit.src_pos for edit in edits}
    return Tints(
        read=len(reading.text),
        tinted=len(tinted),
        wrong=len(wrong),
        wrong_tinted=len(wrong & tinted),
        missing=Levenshtein.distance(reading.text, truth) - len(edits),
    )


def main() -> None:
    """Print the table for this project's pages."""
    parser = argparse.ArgumentParser(prog="python -m bench.transcribing", description=__doc__)
    parser.add_argument("--save", type=Path, help="keep what was measured for `make figures`")
    given = parser.parse_args()
    typed = read_transcriptions(TRANSCRIPTIONS, read_typed)
    works, tints = {}, Tints()
    for raw in read_records(RAW, "*.json", RawPage):
        if raw.page in typed and typed[raw.page].essay:
            works[raw.page], own = work_on_page(raw, typed[raw.page])
            tints += own
    if not works:
        raise UserError(f"{RAW}: no page there is transcribed; see docs/transcribing.md")
    found = Keying(pages=works, tints=tints)
    print(f"{keying_table(found)}\n\n{keying_sentences(found)}\n\n{tint_sentences(tints)}")
    if given.save:
        write_record(given.save, found)


if __name__ == "__main__":
    run_command("bench.transcribing", main)
