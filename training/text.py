"""What the hands write: learner-like English with names, numbers, punctuation and mistakes.

A recogniser that has only seen correct words learns to correct; so some words are misspelt, and
some are no words at all.
"""

import codecs
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import wordfreq
import yaml

from training.misspelling import misspell, pseudo_word

SENTENCES = Path(__file__).with_name("sentences.txt")
BIGRAMS = "frequency_bigramdictionary_en_243_342.txt"
SHORTEST, LONGEST = 1, 75
VOCABULARY = 30_000

WORDS = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text())
NAMES: list[str] = WORDS["names"].split()
BLOCKED_STEMS: list[str] = codecs.decode(WORDS["blocked"], "rot13").split()
TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "St.")
RARE_MARKS = tuple("&+=/@#*<>[]{}|~^_\\`$%")


@dataclass(frozen=True)
class Line:
    """A line to write; `struck` are indices of its words (split at spaces) to cross out."""

    text: str
    struck: tuple[int, ...] = ()


def is_clean(word: str) -> bool:
    """Whether a word holds no blocked stem; `_` in a stem stands for the word's border."""
    bounded = f"_{word.lower()}_"
    return not any(stem in bounded for stem in BLOCKED_STEMS)


@cache
def successors() -> dict[str, tuple[list[str], np.ndarray]]:
    """Word -> the words that may follow it and their probabilities (flattened frequencies)."""
    table: dict[str, list[tuple[str, float]]] = {}
    content = files("symspellpy").joinpath(BIGRAMS).read_text(encoding="utf-8")
    for row in content.splitlines():
        first, second, count = row.split()
        if is_clean(first) and is_clean(second) and is_clean(first + second):
            table.setdefault(first, []).append((second, float(count) ** 0.45))
    return {
        first: ([w for w, _ in pairs], np.cumsum([p for _, p in pairs]))
        for first, pairs in table.items()
    }


@cache
def vocabulary() -> tuple[list[str], np.ndarray]:
    """Frequent words and their cumulative, flattened frequencies."""
    words = [
        word
        for word in wordfreq.top_n_list("en", VOCABULARY)
        if is_clean(word) and word.isascii() and word.replace("'", "").isalpha()
    ]
    weights = np.array([wordfreq.word_frequency(word, "en") ** 0.4 for word in words])
    return words, np.cumsum(weights)


@cache
def sentences() -> list[list[str]]:
    """Our own sentences as lists of words."""
    printable = SENTENCES.read_text(encoding="utf-8").replace("£", "$")
    return [row.split() for row in printable.splitlines() if row]


def _draw(words: list[str], cumulative: np.ndarray, rng: np.random.Generator) -> str:
    return words[int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))]


def _walk(rng: np.random.Generator, length: int) -> list[str]:
    """A walk over the bigrams, which takes a fresh word where it ends or at random."""
    table = successors()
    word = _draw(*vocabulary(), rng)
    walk = [word]
    while len(walk) < length:
        following = table.get(word)
        fresh = following is None or rng.random() < 0.12
        word = _draw(*vocabulary(), rng) if following is None or fresh else _draw(*following, rng)
        walk.append(word)
    return walk


def _number(rng: np.random.Generator) -> str:
    n = int(10 ** rng.uniform(0, 5))
    forms = (
        f"{n}", f"{n}", f"{n:,}", f"{n % 101}%", f"${n}", f"{n % 28 + 1}th",
        f"{1900 + n % 131}", f"{1900 + n % 131}", f"{n % 23 + 1}:{n % 60:02d}",
        f"{n % 100}.{n % 10}", f"{n % 40}-{n % 40 + 5}", f"({n % 10})", f"{n % 10}.",
        f"{n % 12}/{n % 9}",
    )  # fmt: skip
    return forms[rng.integers(len(forms))]


def _decorate(word: str, rng: np.random.Generator) -> str:
    """Quotes, brackets, apostrophes, hyphens, capitals, or nothing."""
    endings = ("'s", "s'", "'t", "'ll", "'re", "n't")
    forms = (
        (0.933, word),
        (0.012, f'"{word}"'),
        (0.008, f"'{word}'"),
        (0.010, f"({word})"),
        (0.015, word + endings[rng.integers(len(endings))]),
        (0.008, word.upper()),
        (0.012, word.capitalize()),
        (0.002, word + RARE_MARKS[rng.integers(len(RARE_MARKS))]),
    )
    shares = [share for share, _ in forms]
    return forms[int(rng.choice(len(forms), p=shares))][1]


def _sentence(rng: np.random.Generator) -> list[str]:
    """One sentence, capitalised and closed by its mark."""
    words = _walk(rng, int(rng.integers(4, 18)))
    for index in range(len(words)):
        roll = rng.random()
        if roll < 0.05:
            words[index] = NAMES[rng.integers(len(NAMES))]
            if rng.random() < 0.15:
                initial = chr(65 + rng.integers(26)) + "."
                words[index] = f"{rng.choice([*TITLES, initial])} {words[index]}"
        elif roll < 0.085:
            words[index] = _number(rng)
        elif roll < 0.1:
            words[index] = f"{words[index]}-{_draw(*vocabulary(), rng)}"
        elif roll < 0.12:
            words[index] = pseudo_word(rng)
        else:
            words[index] = "I" if words[index] == "i" else _decorate(words[index], rng)
        if index + 1 < len(words) and rng.random() < 0.1:
            words[index] += str(rng.choice([",", ",", ",", ",", ";", ":", " -"]))
    words[0] = words[0][:1].upper() + words[0][1:]
    words[-1] += str(rng.choice([".", ".", ".", ".", ".", ".", "?", "!", "...", ""]))
    return " ".join(words).split()


def _length(rng: np.random.Generator) -> int:
    roll = rng.random()
    if roll < 0.76:
        return int(np.clip(rng.normal(50, 10), 20, LONGEST))
    return int(rng.integers(SHORTEST, 30 if roll < 0.88 else LONGEST))


def sample_line(rng: np.random.Generator, misspelt: float = 0.08, struck: float = 0.1) -> Line:
    """Draw one line of `SHORTEST` to `LONGEST` characters, struck words not counted.

    Args:
        rng: equal state gives an equal line.
        misspelt: probability that a word is misspelt.
        struck: probability that one word, written beside the text, is to be crossed out.
    """
    target = _length(rng)
    words: list[str] = []
    while sum(map(len, words)) + len(words) < target + 30:
        own = rng.random() < 0.12
        words += sentences()[rng.integers(len(sentences()))] if own else _sentence(rng)
    words = words[int(rng.integers(0, min(8, len(words) // 2))) :]
    words = [misspell(word, rng) if rng.random() < misspelt else word for word in words]
    words = [word for word in words if is_clean(word)]
    line: list[str] = []
    while words and len(" ".join([*line, words[0]])) <= target:
        line.append(words.pop(0))
    rest = target - len(" ".join(line)) - 2
    if not line:
        line = [words[0][:target]]
    elif rest >= 3 and words and len(words[0]) > rest + 2 and rng.random() < 0.25:
        line.append(words[0][:rest] + "-")
    if rng.random() < struck:
        at = int(rng.integers(len(line) + 1))
        wrong = misspell(line[min(at, len(line) - 1)], rng)
        wrong = wrong if is_clean(wrong) else "the"
        return Line(" ".join([*line[:at], wrong, *line[at:]]), (at,))
    return Line(" ".join(line))


def misspelt_line(rng: np.random.Generator, share: float = 0.3) -> tuple[str, dict[int, str]]:
    """A line of lower-case words of which about `share`, and at least one, are misspelt.

    Returns:
        The text, and the right spelling of each misspelt word by its index.
    """
    words = _walk(rng, int(rng.integers(6, 10)))
    originals: dict[int, str] = {}
    while not originals:
        for index, word in enumerate(words):
            wrong = misspell(word, rng) if rng.random() < share else word
            if wrong != word and is_clean(wrong):
                originals[index] = word
                words[index] = wrong
        words = words if originals else _walk(rng, len(words))
    return " ".join(words), originals
