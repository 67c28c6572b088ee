"""The printed sentences that mark the fields, found by fuzzy matching over OCR words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from rapidfuzz import fuzz

from stages.errors import PageError
from stages.pages.records import Anchor, AnchorName, Box, Word

SENTENCES: dict[AnchorName, str] = {
    "topic": "Write about the following topic:",
    "test": "TEST 0, WRITING TASK 0",
    "band": "This is an answer written by a candidate who achieved a Band 0 score.",
    "comment": "Here is the examiner's comment:",
}
MAX_LINES = 3
CONFIDENCE_WEIGHT = 0.1


@dataclass(frozen=True)
class Match:
    """An anchor as the words [start, stop) of a page; similarity in [0, 1]."""

    name: AnchorName
    start: int
    stop: int
    similarity: float

    def words(self, words: Sequence[Word]) -> Sequence[Word]:
        """The matched words out of the page's words."""
        return words[self.start : self.stop]

    def anchor(self, words: Sequence[Word]) -> Anchor:
        """The match as a record with its box and its text as read."""
        found = self.words(words)
        return Anchor(
            name=self.name,
            box=bounding_box(found),
            text=" ".join(word.text for word in found),
            similarity=round(self.similarity, 4),
        )


def bounding_box(words: Iterable[Word]) -> Box:
    """The smallest box around at least one word."""
    boxes = [word.box for word in words]
    return Box(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def quoted(name: AnchorName) -> str:
    """A sentence as a message shows it: every page has numbers of its own in it."""
    return repr(SENTENCES[name].replace("0", "..."))


def letters(text: str) -> str:
    """Its letters alone, in lower case: what stays the same across apostrophes and numbers."""
    return "".join(char for char in text.casefold() if char.isalpha())


def find_sentence(words: Sequence[Word], sentence: str, min_similarity: float) -> list[range]:
    """Where a printed sentence may stand: ranges of words, the most alike first.

    Every run of words on at most three lines is compared by its letters with the sentence
    (normalised Indel similarity), so that words which the OCR joined or split count as well.
    Overlapping runs are reduced to the best of them.

    Returns:
        Ranges of indices into `words`, each at least `min_similarity` (0 to 1) alike.
    """
    target = letters(sentence)
    spelt = [letters(word.text) for word in words]
    runs = [
        (alike, run)
        for run in _runs(words, spelt, len(target))
        if (alike := _alike(spelt[run.start : run.stop], target)) >= min_similarity
    ]
    runs.sort(key=lambda item: (-item[0], len(item[1]), item[1].start))
    kept: list[range] = []
    for _, run in runs:
        if all(run.stop <= other.start or other.stop <= run.start for other in kept):
            kept.append(run)
    return kept


def _alike(spelt: Sequence[str], target: str) -> float:
    """How alike words and a sentence are, both by their letters, 0 to 1."""
    return fuzz.ratio("".join(spelt), target) / 100


def _runs(words: Sequence[Word], spelt: Sequence[str], length: int) -> Iterable[range]:
    """Runs of words on at most three lines whose letters could make up `length` letters."""
    sizes = [len(text) for text in spelt]
    for start, size in enumerate(sizes):
        total, lines = 0, set()
        if size == 0:
            continue
        for stop in range(start + 1, len(words) + 1):
            total += sizes[stop - 1]
            if sizes[stop - 1]:
                lines.add(words[stop - 1].line)
            if total > 1.5 * length or len(lines) > MAX_LINES:
                break
            if sizes[stop - 1] and total >= 0.6 * length:
                yield range(start, stop)


def find_anchors(words: Sequence[Word], min_similarity: float) -> list[Match]:
    """The anchors of a page in reading order, each at most once.

    Print is told from handwriting that happens to say the same by likeness and, to a lesser
    part, by Tesseract's confidence. The band sentence comes before the comment's; the topic and
    test lines may stand in any order, but between those two, where the handwriting is, only if
    they stand nowhere else.

    Args:
        words: in reading order.
        min_similarity: 0 to 1.

    Raises:
        PageError: the band sentence stands there more than once: the scan shows several answers.
    """
    found = {name: _matches(words, name, min_similarity) for name in SENTENCES}
    if len(found["band"]) > 1:
        raise PageError(
            f"{len(found['band'])} answers in one scan: {quoted('band')} stands there more than"
            " once; cut the scan into one file for each"
        )
    band, comment = _frame(words, found["band"], found["comment"])

    def rank(match: Match) -> tuple[bool, float]:
        amid = band is not None and match.start >= band.stop
        amid &= comment is None or match.stop <= comment.start
        return not amid, _likeness(words, match)

    if comment is not None:  # which may mention the writing task
        below = [match for match in found["test"] if match.start >= comment.stop]
        found["test"] = [m for m in found["test"] if m not in below or _is_test_line(words, m)]
    others = [max(found[name], key=rank, default=None) for name in ("topic", "test")]
    chosen = [match for match in (band, comment, *others) if match is not None]
    return sorted(chosen, key=lambda match: match.start)


def _matches(words: Sequence[Word], name: AnchorName, min_similarity: float) -> list[Match]:
    matches = []
    for run in find_sentence(words, SENTENCES[name], min_similarity):
        stop = run.stop
        while name in ("test", "band") and stop < len(words):
            if words[stop].line != words[stop - 1].line or letters(words[stop].text):
                break
            stop += 1
        spelt = [letters(word.text) for word in words[run.start : run.stop]]
        alike = _alike(spelt, letters(SENTENCES[name]))
        matches.append(Match(name, run.start, stop, alike))
    return matches


def _is_test_line(words: Sequence[Word], match: Match) -> bool:
    text = " ".join(word.text for word in match.words(words))
    return "test" in text.casefold() and any(char.isdigit() for char in text)


def _likeness(words: Sequence[Word], match: Match | None) -> float:
    if match is None:
        return 0.0
    confidence = fmean(word.confidence for word in match.words(words))
    return match.similarity + CONFIDENCE_WEIGHT * confidence


def _frame(
    words: Sequence[Word], bands: Sequence[Match], comments: Sequence[Match]
) -> tuple[Match | None, Match | None]:
    """The best band and comment sentences that can stand together, the band's first."""
    pairs = [
        (band, comment)
        for band, comment in product([*bands, None], [*comments, None])
        if band is None or comment is None or band.stop <= comment.start
    ]
    return max(pairs, key=lambda pair: _likeness(words, pair[0]) + _likeness(words, pair[1]))
