"""The picture of a sweep: the metric over its settings, and against the time it took."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from sweep.table import Result

# Colours that the colour-blind can tell apart (M. Okabe and K. Ito, 2008), and marks.
STYLES = [
    *(("#0072b2", "o"), ("#d55e00", "s"), ("#009e73", "^"), ("#cc79a7", "D")),
    *(("#e69f00", "v"), ("#56b4e9", "P"), ("#000000", "X")),
]


def draw(results: Sequence[Result], metric: str, title: str, path: Path) -> None:
    """Write an SVG: one line per setting over the first key that is a number, or a row per point.

    A second panel has the metric against seconds, where they are known. The bars are the 95 %
    intervals; results without the metric are left out.
    """
    scored = [result for result in results if result.rate(metric) is not None]
    timed = [result for result in scored if result.seconds is not None]
    settings = rc_context({"svg.hashsalt": "sweep", "svg.fonttype": "none", "font.size": 10})
    with settings:
        figure = Figure(figsize=(11 if timed else 6.5, 4.5), layout="constrained")
        panels = figure.subplots(1, 2 if timed else 1, squeeze=False)[0]
        axis = numeric_key(scored)
        series = _series(scored, axis) if axis else {"": scored}
        if axis:
            _lines(panels[0], series, axis, metric)
        else:
            _rows(panels[0], scored, metric)
        if timed:
            _times(panels[1], series, metric)
        figure.suptitle(title)
        figure.savefig(path, format="svg", metadata={"Date": None})


def numeric_key(results: Sequence[Result]) -> str | None:
    """The first key with two or more values that are all numbers, or lists of one number."""
    for key in results[0].values if results else ():
        values = [_number(result.values[key]) for result in results]
        if None not in values and len(set(values)) > 1:
            return key
    return None


def _number(value: str) -> float | None:
    try:
        parsed = json.loads(value)
    except json.JSONDecodeError:
        return None
    if isinstance(parsed, list) and len(parsed) == 1:
        [parsed] = parsed
    number = isinstance(parsed, int | float) and not isinstance(parsed, bool)
    return float(parsed) if number else None


def _series(results: Sequence[Result], axis: str) -> Mapping[str, list[Result]]:
    """The results of each combination of the keys other than `axis` that vary."""
    keys = list(results[0].values) if results else []
    varied = [key for key in keys if key != axis and len({r.values[key] for r in results}) > 1]
    series: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda r: [r.values[key] for key in varied]):
        label = ", ".join(f"{key.rpartition('.')[2]} {result.values[key]}" for key in varied)
        series.setdefault(label, []).append(result)
    return series


def _style(index: int) -> dict[str, str]:
    colour, marker = STYLES[index % len(STYLES)]
    return {"color": colour, "marker": marker}


def _bars(results: Sequence[Result], metric: str) -> list[list[float]]:
    """How far the intervals reach below and above the rates; 0 where there is none."""
    reach = []
    for result in results:
        rate = result.rate(metric) or 0.0
        low, high = result.interval(metric) or (rate, rate)
        reach.append((max(rate - low, 0), max(high - rate, 0)))
    return [[low for low, _ in reach], [high for _, high in reach]]


def _lines(panel: Any, series: Mapping[str, list[Result]], axis: str, metric: str) -> None:
    positions = sorted({_number(r.values[axis]) or 0.0 for rs in series.values() for r in rs})
    step = min((b - a for a, b in pairwise(positions)), default=1.0)
    for index, (label, results) in enumerate(series.items()):
        along = sorted(results, key=lambda result: _number(result.values[axis]) or 0.0)
        # Bars of several lines at one place would hide each other.
        beside = (index - (len(series) - 1) / 2) * step * 0.06
        panel.errorbar(
            [(_number(result.values[axis]) or 0.0) + beside for result in along],
            [result.rate(metric) for result in along],
            yerr=_bars(along, metric),
            label=label,
            capsize=3,
            **_style(index),
        )
    panel.set_xticks(positions, [f"{position:g}" for position in positions])
    panel.set(xlabel=axis, ylabel=f"{metric}, 95 % interval")
    panel.set_ylim(bottom=0)
    panel.grid(alpha=0.3)
    if any(series):
        panel.legend()


def _rows(panel: Any, results: Sequence[Result], metric: str) -> None:
    """The best on top."""
    labels = [", ".join(result.values.values()) for result in results]
    rates = [result.rate(metric) for result in results]
    bars = _bars(results, metric)
    panel.errorbar(rates, range(len(rates)), xerr=bars, linestyle="none", capsize=3, **_style(0))
    panel.set_yticks(range(len(labels)), labels)
    panel.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    panel.set_xlim(left=0)
    panel.set_xlabel(f"{metric}, 95 % interval")
    panel.grid(alpha=0.3)


def _times(panel: Any, series: Mapping[str, list[Result]], metric: str) -> None:
    for index, results in enumerate(series.values()):
        timed = [result for result in results if result.seconds is not None]
        seconds, rates = [r.seconds for r in timed], [r.rate(metric) for r in timed]
        panel.scatter(seconds, rates, **_style(index))
        for result, x, y in zip(timed, seconds, rates, strict=True):
            label = ", ".join(result.values.values())
            panel.annotate(label, (x, y), (5, 4), textcoords="offset points", fontsize=8)
    panel.set(xlabel="seconds, with what was cached", ylabel=metric)
    panel.margins(x=0.25, y=0.15)  # room for the labels
    panel.set_xlim(left=0)
    panel.set_ylim(bottom=0)
    panel.grid(alpha=0.3)
