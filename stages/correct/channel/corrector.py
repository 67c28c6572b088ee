"""The search: the most probable sequence of candidates over a page's lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from stages.config.correct_settings import ChannelSettings
from stages.correct.channel.candidates import Token, candidates, tokens
from stages.correct.channel.language import language_model
from stages.correct.channel.surface import Sense, Senses, split_marks
from stages.correct.corrector import Replacement, TextLine
from stages.correct.evidence import Evidence
from stages.hyphens import halves
from stages.lexicon import ends_sentence

# These, those of the modules beside, and the settings are the best of a random search over
# development lines (bench/README.md, "Correction").
KEPT = 10  # candidates of a token, in all their senses
KEEP_NAME = 4.0  # how much more a known word with a capital inside a sentence is kept
SENTENCE_ENDS = frozenset(".?!")
CLOSING = "\"'”’)"
PRONOUN = frozenset({"i", "i'm", "i've", "i'll", "i'd"})
ABBREVIATION_LENGTH = 4
CAPITAL_INSIDE = -4.5  # a common word with a capital, or a small "i"
SMALL_AT_START = -5.0
NO_END_MARK = -0.1  # at the end of the text
# Rarer words may well be names, whose capital says nothing.
COMMON_LOGPROB = -7.75


@dataclass(frozen=True)
class Option:
    """A candidate of a token in one of its senses; `prior` is what is independent of context."""

    surface: str
    odds: float
    sense: Sense
    prior: float


@dataclass(frozen=True)
class Position:
    """Where a token stands, and what it could be: as it stands first."""

    line: int
    start: int
    end: int
    options: list[Option]


class ChannelCorrector:
    """Mends what the recogniser most likely misread, where it has left evidence.

    A replacement's score is the log odds of the text with it against the text without it. Lines
    without hypotheses serve as context and stay as they are, and so do the halves of a word that a
    line's end divides: each alone looks like a misread word.
    """

    name = "channel"
    whole_text = False
    guarded = False

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._language = language_model(settings.known_words)
        self._senses = Senses(self._language, settings.misspelling, settings.odd_misspelling)

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """A replacement for every token whose most probable candidate differs from it."""
        divided = halves([line.text for line in lines])
        positions = [
            Position(number, start, end, options[:1] if (number, start) in divided else options)
            for number, line in enumerate(lines)
            for start, end, options in self._of_line(line)
        ]
        path = self.best_path(positions)
        found = []
        for k, (position, option) in enumerate(zip(positions, path, strict=True)):
            given = position.options[0]
            if option.surface != given.surface:
                around = path[k - 1] if k else None, path[k + 1] if k + 1 < len(path) else None
                gain = self._score(option, *around) - max(
                    self._score(other, *around)
                    for other in position.options
                    if other.surface == given.surface
                )
                reason = f"evidence {option.odds:+.1f}, with context {gain:+.1f}"
                where = position.line, position.start, position.end
                found.append(Replacement(*where, option.surface, reason, round(gain, 2)))
        return found

    def _of_line(self, line: TextLine) -> list[tuple[int, int, list[Option]]]:
        evidence = Evidence(line.text, line.hypotheses)
        return [
            (token.start, token.end, self._options(evidence, token, line))
            for token in tokens(line.text, line.hypotheses)
        ]

    def _options(self, evidence: Evidence, token: Token, line: TextLine) -> list[Option]:
        text = line.text[token.start : token.end]
        before = line.text[: token.start]
        inside = bool(before.strip()) and not ends_sentence(before)
        name = KEEP_NAME if inside and split_marks(text)[1][:1].isupper() else 0.0
        given = [self._given(text, sense, name) for sense in self._senses.of(text)]
        if not line.hypotheses:
            return given
        others = [
            Option(surface, odds, sense, self._settings.evidence * odds + sense.logprob)
            for surface, odds in candidates(evidence, token, self._language).items()
            if surface != text
            for sense in self._senses.of(surface)
            if sense.known
        ]
        weight = self._settings.evidence
        others.sort(key=lambda o: -(weight * o.odds + self._senses.alone(o.sense)))
        return given + others[:KEPT]

    def _given(self, text: str, sense: Sense, name: float) -> Option:
        keep = self._settings.keep_unknown
        if sense.known:
            keep = self._settings.keep_known + name
        return Option(text, 0.0, sense, sense.logprob + keep)

    def best_path(self, positions: Sequence[Position]) -> list[Option]:
        """The sequence of options with the highest sum of scores (Viterbi 1967)."""
        before: list[tuple[Option | None, float]] = [(None, 0.0)]
        steps: list[list[int]] = []
        for position in positions:
            now: list[tuple[Option | None, float]] = []
            step = []
            for option in position.options:
                sums = [total + self.context(last, option) for last, total in before]
                best = max(range(len(sums)), key=sums.__getitem__)
                step.append(best)
                now.append((option, sums[best] + option.prior))
            before = now
            steps.append(step)
        ends = [total + self.context(last, None) for last, total in before]
        at = max(range(len(ends)), key=ends.__getitem__)
        path = []
        for position, step in zip(reversed(positions), reversed(steps), strict=True):
            path.append(position.options[at])
            at = step[at]
        return path[::-1]

    def _score(self, option: Option, before: Option | None, after: Option | None) -> float:
        return self.context(before, option) + option.prior + self.context(option, after)

    def context(self, before: Option | None, option: Option | None) -> float:
        """The log-probability of an option after what stands before: of its words and its capital.

        `before` is None at the beginning of the text, `option` at its end.
        """
        if option is None:
            return 0.0 if before is None or _ends_sentence(before.surface) else NO_END_MARK
        previous = None if before is None else before.sense.words[-1]
        if before is not None and before.surface[-1] in SENTENCE_ENDS:
            previous = None
        total = 0.0
        for word in option.sense.words:
            if word is not None:
                total += self._language.logprob(word, previous)
            previous = word
        return total + (0.0 if before is None else self._capital(before.surface, option))

    def _capital(self, before: str, option: Option) -> float:
        core = split_marks(option.surface)[1]
        total = CAPITAL_INSIDE if core in PRONOUN else 0.0
        if _ends_sentence(before):
            if core[:1].islower():
                total += SMALL_AT_START / (2 if len(before) <= ABBREVIATION_LENGTH else 1)
        elif core[:1].isupper() and core.lower() not in PRONOUN and self._is_common(option.sense):
            total += CAPITAL_INSIDE
        return total

    def _is_common(self, sense: Sense) -> bool:
        word = sense.words[0]
        return word is not None and self._language.logprob(word) > COMMON_LOGPROB


def _ends_sentence(surface: str) -> bool:
    return surface.rstrip(CLOSING)[-1:] in SENTENCE_ENDS
