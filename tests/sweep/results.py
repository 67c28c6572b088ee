"""Results to rank and draw."""

from sweep.table import Result


def result(name: str, rate: float | None, seconds: float | None = None, **values: str) -> Result:
    """A point with a CER, and an interval of 0.01 to each side."""
    scores = {} if rate is None else {"essay_cer": rate}
    if rate is not None:
        scores |= {"essay_cer_low": rate - 0.01, "essay_cer_high": rate + 0.01}
    return Result(name, values, scores, seconds)  # type: ignore[arg-type]
