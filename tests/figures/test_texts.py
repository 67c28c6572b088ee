import pytest

from bench.pages import Result
from figures.texts import notes, overview, rates, seconds
from stages.evaluate.scores import MEASURES, Scores
from stages.evaluate.texts import FIELDS


@pytest.fixture
def scores() -> Scores:
    """Made-up scores: the essay read with errors, the print without."""
    found: Scores = {f"{field}_{measure}": 0.0 for field in FIELDS for measure in MEASURES}
    return found | {
        "essay_cer_raw": 0.1234,
        "essay_cer": 0.12,
        "essay_wer_raw": 0.5,
        "essay_wer": 1.05,
        "essay_cer_low": 0.1,
        "essay_cer_high": 0.2,
        "essay_wer_low": 0.3,
        "essay_wer_high": 1.5,
        "essay_cer_raw_oracle": 0.1,
        "essay_lines": 5,
        "essay_lines_transcribed": 6,
        "band_accuracy": 1.0,
        "pages_done": 2,
        "pages_rejected": 1,
    }


def test_rates_are_percentages_by_field(scores: Scores) -> None:
    lines = rates(scores).splitlines()
    assert lines[3] == "| essay | 12.3 % | 12.0 % | 50.0 % | 105.0 % |"
    assert lines[4] == "| examiner comment | 0.0 % | 0.0 % | 0.0 % | 0.0 % |"


def test_the_overview_says_what_of_the_print_is_wrong(scores: Scores) -> None:
    wrong = scores | {"band_accuracy": 0.5, "topic_cer": 0.0004, "examiner_comment_cer": 0.051}
    lines = overview({"samples": scores, "notebook": wrong}).splitlines()
    assert lines[2].endswith("| 12.3 % | 12.0 % | 50.0 % | 105.0 % | right |")
    assert lines[3].endswith("| topic CER 0.04 %, comment CER 5.1 %, band right on 50.0 % |")
    lost = scores | {"topic_cer": 1.0, "examiner_comment_cer": 0.996}
    assert overview({"samples": lost}).endswith("| topic CER 100 %, comment CER 100 % |")


def test_notes_tell_what_is_known(scores: Scores) -> None:
    known = notes(scores)
    assert "Pages done: 2, rejected: 1." in known
    assert "lines: 6, found: 5." in known
    assert "corrected CER 10.0 to 20.0 %, WER 30.0 to 150.0 %." in known
    assert "Correction changes" not in known and "non-words" not in known
    more = scores | {
        "essay_nonwords": 4,
        "essay_nonwords_kept": 0.75,
        "essay_cer_change_low": -0.002,
        "essay_cer_change_high": 0.0013,
        "essay_wer_change_low": -0.01,
        "essay_wer_change_high": 0.0,
    }
    known = notes(more)
    assert "CER by -0.20 to +0.13 points, the WER by -1.0 to +0.0." in known
    assert "Of 4 non-words 75.0 % are kept" in known


def test_seconds_stand_under_their_command_and_say_when_the_machine_was_busy() -> None:
    busy = Result(
        overrides=["a=1"], pages=2, quiet=False, seconds={"crop": 3.0, "all_else": 1.0}, scores={}
    )
    text = seconds("real", busy)
    assert text.startswith("`python -m bench.pages FOLDER --save bench/results/real.json a=1`\n\n|")
    assert "| crop | 3.0 | 1.50 |" in text and "| all | 4.0 | 2.00 |" in text
    assert "Other work ran beside it" in text
    assert "Other work" not in seconds("real", busy.model_copy(update={"quiet": True}))
