"""Files of the model hub, fetched at their first use and kept in its cache."""

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download

from stages.errors import UserError


def model_folder(name: str, files: Sequence[str], setting: str, to: str) -> Path:
    """The folder that a setting names: a local one, or what the hub has under that name.

    Args:
        files: names or patterns of those wanted of the hub.
        setting: the key of the setting, for the error.
        to: where its files are best put by hand, for the error.

    Raises:
        UserError: neither is to be had; says what to download, and where to.
    """
    if Path(name).is_dir():
        return Path(name)
    if name.startswith((".", "/", "models/")) or name.count("/") > 1:
        raise UserError(f"{name}: no such folder; set {setting}")
    try:
        return Path(snapshot_download(name, allow_patterns=list(files)))
    except Exception as error:  # the hub's client raises errors of many libraries
        raise UserError(
            f"{name}: could not be had from the model hub ({type(error).__name__}); download "
            f"{', '.join(files)} of https://huggingface.co/{name} to {to} and set {setting} to "
            "that folder"
        ) from None
