"""Which characters a recogniser reads for which, where it has left no alternatives.

`confusions.json` counts edits from what the embedded recogniser read to what was written, on
rendered lines (`python -m training.confusions`): read -> written -> how often, "" for nothing.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "confusions.json"
SMOOTHING = 0.5
CHARACTERS = 70
MOST = 3.0


@dataclass(frozen=True)
class Row:
    """Log odds of what was written, against any of `CHARACTERS` as likely; `others` for the rest.

    Add-half smoothing; at most `MOST`.
    """

    listed: dict[str, float]
    others: float


@cache
def confusions(read: str) -> Row:
    """What was written where a character was wrongly read; "" for where none was."""
    counts = _table().get(read, {})
    total = sum(counts.values()) + SMOOTHING * CHARACTERS

    def odds(count: int) -> float:
        return min(MOST, math.log((count + SMOOTHING) * CHARACTERS / total))

    return Row({written: odds(count) for written, count in counts.items()}, odds(0))


@cache
def _table() -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table
