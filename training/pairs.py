"""Line crops of the project's own pages, each paired with the line that was transcribed for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from stages.errors import UserError
from stages.evaluate.normalise import normalise
from stages.pages.records import Candidate, Layout, PageLines, RawPage, Transcription
from stages.pages.scans import Pixels, read_rgb
from stages.pages.stored import LINES, RAW, REGIONS, TRANSCRIPTIONS, read_record, read_records
from stages.pages.transcriptions import UNREADABLE, read_transcriptions

# Unrelated English lines are alike by 0.2 to 0.3, a line and its half by 0.5 at most.
LEAST_SIMILARITY = 0.55
# Of the longer one's length: a crop of two lines, or of dirt, is read as twice as much or nothing.
LEAST_LENGTH = 0.7


@dataclass(frozen=True)
class Pair:
    """A line crop, uint8 (H, W, 3) RGB, of a page, and what is written on it."""

    page: str
    crop: Pixels
    text: str


def align(readings: Sequence[str], texts: Sequence[str]) -> list[tuple[int, int]]:
    """Which crop shows which line: the best order-keeping pairing of readings with texts.

    The similarity of two texts is one less their Levenshtein distance over the longer one's
    length; the pairing maximises the sum of what each pair has above LEAST_SIMILARITY (Needleman
    and Wunsch 1970, gaps free), so that a crop of two lines or of half a line stays unpaired.

    Returns:
        (index of reading, index of text), both increasing.
    """
    gain = np.array(
        [
            [Levenshtein.normalized_similarity(r, t) - LEAST_SIMILARITY for t in texts]
            for r in readings
        ]
    ).reshape(len(readings), len(texts))
    best = np.zeros((len(readings) + 1, len(texts) + 1))
    for i in range(len(readings)):
        for j in range(len(texts)):
            best[i + 1, j + 1] = max(best[i, j] + gain[i, j], best[i, j + 1], best[i + 1, j])
    pairs = []
    i, j = len(readings), len(texts)
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def match(readings: Sequence[str], texts: Sequence[str]) -> list[tuple[int, int]]:
    """`align`, and what was read too badly for it, where order alone tells which line it is.

    That takes equal counts, no pair that contradicts them, and half of the lines aligned. Then a
    crop is also paired that stands between two that are, or is read about as long as its line.
    """
    aligned = align(readings, texts)
    sure = {i for i, _ in aligned}
    in_order = len(readings) == len(texts) and all(i == j for i, j in aligned)
    if not in_order or 2 * len(sure) < len(texts):
        return aligned

    def plausible(i: int) -> bool:
        shorter, longer = sorted((len(readings[i]), len(texts[i])))
        return {i - 1, i + 1} <= sure or shorter > LEAST_LENGTH * longer

    return [(i, i) for i in range(len(texts)) if i in sure or plausible(i)]


def pair_page(page: PageLines, raw: RawPage, transcription: Transcription) -> list[tuple[str, str]]:
    """(crop, text) for the candidate segmentation in which most transcribed lines are read.

    Lines with something unreadable teach nothing and are left out.
    """
    texts = [normalise(line) for line in transcription.essay or ()]
    readings = {reading.crop: reading.hypotheses[0].text for reading in raw.readings}

    def read(candidate: Candidate) -> list[str]:
        return [normalise(readings[line.crop]) for line in candidate.lines]

    def shown(candidate: Candidate) -> tuple[int, int]:
        return len(align(read(candidate), texts)), len(match(read(candidate), texts))

    best = max(page.candidates, key=shown)
    pairs = [(best.lines[i].crop, texts[j]) for i, j in match(read(best), texts)]
    return [(crop, text) for crop, text in pairs if UNREADABLE not in text]


def layout_of(page: str) -> Layout:
    """What crop found on a page.

    Raises:
        UserError: the page was not cropped.
    """
    return read_record(REGIONS / page / "layout.json", Layout)


def pairs_by_page() -> dict[str, list[Pair]]:
    """The pairs of every page that was segmented, read and transcribed.

    Raises:
        UserError: the pipeline has not run, or not to its end since it was segmented, or a
            transcription cannot be read.
    """
    pages = {page.page: page for page in read_records(LINES, "*/lines.json", PageLines)}
    found: dict[str, list[Pair]] = {}
    truths = read_transcriptions(TRANSCRIPTIONS)
    for raw in read_records(RAW, "*.json", RawPage):
        truth = truths.get(raw.page)
        if truth is None or truth.essay is None:
            continue
        page = pages.get(raw.page)
        read = {reading.crop for reading in raw.readings}
        if page is None or not read.issuperset(x.crop for c in page.candidates for x in c.lines):
            raise UserError(
                f"{RAW}/{raw.page}.json: was read from other lines than are in {LINES};"
                " run `dvc repro`"
            )
        found[raw.page] = [
            Pair(raw.page, read_rgb(LINES / raw.page / f"{crop}.png"), text)
            for crop, text in pair_page(page, raw, truth)
        ]
    return found


def split(
    pages: Sequence[str], share: float, seed: int, seen: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """Pages to train on and pages held out: `share` of them, at least one of each.

    Args:
        seen: those that the checkpoint was trained on already, which can test it no more.

    Raises:
        UserError: there are fewer than two pages, or all have been seen.
    """
    if len(pages) < 2:
        raise UserError(
            f"data/transcriptions: of {len(pages)} page(s) lines and crops could be paired; "
            "fine-tuning needs two or more, one of them held out: transcribe more pages and run "
            "`dvc repro`, or see in metrics/report.html whether lines were found"
        )
    shuffled = [str(page) for page in np.random.default_rng(seed).permutation(sorted(pages))]
    held = min(len(pages) - 1, max(1, round(share * len(pages))))
    held_out = sorted([page for page in shuffled if page not in seen][:held])
    if not held_out:
        raise UserError(
            "data/transcriptions: the checkpoint was trained on all of these pages before, so that"
            " none could be held out: transcribe others, or begin with the checkpoint that it was"
            " made of"
        )
    return sorted(set(pages).difference(held_out)), held_out
