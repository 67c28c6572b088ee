"""Further answers for benches: the sample texts' sentences in a new order and new lines."""

from collections.abc import Sequence

import numpy as np

from samples.answers import Answer, Word, markup

TITLES = ("Mr.", "Mrs.")


def _ends_sentence(word: str) -> bool:
    return word.endswith((".", "?", "!")) and word not in TITLES


def _sentences(answers: Sequence[Answer]) -> list[list[str]]:
    """All sentences of the essays, unmarked, as words."""
    sentences: list[list[str]] = [[]]
    for answer in answers:
        for line in answer.lines:
            for word in (word for word in line if word.kind != "struck"):
                sentences[-1].append(word.text)
                if _ends_sentence(word.text):
                    sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _marked(words: Sequence[str], rng: np.random.Generator, insertions: bool) -> list[Word]:
    """Cross some words out, before they are written again, and insert some above the line."""
    marked: list[Word] = []
    for word in words:
        chance = rng.random()
        if chance < 0.02 and not _ends_sentence(word):
            marked.append(Word(word, "struck"))
        inserted = insertions and chance > 0.985
        marked.append(Word(word, "inserted" if inserted else "plain"))
    return marked


def recombine(
    answers: Sequence[Answer], rng: np.random.Generator, insertions: bool = True
) -> Answer:
    """An answer of 5 to 18 lines with one answer's prompt and another one's comment.

    Some words are crossed out; without `insertions`, none stands above its line.
    """
    sentences = _sentences(answers)
    order = rng.permutation(len(sentences))
    words = _marked([word for index in order for word in sentences[index]], rng, insertions)
    longest = int(rng.integers(32, 58))
    lines: list[list[Word]] = [[]]
    wanted = int(rng.integers(5, 19))
    written = 0
    for word in words:
        length = sum(len(other.text) + 1 for other in lines[-1]) + len(word.text)
        ends_paragraph = bool(lines[-1]) and _ends_sentence(lines[-1][-1].text)
        if ends_paragraph and rng.random() < 0.25:
            lines += [[], []]
            written += 1
        elif length > longest:
            lines.append([])
            written += 1
        if written == wanted:
            break
        begins = not lines[-1]
        lines[-1].append(Word(word.text) if begins and word.kind == "inserted" else word)
    while all(word.kind == "struck" for word in lines[-1]):
        lines.pop()
    prompt, comment = rng.choice(len(answers), 2, replace=False)
    return Answer(
        page="varied",
        topic=answers[prompt].topic,
        test=int(rng.integers(1, 5)),
        band=float(rng.integers(8, 19)) / 2,
        essay="\n".join(markup(line) for line in lines).strip(),
        comment=answers[comment].comment,
    )
