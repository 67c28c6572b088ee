"""The picture of a sweep: the metric over its settings, and the time it took."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from math import nan
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from sweep.table import Result

# Colours that the colour-blind can tell apart (M. Okabe and K. Ito, 2008), and marks.
STYLES = [
    *(("#0072b2", "o"), ("#d55e00", "s"), ("#009e73", "^"), ("#cc79a7", "D")),
    *(("#e69f00", "v"), ("#56b4e9", "P"), ("#000000", "X")),
]
MAX_ROWS = 40
MAX_TICKS = 8
SECONDS = "seconds, with what was cached"
ROOM = 1.12  # above the highest dot, for its label


def draw(results: Sequence[Result], metric: str, title: str) -> str:
    """`picture` as SVG, the same for the same results."""
    with rc_context({"svg.hashsalt": "sweep", "svg.fonttype": "none", "font.size": 10}):
        svg = BytesIO()
        picture(results, metric, title).savefig(svg, format="svg", metadata={"Date": None})
    return svg.getvalue().decode()


def picture(results: Sequence[Result], metric: str, title: str) -> Figure:
    """One line per setting over the first key that is a number, or a row per point.

    There is a row per point where no key is a number, and where there would be more lines than
    `STYLES`; no more than the first `MAX_ROWS`. A second panel has the seconds, where they are
    known. The bars are the 95 % intervals, where the metric has them; results without the metric
    are left out.

    Args:
        results: ranked, the best first.
    """
    scored = [result for result in results if result.rate(metric) is not None]
    timed = any(result.seconds is not None for result in scored)
    axis = numeric_key(scored)
    series = _series(scored, axis) if axis else {}
    if axis and len(series) <= len(STYLES):
        figure, panels = _panels(timed, 4.5, sharey=False)
        _lines(panels[0], series, axis, metric)
        _times(panels[1:], series, axis, metric)
        if any(series):
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper")
    else:
        rows = scored[:MAX_ROWS]
        figure, panels = _panels(timed, max(3.5, 1.5 + 0.28 * len(rows)), sharey=True)
        _rows(panels, rows, metric)
        if len(rows) < len(scored):
            title += f", the best {len(rows)} of {len(scored)}"
    figure.suptitle(title)
    return figure


def _panels(timed: bool, height: float, sharey: bool) -> tuple[Figure, Any]:
    """A figure with a panel, or two where there are seconds to show; height in inches."""
    figure = Figure(figsize=(11 if timed else 6.5, height), layout="constrained")
    return figure, figure.subplots(1, 2 if timed else 1, squeeze=False, sharey=sharey)[0]


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


def _at(result: Result, axis: str) -> float:
    return _number(result.values[axis]) or 0.0


def _series(results: Sequence[Result], axis: str) -> Mapping[str, list[Result]]:
    """The results of each combination of the keys other than `axis` that vary, along the axis."""
    keys = list(results[0].values)
    varied = [key for key in keys if key != axis and len({r.values[key] for r in results}) > 1]
    series: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda r: [r.values[key] for key in varied]):
        label = ", ".join(f"{key.rpartition('.')[2]} {result.values[key]}" for key in varied)
        series.setdefault(label, []).append(result)
    return {
        label: sorted(found, key=lambda result: _at(result, axis))
        for label, found in series.items()
    }


def _style(index: int) -> dict[str, str]:
    colour, marker = STYLES[index]
    return {"color": colour, "marker": marker}


def _bars(results: Sequence[Result], metric: str) -> list[list[float]] | None:
    """How far the intervals reach below and above the rates; None where no result has one."""
    reach = []
    for result in results:
        rate = result.rate(metric) or 0.0
        low, high = result.interval(metric) or (nan, nan)
        reach.append((rate - low, high - rate))
    if all(low != low for low, _ in reach):  # noqa: PLR0124  (nan)
        return None
    return [[max(low, 0) for low, _ in reach], [max(high, 0) for _, high in reach]]


def _named(metric: str, results: Sequence[Result]) -> str:
    with_bars = any(result.interval(metric) for result in results)
    return f"{metric}, 95 % interval" if with_bars else metric


def _top(results: Sequence[Result], metric: str) -> float:
    """Where an axis of the metric ends, so that nothing is cut."""
    rates = [result.rate(metric) or 0.0 for result in results]
    highs = [interval[1] for result in results if (interval := result.interval(metric))]
    return max([*rates, *highs]) * ROOM or 1.0


def _lines(panel: Any, series: Mapping[str, list[Result]], axis: str, metric: str) -> None:
    every = [result for results in series.values() for result in results]
    positions = sorted({_at(result, axis) for result in every})
    step = min(b - a for a, b in pairwise(positions))
    for index, (label, along) in enumerate(series.items()):
        # Bars of several lines at one place would hide each other.
        beside = (index - (len(series) - 1) / 2) * step * 0.06
        panel.errorbar(
            [_at(result, axis) + beside for result in along],
            [result.rate(metric) for result in along],
            yerr=_bars(along, metric),
            label=label,
            capsize=3,
            **_style(index),
        )
    if len(positions) <= MAX_TICKS:
        panel.set_xticks(positions, [f"{position:g}" for position in positions])
    panel.set(xlabel=axis, ylabel=_named(metric, every), ylim=(0, _top(every, metric)))
    panel.grid(alpha=0.3)


def _times(panels: Any, series: Mapping[str, list[Result]], axis: str, metric: str) -> None:
    """The metric against the seconds; each dot has the colour of its line, and its place on it."""
    for panel in panels:
        for index, results in enumerate(series.values()):
            timed = [result for result in results if result.seconds is not None]
            seconds, rates = [r.seconds for r in timed], [r.rate(metric) for r in timed]
            panel.scatter(seconds, rates, **_style(index))
            for result, x, y in zip(timed, seconds, rates, strict=True):
                label = f"{_at(result, axis):.3g}"
                panel.annotate(label, (x, y), (5, 4), textcoords="offset points", fontsize=8)
        every = [result for results in series.values() for result in results]
        longest = max(result.seconds or 0.0 for result in every)
        room = {"xlim": (0, longest * ROOM or 1.0), "ylim": (0, _top(every, metric))}
        panel.set(xlabel=SECONDS, ylabel=metric, **room)
        panel.grid(alpha=0.3)


def _rows(panels: Any, results: Sequence[Result], metric: str) -> None:
    """The best on top."""
    labels = [", ".join(result.values.values()) for result in results]
    rates = [result.rate(metric) for result in results]
    places = range(len(labels))
    bars = _bars(results, metric)
    panels[0].errorbar(rates, places, xerr=bars, linestyle="none", capsize=3, **_style(0))
    panels[0].set_yticks(places, labels)
    panels[0].set_ylim(max(len(labels), 1) - 0.5, -0.5)
    panels[0].set(xlabel=_named(metric, results), xlim=(0, None))
    for panel in panels[1:]:
        panel.barh(places, [result.seconds or 0.0 for result in results], 0.6, color=STYLES[0][0])
        panel.set(xlabel=SECONDS, xlim=(0, None))
    for panel in panels:
        panel.grid(alpha=0.3)
