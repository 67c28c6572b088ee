"""What else the recogniser could have read: log odds against its best reading, per character."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from stages.correct.confusions import confusions
from stages.pages.records import Hypothesis, Token

END = ""
Odds = tuple[dict[str, float], float]
# Log odds of a character that is not among a place's alternatives: this much, or below the least
# of those that are.
UNSEEN = -8.0
BELOW_LEAST = -2.5
LEAST = -16.0
DOUBT = -0.01  # where alternatives were not kept, a log-probability below this tells of some


@dataclass(frozen=True)
class Place:
    """A character of the text, or the end after the last.

    `logprob` is that of the token it belongs to, `others` the log odds of what could stand there
    in its place. `width` is the number of characters that one of `others` replaces: that of the
    token at its first character, 0 at the token's other characters, 1 at the end.
    """

    logprob: float = 0.0
    others: dict[str, float] = field(default_factory=dict)
    width: int = 1

    @property
    def unseen(self) -> float:
        """The log odds of what is not in `others`."""
        least = min(self.others.values(), default=0.0) + BELOW_LEAST
        return max(LEAST, min(UNSEEN - min(0.0, self.logprob), least))


class Evidence:
    """A line's text with a `Place` for each of its len(text) + 1 positions."""

    def __init__(self, text: str, hypotheses: Sequence[Hypothesis] = ()) -> None:
        self.text = text
        self.places = _places(text, hypotheses[0].tokens if hypotheses else [])
        self._instead: dict[int, Odds] = {}
        self._before: dict[int, Odds] = {}
        self._dropped: dict[int, float] = {}

    def least_logprob(self, start: int, end: int) -> float:
        """The log-probability of the least certain character of text[start:end]."""
        return min((place.logprob for place in self.places[start:end]), default=0.0)

    def doubted(self, start: int, end: int) -> bool:
        """Whether anything else was considered for text[start:end] or right after it."""
        return any(place.others or place.logprob < DOUBT for place in self.places[start : end + 1])

    def following(self, position: int) -> str:
        """The character after the one at `position`; `END` after the last."""
        return self.text[position + 1] if position + 1 < len(self.text) else END

    def odds(self, start: int, end: int, other: str) -> float:
        """Log odds, at most 0, of `other` against text[start:end]: the most probable edit sequence.

        A character read for another has the odds of that place; one left out had its own odds
        before the character that follows it, and one read too many has the odds of its successor.
        What the recogniser did not name there goes by what it confuses in general.
        (A Viterbi alignment, as Levenshtein's recurrence with log odds in place of costs.)
        """
        missing, unlisted = self._missing(start)
        row = [0.0]
        for character in other:
            row.append(row[-1] + missing.get(character, unlisted))
        for position in range(start, end):
            instead, unseen = self._wrong(position)
            missing, unlisted = self._missing(position + 1)
            written = self.text[position]
            dropped = self._surplus(position)
            left = row[0] + dropped
            below = [left]
            for column, character in enumerate(other):
                read = row[column]
                if character != written:
                    read += instead.get(character, unseen)
                added = left + missing.get(character, unlisted)
                left = max(read, row[column + 1] + dropped, added)
                below.append(left)
            row = below
        return row[-1]

    def _wrong(self, position: int) -> Odds:
        """What else could have been written in place of the character there."""
        if position not in self._instead:
            self._instead[position] = self._odds_at(position, self.text[position])
        return self._instead[position]

    def _missing(self, position: int) -> Odds:
        """What could have been written before the character there, or at the end."""
        if position not in self._before:
            self._before[position] = self._odds_at(position, "")
        return self._before[position]

    def _surplus(self, position: int) -> float:
        """The odds that nothing was written for the character there."""
        if position not in self._dropped:
            place, row = self.places[position], confusions(self.text[position])
            unlisted = place.unseen + row.listed.get("", row.others)
            self._dropped[position] = place.others.get(self.following(position), unlisted)
        return self._dropped[position]

    def _odds_at(self, position: int, read: str) -> Odds:
        place, row = self.places[position], confusions(read)
        unseen = place.unseen
        listed = {written: unseen + odds for written, odds in row.listed.items()}
        return listed | place.others, unseen + row.others


def _places(text: str, tokens: Sequence[Token]) -> list[Place]:
    read = "".join(token.text for token in tokens)
    places = [place for token in tokens for place in _of_token(token)]
    final = next((place for token in tokens[-1:] for place in _end(token)), Place())
    if text == read:
        return [*places, final]
    aligned = [Place() for _ in text]
    for block in Levenshtein.opcodes(read, text):
        if block.tag == "equal":
            aligned[block.dest_start : block.dest_end] = places[block.src_start : block.src_end]
    return [*aligned, final]


def _of_token(token: Token) -> Iterator[Place]:
    """The places of a token's characters; a space before a word piece is one of its own."""
    text, others = token.text, _others(token)
    if len(text) > 1 and text.startswith(" "):
        yield Place(token.logprob)
        text = text[1:]
        others = {key[1:]: odds for key, odds in others.items() if key.startswith(" ")}
    if text:
        yield Place(token.logprob, others, len(text))
    for _ in text[1:]:
        yield Place(token.logprob, {}, 0)


def _end(token: Token) -> Iterator[Place]:
    if not token.text:
        yield Place(token.logprob, _others(token))


def _others(token: Token) -> dict[str, float]:
    return {other.text: other.logprob - token.logprob for other in token.alternatives}
