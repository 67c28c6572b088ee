"""What a sweep tries: a preset in conf/sweep/, or `key=value,value` from the command line.

Presets lie beside the groups of settings that they name, but are no group: conf/config.yaml leaves
them out of params.yaml, and .dvcignore out of what the params stage depends on, so that a changed
preset re-runs nothing.
"""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    IntervalSweep,
    Override,
    Quote,
    QuotedString,
)
from hydra.errors import HydraException
from pydantic import Field, ValidationError, field_validator

from stages.config.composition import CONF, compose_yaml, parse
from stages.config.plain_yaml import compose, lines, read_text
from stages.config.plain_yaml import values as plain_values
from stages.config.schema import Settings
from stages.config.settings import Params
from stages.errors import UserError
from stages.evaluate.scores import RATES
from sweep.ranges import Range

PRESETS = CONF / "sweep"
DEFAULT = "thresholds_beams"
METRIC = "essay_cer"
GIVEN = "grid"  # what a sweep of the command line is called
# What a preset may be called: its name begins the names of experiments, which are Git's refs.
NAME = re.compile(r"(?!.*\.\.)\w[\w.-]*")
# What Hydra takes for a string without quotes.
PLAIN = re.compile(r"(?!(?i:true|false|null|nan|inf)$)[A-Za-z_][A-Za-z0-9_./-]*")

Value = bool | int | float | str | None | list[int | float | str]
Choices = Annotated[list[Value], Field(min_length=1)]


class Preset(Settings):
    """A file of conf/sweep/.

    metric: the error rate that the table is sorted by, a name of `stages.evaluate.scores.RATES`.
    grid: settings or groups, each with its values; every combination is a point. A range instead of
        values is for searches.
    """

    metric: str = METRIC
    grid: Annotated[dict[str, Choices | Range], Field(min_length=1)]

    @field_validator("metric")
    @classmethod
    def _known(cls, name: str) -> str:
        check_metric(name)
        return name


@dataclass(frozen=True)
class Sweep:
    """A grid to try.

    Attributes:
        name: of the preset, or `GIVEN`.
        metric: the error rate to sort by.
        grid: for every key its values as Hydra writes them.
        ranges: what else a search varies, by key.
    """

    name: str
    metric: str
    grid: Mapping[str, Sequence[str]]
    ranges: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """One combination: the values of its keys as Hydra writes them, and all settings with them."""

    values: Mapping[str, str]
    params: Params

    def overrides(self) -> list[str]:
        """What `dvc exp run -S` takes."""
        return [f"{key}={value}" for key, value in self.values.items()]


def check_metric(name: str) -> None:
    """Raises:
    ValueError: `name` is no error rate.
    """
    if name not in RATES:
        raise ValueError(f"no such error rate; there are {', '.join(RATES)}")


def named(name: str, folder: Path = PRESETS) -> Sweep:
    """The preset `<folder>/<name>.yaml`.

    Raises:
        UserError: there is none, it does not fit the schema, or no experiment can be named so.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(preset.stem for preset in folder.glob("*.yaml")))
        raise UserError(f"{path}: no such preset; there are {known}, or give key=value,value")
    if not NAME.fullmatch(name):
        raise UserError(f"{path}: Git takes no such name; rename it: letters, digits, - and _ do")
    node = compose(read_text(path), str(path))
    content = plain_values(node, str(path))
    try:
        preset = Preset.model_validate(content)
    except ValidationError as error:
        where = lines(node)
        faults = (
            f"line {where.get(tuple(map(str, e['loc'][:2])), 1)}: "
            f"{'.'.join(map(str, e['loc'][:2])) or 'preset'}: {e['msg'].lower()}"
            for e in error.errors(include_url=False)
        )
        raise UserError(f"{path}: {'; '.join(dict.fromkeys(faults))}") from None
    grid, ranges = {}, {}
    for key, values in preset.grid.items():
        if isinstance(values, Range):
            ranges[key] = values
        else:
            grid[key] = [written(value) for value in values]
    return Sweep(name, preset.metric, grid, ranges)


def given(overrides: Sequence[str]) -> Sweep:
    """The grid of overrides such as `segment.thresholds=[0.1],[0.2]`, Hydra's choice sweeps.

    `interval(0.5,2)`, or `tag(log,interval(0.1,10))`, is a range; of whole numbers where the
    setting is one.

    Raises:
        UserError: one is none of Hydra's overrides, or sweeps in another way than by a list.
    """
    grid: dict[str, list[str]] = {}
    ranges: dict[str, Range] = {}
    for override in overrides:
        try:
            parsed = OverridesParser.create().parse_override(override)
        except HydraException as error:
            fault = " ".join(str(error).partition("See https")[0].split())
            raise UserError(f"{override}: {fault}") from None
        key = str(parsed.get_key_element())
        if key in grid or key in ranges:
            raise UserError(f"{key}: given twice; list its values in one, {key}=value,value")
        value = parsed.value()
        if isinstance(value, IntervalSweep):
            ranges[key] = _range(override, key, value)
        else:
            grid[key] = _choices(parsed)
    return Sweep(GIVEN, METRIC, grid, ranges)


def _range(override: str, key: str, interval: IntervalSweep) -> Range:
    bounds = {"low": interval.start, "high": interval.end}
    if _is_whole(key):  # Hydra makes floats of all bounds
        bounds = {name: int(b) if b and b.is_integer() else b for name, b in bounds.items()}
    try:
        return Range.model_validate({**bounds, "log": "log" in interval.tags})
    except ValidationError as error:
        raise UserError(f"{override}: {error.errors()[0]['msg'].lower()}") from None


def _is_whole(key: str) -> bool:
    """Whether a setting is a whole number; False for what is none of them."""
    value: object = point_of({}).params.model_dump()
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return isinstance(value, int) and not isinstance(value, bool)


def _choices(override: Override) -> list[str]:
    if not override.is_sweep_override():
        return [override.get_value_element_as_str()]
    if not isinstance(override.value(), ChoiceSweep):
        raise UserError(f"{override.input_line}: range and glob leave points open: list the values")
    return list(override.sweep_string_iterator())


def written(value: Value) -> str:
    """A value of YAML as Hydra's overrides have it."""
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) else QuotedString(value, Quote.single).with_quotes()
    return json.dumps(value)


def points(sweep: Sweep) -> list[Point]:
    """Every combination of the grid's values, those of the earliest stage varying fastest.

    Points that run side by side then differ in an early stage, so that none makes what another is
    just making; later ones find it done.

    Raises:
        UserError: a key or a value is none of the settings', two combinations are the same, or
            something is a range.
    """
    for key, limits in sweep.ranges.items():
        raise UserError(f"{key}: {limits} is no list of values; add --search N to try some")
    found: dict[str, Point] = {}
    place = {stage: at for at, stage in enumerate(Params.model_fields)}  # in the pipeline
    late_first = sorted(sweep.grid, key=lambda key: -place.get(key.partition(".")[0], 0))
    for values in itertools.product(*(sweep.grid[key] for key in late_first)):
        chosen = dict(zip(late_first, values, strict=True))
        point = {key: chosen[key] for key in sweep.grid}
        this = point_of(point)
        same = found.setdefault(this.params.model_dump_json(), this)
        if same.values != point:
            both = " and ".join(" ".join(one.overrides()) for one in (same, this))
            raise UserError(f"{both} are the same")
    return list(found.values())


def point_of(values: Mapping[str, str]) -> Point:
    """The point of these values, as Hydra writes them, by key.

    Raises:
        UserError: a key or a value is none of the settings'.
    """
    overrides = [f"{key}={value}" for key, value in values.items()]
    return Point(values, parse(compose_yaml(overrides), " ".join(overrides), {}))
