"""TrOCR checkpoints: a local folder or a hub id, loaded through transformers' own classes."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.utils import logging as hub_logging
from transformers import TrOCRProcessor, VisionEncoderDecoderModel
from transformers.utils import logging as transformers_logging

from stages.errors import UserError
from stages.recognize.attention import share_crops
from stages.settings import RecognizeSettings

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
USUAL_DTYPE = {"cpu": "float32", "cuda": "bfloat16"}


@dataclass(frozen=True)
class Checkpoint:
    """A model in evaluation mode with its processor.

    Attributes:
        identity: names the very weights: where they come from, and the beginning of `digest`.
        digest: tells the checkpoint's content, whatever its folder is called.
        revision: the commit, of a checkpoint from the hub; None of a folder.
    """

    model: Any
    processor: Any
    device: torch.device
    dtype: torch.dtype
    identity: str
    digest: str
    revision: str | None = None


def load_checkpoint(settings: RecognizeSettings) -> Checkpoint:
    """The checkpoint that `settings.checkpoint` names, on the device and in the dtype asked for.

    A folder that exists is taken as local, anything else as a hub id. Weights load from
    safetensors, or from a pickle restricted to tensors (`weights_only`); code that a checkpoint
    brings along is never run.

    Raises:
        UserError: no such folder, no such hub id, the hub cannot be reached, the files are no
            VisionEncoderDecoderModel, or the device is not there.
    """
    device = _device(settings.device)
    dtype = _dtype(settings.dtype, device)
    named = _named(settings, device, dtype)
    name, local = settings.checkpoint, named.revision is None
    where: dict[str, Any] = {} if local else {"revision": named.revision}
    try:
        processor = TrOCRProcessor.from_pretrained(name, trust_remote_code=False, **where)
        model: Any = VisionEncoderDecoderModel.from_pretrained(
            name, dtype=dtype, trust_remote_code=False, **where
        )
    except Exception as error:  # a checkpoint can be broken in ways that have no common class
        raise UserError(_load_fault(name, local, error)) from None
    if getattr(processor.image_processor, "do_center_crop", False):
        # DeiT's processor, which trocr_small names, would by default show only a crop's middle.
        processor.image_processor.do_center_crop = False
    model = model.to(device).eval()
    share_crops(model)
    return replace(named, model=model, processor=processor)


def identify_checkpoint(settings: RecognizeSettings, device: str) -> Checkpoint:
    """As `load_checkpoint`, without the model and its processor, for a device of another machine.

    Args:
        device: `cpu`, or `cuda`: in bfloat16, unless `settings.dtype` says otherwise.

    Raises:
        UserError: no such folder or hub id, or the hub cannot be reached.
    """
    dtype = settings.dtype if settings.dtype != "auto" else USUAL_DTYPE[device]
    return _named(settings, torch.device(device), DTYPES[dtype])


def _named(settings: RecognizeSettings, device: torch.device, dtype: torch.dtype) -> Checkpoint:
    """A checkpoint of which nothing is loaded yet; of a hub id, the commit that is meant now."""
    quiet: Any = transformers_logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    hub: Any = hub_logging
    hub.set_verbosity_error()
    name = settings.checkpoint
    if Path(name).is_dir():
        digest = _digest(Path(name))
        return Checkpoint(None, None, device, dtype, f"{name}@{digest[:12]}", digest)
    if name.startswith((".", "/", "models/")) or name.count("/") != 1:
        raise UserError(f"{name}: no such checkpoint folder; set recognize.checkpoint")
    try:
        config = Path(hf_hub_download(name, "config.json", revision=settings.revision))
    except Exception as error:  # the hub's client raises errors of many kinds
        raise UserError(_load_fault(name, False, error)) from None
    commit = config.parent.name  # the cache has a folder for each
    return Checkpoint(None, None, device, dtype, f"{name}@{commit}", f"{name}@{commit}", commit)


def _load_fault(name: str, local: bool, error: Exception) -> str:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if local:
        return f"{name}: not a TrOCR checkpoint ({reason})"
    kept = Path(HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    broken = f"; if the files in {kept} are broken, delete it" if any(kept.glob("blobs/*")) else ""
    return (
        f"{name}: could not be had from the model hub ({reason}); check the name and the network, "
        f"or download it elsewhere and set recognize.checkpoint to its folder{broken}"
    )


def _device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("recognize.device=cuda: no CUDA device here; set recognize.device=auto")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name != "auto":
        return DTYPES[name]
    if device.type == "cpu":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file() and p.suffix != ".md"):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
