"""What `bench.transcribing` measured, and how it is told."""

from typing import Self

from stages.pages.records import Record

KEY_S = 0.28
THINKING_S = 1.35
READING_S = 0.6


class Counts(Record):
    """Counts that are added one by one."""

    def __add__(self, other: Self) -> Self:
        names = type(self).model_fields
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in names})


class Work(Counts):
    """What a page, or several, took: lines, words, corrections, keys pressed, keys from nothing."""

    lines: int = 0
    words: int = 0
    corrections: int = 0
    keys: int = 0
    keys_from_nothing: int = 0

    @property
    def minutes(self) -> float:
        """By the model, with the reading."""
        thinking = THINKING_S * (self.lines + self.corrections)
        return (KEY_S * self.keys + thinking + READING_S * self.words) / 60


class Tints(Counts):
    """Characters of readings: all, those tinted, those wrong, wrong and tinted; those not read."""

    read: int = 0
    tinted: int = 0
    wrong: int = 0
    wrong_tinted: int = 0
    missing: int = 0


class Keying(Record):
    """The work of every page, and what the window tints in all of them."""

    pages: dict[str, Work]
    tints: Tints

    @property
    def total(self) -> Work:
        """Of all pages."""
        return sum(self.pages.values(), Work())


def keying_table(found: Keying) -> str:
    """A row for each page, and one for all."""
    head = "| page | lines | corrections | keys | keys from nothing | minutes |"
    rows = [
        f"| {name} | {work.lines} | {work.corrections} | {work.keys} | {work.keys_from_nothing} | "
        f"{work.minutes:.1f} |"
        for name, work in [*found.pages.items(), ("all", found.total)]
    ]
    return "\n".join([head, "|---|--:|--:|--:|--:|--:|", *rows])


def keying_sentences(found: Keying) -> str:
    """What the pages' work comes to."""
    total = found.total
    minutes = [work.minutes for work in found.pages.values()]
    return (
        f"The {len(minutes)} sample pages need {total.corrections} corrections: {total.keys} keys,"
        f" where typing them from\nnothing needs {total.keys_from_nothing}. By the keystroke-level"
        f" model, with {READING_S} s for reading each word against its\npicture (an assumption),"
        f" that is {total.minutes:.0f} minutes for all, {min(minutes):.1f} to {max(minutes):.1f} a"
        " page; no person was timed."
    )


def tint_sentences(tints: Tints) -> str:
    """How much is tinted, and how much of what is wrong."""
    return (
        f"On the sample pages {100 * tints.tinted / tints.read:.0f} % of the characters read are"
        f" tinted, with {tints.wrong_tinted} of the {tints.wrong} wrong ones among them;\nbut"
        f" {tints.missing} that stand on the paper were not read at all, and nothing is tinted for"
        " those: read the whole line."
    )
