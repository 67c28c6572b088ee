"""All pages' scores: the content of details.json and, in short, scores.json; rows of pages.csv.

Names are flat: `<field>_<measure>` for the text in the dataset, with `_raw` for the recogniser's
text before correction, then what is special:

| name | what it is |
|---|---|
| `_cer`, `_wer` | character (grapheme cluster) and word error rate: `stages.evaluate.edits` |
| `_substitutions`, `_deletions`, `_insertions` | the parts that sum to the rate |
| `_caseless`, `_no_punctuation` | compared in another form: `stages.evaluate.normalise` |
| `_bag_of_words` | whatever the order of words: `stages.evaluate.edits` |
| `_characters`, `_words` | how long the transcription is in that form, what the rate is over |
| `_median`, `_worst` | of the pages' own rates |
| `_low`, `_high` | 95 % interval over pages: `stages.evaluate.bootstrap` |
| `_change` | corrected less raw, below 0 where correction helps, with the interval of the pairs |
| `_p` | of the sign-flip test over the pairs: `stages.evaluate.pairs` |
| `_line_cer_raw` | over lines aligned with the transcription's: `stages.evaluate.lines` |
| `_cer_raw_oracle` | the best choice of segmentation and n-best: `stages.evaluate.oracle` |
| `_cer_raw_oracle_segmentation` | the best choice of segmentation alone |
| `_nonwords` | how many non-words are transcribed: `stages.evaluate.preservation` |
| `_kept`, `_corrected`, `_lost` | the shares of them that became so |
| `_edits`, `_suspect_lines` | how many edits correction made, how many lines it disbelieved |
| `_unseen` | over pages that the recogniser was not trained on, where there are others |
| `_pages_trained_on` | on how many transcribed essays the recogniser was trained |
| `_pages` | on how many pages the essay, or the band, is transcribed |
| `_lines`, `_lines_transcribed` | how many there are, on pages whose essay is typed line by line |
| `_line_count_error` | lines too many or too few, the mean over pages |
| `_confidence` | the recogniser's, in pages.csv only: `stages.evaluate.confidence` |
| `band_accuracy` | the share of transcribed bands that are right |

What a transcription marks as unreadable is in no rate and no length: `stages.evaluate.unreadable`.

Rates over several pages are micro-averaged: pooled errors over pooled length, so that a long page
weighs more than a short one. In pages.csv the same names are the page's own.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean, median

from stages.evaluate.bootstrap import interval
from stages.evaluate.confidence import confidence
from stages.evaluate.edits import DECIMALS, Errors
from stages.evaluate.normalise import NAME, VARIANTS
from stages.evaluate.page import PageScores
from stages.evaluate.pairs import paired_difference
from stages.evaluate.preservation import Fates
from stages.evaluate.texts import FIELDS

MEASURES = ("cer_raw", "cer", "wer_raw", "wer")
HEADLINE = tuple(f"essay_{measure}" for measure in MEASURES)
RATES = (
    *(f"{field}_{measure}" for field in FIELDS for measure in MEASURES),
    *(f"essay_{rate}_{variant}" for rate in ("cer", "wer") for variant in VARIANTS),
    "essay_wer_raw_bag_of_words",
    "essay_wer_bag_of_words",
    "essay_line_cer_raw",
    "essay_cer_raw_oracle_segmentation",
    "essay_cer_raw_oracle",
)
LENGTHS = {
    f"essay_{rate}{form}": f"essay_{unit}{form}"
    for rate, unit in (("cer", "characters"), ("wer", "words"))
    for form in ("", *(f"_{variant}" for variant in VARIANTS))
}
SHORT = (
    "normalisation",
    "pages_done",
    "pages_rejected",
    "pages_transcribed",
    "pages_transcribed_rejected",
    "essay_edits",
    "essay_suspect_lines",
    "band_pages",
    "band_accuracy",
    "essay_pages",
    "essay_pages_trained_on",
    *(f"{name}_unseen" for name in HEADLINE),
    *(f"{field}_{measure}" for field in FIELDS for measure in MEASURES),
    "essay_cer_low",
    "essay_cer_high",
    "essay_wer_low",
    "essay_wer_high",
    "essay_cer_raw_oracle",
    "essay_lines",
    "essay_lines_transcribed",
    "essay_nonwords",
    "essay_nonwords_kept",
)
FATES = ("essay_nonwords_raw", "essay_nonwords")

Scores = dict[str, int | float | str]
Row = dict[str, int | float | str | None]


def page_row(page: PageScores) -> Row:
    """A page's row of pages.csv; None where there is nothing to score."""
    return {
        "page": page.page,
        "status": "done" if page.done else "rejected",
        "trained_on": int(page.trained_on),
        **_figures(page.errors, page.fates),
        "band_correct": page.band_correct,
        "essay_lines": page.lines,
        "essay_lines_transcribed": page.lines_transcribed,
        "essay_line_count_error": page.line_count_error,
        "essay_edits": page.edits,
        "essay_suspect_lines": page.suspect_lines,
        "essay_confidence": None if page.score is None else confidence(page.score),
    }


def short(scores: Scores) -> Scores:
    """The content of scores.json: few enough scores for `dvc metrics diff` and `dvc exp show`."""
    return {name: scores[name] for name in SHORT if name in scores}


def total(pages: Sequence[PageScores]) -> Scores:
    """The content of details.json; without any transcription there are only counts of pages."""
    counts: Scores = {
        "normalisation": NAME,
        "pages_done": sum(page.done for page in pages),
        "pages_rejected": sum(not page.done for page in pages),
        "pages_transcribed": sum(page.transcribed for page in pages),
        "pages_transcribed_rejected": sum(page.transcribed and not page.done for page in pages),
        "essay_edits": sum(page.edits or 0 for page in pages),
        "essay_suspect_lines": sum(page.suspect_lines or 0 for page in pages),
    }
    errors = {name: sum(_errors_of(pages, name), Errors()) for name in RATES}
    fates = {
        name: sum((page.fates[name] for page in pages if name in page.fates), Fates())
        for name in FATES
        if any(name in page.fates for page in pages)
    }
    scored = _figures(errors, fates) | _over_pages(pages) | _bands_and_lines(pages) | _unseen(pages)
    return counts | {k: value for k, value in sorted(scored.items()) if value is not None}


def _figures(errors: Mapping[str, Errors], fates: Mapping[str, Fates]) -> Row:
    """The scores of one page or of pooled ones, the same names for all."""
    figures: Row = {name: errors.get(name, Errors()).rate for name in RATES}
    for name in HEADLINE:
        parts = errors.get(name, Errors()).parts()
        figures |= {f"{name}_{part}": share for part, share in parts.items()}
    for name, length in LENGTHS.items():
        figures[length] = errors.get(name, Errors()).length or None
    for name in FATES:
        shares = fates.get(name, Fates()).shares()
        figures |= {f"{name}_{fate}": share for fate, share in shares.items()}
    figures["essay_nonwords"] = fates["essay_nonwords"].count if fates else None
    return figures


def _over_pages(pages: Sequence[PageScores]) -> Row:
    """How rates vary from page to page."""
    figures: Row = {}
    for name in RATES:
        if found := interval(_errors_of(pages, name)):
            figures |= {f"{name}_low": found.low, f"{name}_high": found.high}
    for name in ("essay_cer", "essay_wer"):
        raw, corrected = _errors_of(pages, f"{name}_raw"), _errors_of(pages, name)
        rates = [errors.rate for errors in corrected if errors.rate is not None]
        if rates:
            figures[f"{name}_median"] = round(median(rates), DECIMALS)
            figures[f"{name}_worst"] = max(rates)
        change = paired_difference(raw, corrected)
        if change and change.interval:
            figures[f"{name}_change"] = change.value
            figures[f"{name}_change_low"] = change.interval.low
            figures[f"{name}_change_high"] = change.interval.high
            figures[f"{name}_change_p"] = round(change.p, DECIMALS)
    return figures


def _unseen(pages: Sequence[PageScores]) -> Row:
    """The essay's rates without the pages that the recogniser was trained on, if it was on any."""
    trained = _errors_of([page for page in pages if page.trained_on], "essay_cer")
    if not trained:
        return {}
    unseen = [page for page in pages if not page.trained_on]
    rates = {f"{name}_unseen": sum(_errors_of(unseen, name), Errors()).rate for name in HEADLINE}
    return {"essay_pages_trained_on": len(trained), **rates}


def _bands_and_lines(pages: Sequence[PageScores]) -> Row:
    figures: Row = {}
    bands = [page.band_correct for page in pages if page.band_correct is not None]
    if bands:
        figures["band_pages"] = len(bands)
        figures["band_accuracy"] = round(fmean(bands), DECIMALS)
    if essays := len(_errors_of(pages, "essay_cer")):
        figures["essay_pages"] = essays
    by_line = [page for page in pages if page.lines_transcribed is not None]
    if by_line:
        figures["essay_lines"] = sum(page.lines or 0 for page in by_line)
        figures["essay_lines_transcribed"] = sum(p.lines_transcribed or 0 for p in by_line)
    off = [page.line_count_error for page in pages if page.line_count_error is not None]
    if off:
        figures["essay_line_count_error"] = round(fmean(off), DECIMALS)
    return figures


def _errors_of(pages: Sequence[PageScores], name: str) -> list[Errors]:
    """The errors of every page that has the score, in the order of pages."""
    return [page.errors[name] for page in pages if name in page.errors]
