"""Checkpoint files of unknown origin, read without running what they may bring along."""

import pickle
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from stages.errors import UserError

# Checkpoints hold numpy's scalars beside their tensors, such as the best accuracy so far; numpy 1
# wrote what makes them under another name.
_SCALAR: Any = np.float64().__reduce__()[0]
SCALARS: list[Any] = [
    _SCALAR,
    (_SCALAR, "numpy.core.multiarray.scalar"),
    np.dtype,
    np.dtypes.Float32DType,
    np.dtypes.Float64DType,
    np.dtypes.Int64DType,
]


class _PlainUnpickler(pickle.Unpickler):
    """Reads containers, text and numbers; whatever has to be imported or called is refused."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}")


def load_plain_pickle(path: Path) -> Any:
    """What a pickle holds, of None, bool, int, float, str, bytes, list, tuple, dict and set alone.

    Raises:
        UserError: the file cannot be read, is no pickle, or holds anything else.
    """
    try:
        with path.open("rb") as file:
            return _PlainUnpickler(file).load()
    except Exception as error:  # a broken pickle can raise anything
        raise _refused(path, error) from None


def load_weights(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """The tensors in the first of `names` that is in `folder`, on the CPU.

    Files that do not end in `.safetensors` are pickles, and are read with `weights_only`.

    Raises:
        UserError: none of the files is there, or the file holds more than weights.
    """
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise UserError(f"{folder}: no weights there; put {' or '.join(names)} into it")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with torch.serialization.safe_globals(SCALARS):
            loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        return dict(loaded)
    except Exception as error:  # a broken file can raise anything
        raise _refused(path, error) from None


def _refused(path: Path, error: Exception) -> UserError:
    # The rest of what torch says is advice, such as to load the file all the same.
    said = re.search(r"(?:WeightsUnpickler error:|Trying to load)\s*(.+)", str(error))
    cause = said[1] if said else str(error).partition("\n")[0]
    cause = cause.strip()[:200] or type(error).__name__
    return UserError(
        f"{path}: refused, not plain data ({cause}); get the file again from where it is published"
    )
