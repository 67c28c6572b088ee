"""python -m bench.transcribing: how many keys a page takes from its reading to its transcription.

For every page that is transcribed: the keys pressed by somebody who makes no mistake, knows the
window's keys, and takes the cheapest way to every correction; beside them the keys to type the
lines from nothing. Seconds are by the keystroke-level model (S. Card, T. Moran and A. Newell, "The
keystroke-level model for user performance time with interactive systems", 1980): 0.28 s a key for
an average typist who is no secretary, 1.35 s to think before each line and each correction.
Reading a line against its picture is not in the model: it is taken as READING_S for every word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from stages.evaluate.lines import paired_lines
from stages.pages.records import RawPage, Transcription
from stages.pages.transcriptions import read_transcriptions
from stages.running.runner import RAW, TRANSCRIPTIONS, read_records, run_command
from transcribe.typed import clean

KEY_S = 0.28
THINKING_S = 1.35
READING_S = 0.6
PRINT_FIELDS = 3


@dataclass(frozen=True)
class Work:
    """What a page, or several, took: lines, words, corrections, keys pressed, keys from nothing."""

    lines: int = 0
    words: int = 0
    corrections: int = 0
    keys: int = 0
    keys_from_nothing: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.lines + other.lines,
            self.words + other.words,
            self.corrections + other.corrections,
            self.keys + other.keys,
            self.keys_from_nothing + other.keys_from_nothing,
        )

    @property
    def seconds(self) -> float:
        """By the model, with the reading."""
        thinking = THINKING_S * (self.lines + self.corrections)
        return KEY_S * self.keys + thinking + READING_S * self.words


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
    return Work(1, len(truth.split()), corrections, keys + 1, len(truth) + 1)


def work_on_page(raw: RawPage, typed: Transcription) -> Work:
    """All lines, and Enter for each field of print."""
    best = {reading.crop: reading.hypotheses for reading in raw.readings}
    readings = [list(dict.fromkeys(clean(h.text) for h in best[line.crop])) for line in raw.lines]
    truth = [clean(line) for line in typed.essay or ()]
    work = Work(lines=PRINT_FIELDS, keys=PRINT_FIELDS)
    for i, j in paired_lines(truth, [texts[0] for texts in readings]) or ():
        if i is None:
            work += Work(corrections=1, keys=2)
        else:
            work += work_on_line(readings[j] if j is not None else [""], truth[i])
    return work


def main() -> None:
    """Print the table for this project's pages."""
    typed = read_transcriptions(TRANSCRIPTIONS)
    print(
        f"{'page':24}{'lines':>7}{'corrections':>13}{'keys':>7}{'from nothing':>14}{'minutes':>9}"
    )
    total, pages = Work(), 0
    for raw in read_records(RAW, "*.json", RawPage):
        if raw.page in typed and typed[raw.page].essay:
            work = work_on_page(raw, typed[raw.page])
            total, pages = total + work, pages + 1
            _print(raw.page, work)
    _print(f"{pages} pages", total)


def _print(name: str, work: Work) -> None:
    print(
        f"{name:24}{work.lines:7}{work.corrections:13}{work.keys:7}{work.keys_from_nothing:14}"
        f"{work.seconds / 60:9.1f}"
    )


if __name__ == "__main__":
    run_command("bench.transcribing", main)
