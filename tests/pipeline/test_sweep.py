import sys

from tests.pipeline.conftest import Clone


def test_a_sweep_runs_every_point_shows_what_failed_and_compares_the_rest(copy: Clone) -> None:
    told = copy.run(
        sys.executable,
        "-m",
        "sweep",
        "correct.symspell.min_length=3,8",
        "recognize.checkpoint=models/embedded,models/gone",
        check=False,
    )
    rows = [line.strip("| ").split(" | ") for line in told.splitlines() if line.startswith("|")]
    assert rows[0][1:] == [
        "correct.symspell.min_length",
        "recognize.checkpoint",
        "essay_cer",
        "essay_wer",
        "essay_lines",
    ]
    assert sorted(row[1] for row in rows[2:]) == ["3", "8"]
    rates = [float(row[3]) for row in rows[2:]]
    assert rates == sorted(rates)
    assert told.count("recognize: models/gone: no such checkpoint folder") == 2
