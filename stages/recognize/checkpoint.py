"""TrOCR checkpoints: a local folder or a hub id, loaded through transformers' own classes."""

from dataclasses import dataclass
from typing import Any

import torch
from transformers import TrOCRProcessor, VisionEncoderDecoderModel
from transformers.utils import logging

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.recognize.attention import share_crops
from stages.recognize.identity import Identity, identify, load_fault

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Checkpoint:
    """A model in evaluation mode with its processor."""

    model: Any
    processor: Any
    identity: Identity

    @property
    def device(self) -> torch.device:
        return torch.device(self.identity.device)

    @property
    def dtype(self) -> torch.dtype:
        return DTYPES[self.identity.dtype]


# Of image processors: the one that needs no torchvision, whose pixels differ, wherever that is.
BACKEND = "pil"


def load_checkpoint(settings: RecognizeSettings) -> Checkpoint:
    """The checkpoint that `settings.checkpoint` names, on the device and in the dtype asked for.

    Weights load from safetensors, or from a pickle restricted to tensors (`weights_only`); code
    that a checkpoint brings along is never run.

    Raises:
        UserError: as `identify`, or the files are no VisionEncoderDecoderModel.
    """
    quiet: Any = logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    identity = identify(settings)
    name, local = settings.checkpoint, identity.revision is None
    where: dict[str, Any] = {} if local else {"revision": identity.revision}
    try:
        processor = TrOCRProcessor.from_pretrained(
            name, trust_remote_code=False, backend=BACKEND, **where
        )
        model: Any = VisionEncoderDecoderModel.from_pretrained(
            name, dtype=DTYPES[identity.dtype], trust_remote_code=False, **where
        )
    except Exception as error:  # a checkpoint can be broken in ways that have no common class
        raise UserError(load_fault(name, local, error)) from None
    if getattr(processor.image_processor, "do_center_crop", False):
        # DeiT's processor, which trocr_small names, would by default show only a crop's middle.
        processor.image_processor.do_center_crop = False
    model = model.to(identity.device).eval()
    share_crops(model)
    return Checkpoint(model, processor, identity)
