"""Ranges of numbers, for a search."""

import math
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from stages.config.schema import Settings


class Range(Settings):
    """All numbers from `low` to `high`, for a search: whole ones where these are whole.

    step: how far apart they are; null for any.
    log: as many are tried between 0.1 and 1 as between 1 and 10.
    """

    low: int | float
    high: int | float
    step: Annotated[int | float | None, Field(gt=0)] = None
    log: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low should be less than high")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log asks for a low above 0, and no step")
        return self

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole ones."""
        return all(isinstance(part, int | None) for part in (self.low, self.high, self.step))

    @property
    def count(self) -> float:
        """How many numbers there are; infinity for any."""
        if self.step is None and not self.whole:
            return math.inf
        low, high, step = (Decimal(str(part)) for part in (self.low, self.high, self.step or 1))
        return int((high - low) / step) + 1

    def __str__(self) -> str:
        steps = "" if self.step is None else f" by {self.step}"
        return f"{self.low} to {self.high}{steps}{' (log)' if self.log else ''}"
