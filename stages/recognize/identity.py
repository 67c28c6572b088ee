"""Which weights read, and on what: known without torch, which takes seconds to load."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from huggingface_hub import hf_hub_download
from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.utils import logging as hub_logging

from stages.config.settings import RecognizeSettings
from stages.errors import UserError

CPU_BUILD = "+cpu"  # how the version of a torch ends that knows no other device


@dataclass(frozen=True)
class Identity:
    """A checkpoint's weights, the device that they are used on, and their dtype there.

    Attributes:
        name: of the very weights: where they come from, and the beginning of `digest`.
        digest: tells the checkpoint's content, whatever its folder is called.
        revision: the commit, of a checkpoint from the hub; None of a folder.
        device: `cpu` or `cuda`.
        dtype: `float32`, `bfloat16` or `float16`.
    """

    name: str
    digest: str
    revision: str | None
    device: str
    dtype: str


def identify(settings: RecognizeSettings, device: str | None = None) -> Identity:
    """The checkpoint that `settings.checkpoint` names: a folder that exists, else a hub id.

    Args:
        settings: whose device may be left to the machine.
        device: `cpu` or `cuda` of another machine, which `settings.device` says nothing of.

    Raises:
        UserError: no such folder, no such hub id, the hub cannot be reached, or the device is not
            there.
    """
    return Identity(*_named(settings), device or _device(settings.device), settings.dtype)


def load_fault(name: str, local: bool, error: Exception) -> str:
    """One line on why a checkpoint cannot be had, and what to do."""
    if isinstance(error, UnpicklingError):
        reason = "a pickle that is broken or holds more than tensors; save it as safetensors"
    else:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
    if local:
        return f"{name}: not a TrOCR checkpoint ({reason})"
    kept = Path(HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    broken = f"; if the files in {kept} are broken, delete it" if any(kept.glob("blobs/*")) else ""
    return (
        f"{name}: could not be had from the model hub ({reason}); check the name and the network, "
        f"or download it elsewhere and set recognize.checkpoint to its folder{broken}"
    )


def _named(settings: RecognizeSettings) -> tuple[str, str, str | None]:
    """Name, digest and revision; of a hub id, of the commit that is meant now."""
    hub: Any = hub_logging
    hub.set_verbosity_error()
    name = settings.checkpoint
    if Path(name).is_dir():
        digest = _digest(Path(name))
        return f"{name}@{digest[:12]}", digest, None
    if name.startswith((".", "/", "models/")) or name.count("/") != 1:
        raise UserError(f"{name}: no such checkpoint folder; set recognize.checkpoint")
    try:
        config = Path(hf_hub_download(name, "config.json", revision=settings.revision))
    except Exception as error:  # the hub's client raises errors of many kinds
        raise UserError(load_fault(name, False, error)) from None
    commit = config.parent.name  # the cache has a folder for each
    return f"{name}@{commit}", f"{name}@{commit}", commit


def _device(asked: str) -> str:
    """The device to use here."""
    if asked == "cpu" or not _has_cuda():
        if asked == "cuda":
            raise UserError("recognize.device=cuda: no CUDA device here; set recognize.device=auto")
        return "cpu"
    return "cuda"


def _has_cuda() -> bool:
    if version("torch").endswith(CPU_BUILD):
        return False
    import torch  # noqa: PLC0415

    return torch.cuda.is_available()


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file() and p.suffix != ".md"):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
