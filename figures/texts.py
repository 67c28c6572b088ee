"""Measured figures as Markdown: tables, and lists of what else is known."""

from collections.abc import Mapping
from textwrap import indent

from bench.correction import Table, table
from bench.keying import Keying, keying_sentences, keying_table, tint_sentences
from bench.pages import Result, seconds_table
from stages.evaluate.scores import MEASURES, Scores
from stages.evaluate.texts import FIELDS

PAGES = {
    "samples": "the eight samples (drawn by the training renderer in fonts kept out of training; "
    "`make run`)",
    "real": "six composed pages with real pens, not in the repository (development pages of crop, "
    "lines and some of the corrector's rules)",
    "notebook": "the same with the notebook's settings",
}


def all_blocks(
    samples: Scores,
    results: Mapping[str, Result],
    correctors: Table,
    comparison: str,
    keying: Keying,
) -> dict[str, str]:
    """Every block by its name.

    Args:
        samples: metrics/scores.json of the sample pages.
        results: by the names in `PAGES` but for the samples.
        correctors: what `bench.correctors` saved.
        comparison: what `python -m compare` printed.
        keying: what `bench.transcribing` saved.
    """
    scores = {"samples": samples} | {name: result.scores for name, result in results.items()}
    blocks = {
        "overview": overview(scores),
        "correctors": table(correctors),
        "comparison": indent(comparison.rstrip(), "    "),
        "keying": keying_sentences(keying),
        "keying-table": keying_table(keying),
        "tints": tint_sentences(keying.tints),
    }
    for name, figures in scores.items():
        blocks[f"{name}-rates"] = rates(figures)
        blocks[f"{name}-notes"] = notes(figures)
    for name, result in results.items():
        blocks[f"{name}-seconds"] = seconds(name, result)
    return blocks


def overview(scores: Mapping[str, Scores]) -> str:
    """A row for each set of pages: the essay's rates, and whether the print is right."""
    head = "| pages | essay CER raw | corrected | WER raw | corrected | topic, band, comment |"
    rows = [
        f"| {PAGES[name]} | {_rates(figures, 'essay')} | {_print(figures)} |"
        for name, figures in scores.items()
    ]
    return "\n".join([head, "|---|--:|--:|--:|--:|---|", *rows])


def rates(scores: Scores) -> str:
    """A row for each field of the dataset."""
    head = "| field | CER raw | CER corrected | WER raw | WER corrected |"
    rows = [f"| {field.replace('_', ' ')} | {_rates(scores, field)} |" for field in FIELDS]
    return "\n".join([head, "|---|--:|--:|--:|--:|", *rows])


def seconds(name: str, result: Result) -> str:
    """The command that measured, and the seconds of every stage."""
    saved = f"bench/results/{name}.json"
    command = " ".join(["python -m bench.pages FOLDER", f"--save {saved}", *result.overrides])
    load = "" if result.quiet else "\n\nOther work ran beside it: the seconds are too many."
    return f"`{command}`\n\n{seconds_table(result.seconds, result.pages)}{load}"


def notes(scores: Scores) -> str:
    """A list of what was found, and between which limits the rates lie."""
    sentences = [
        f"Pages done: {scores['pages_done']}, rejected: {scores['pages_rejected']}.",
        f"The band is right on {_percent(scores, 'band_accuracy')}.",
        f"Handwritten lines: {scores['essay_lines_transcribed']}, found: {scores['essay_lines']}.",
        f"95 % intervals over these pages: corrected CER {_range(scores, 'essay_cer')} %, "
        f"WER {_range(scores, 'essay_wer')} %.",
    ]
    if "essay_cer_change_low" in scores:
        sentences.append(
            f"Correction changes the CER by {_range(scores, 'essay_cer_change', '+.2f')} points, "
            f"the WER by {_range(scores, 'essay_wer_change', '+.1f')}."
        )
    sentences.append(
        "The best choice of segmentation and of the n-best readings of every line would have "
        f"{_percent(scores, 'essay_cer_raw_oracle')} raw CER."
    )
    if "essay_wer_bag_of_words" in scores:
        sentences.append(
            f"Whatever the order of words, the WER is {_percent(scores, 'essay_wer_bag_of_words')}."
        )
    if scores.get("essay_nonwords"):
        sentences.append(
            f"Of {scores['essay_nonwords']} non-words {_percent(scores, 'essay_nonwords_kept')} "
            "are kept as written."
        )
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _rates(scores: Scores, field: str) -> str:
    return " | ".join(_percent(scores, f"{field}_{measure}") for measure in MEASURES)


def _print(scores: Scores) -> str:
    """Which of the printed fields is not right."""
    rates = {
        "topic CER": float(scores["topic_cer"]),
        "comment CER": float(scores["examiner_comment_cer"]),
    }
    wrong = [f"{name} {float(f'{100 * rate:.2g}'):g} %" for name, rate in rates.items() if rate]
    if scores["band_accuracy"] != 1:
        wrong.append(f"band right on {_percent(scores, 'band_accuracy')}")
    return ", ".join(wrong) or "right"


def _percent(scores: Scores, name: str) -> str:
    return f"{100 * float(scores[name]):.1f} %"


def _range(scores: Scores, name: str, form: str = ".1f") -> str:
    low, high = (100 * float(scores[f"{name}_{end}"]) for end in ("low", "high"))
    return f"{low:{form}} to {high:{form}}"
