"""Pictures of any mode and depth as 8-bit RGB."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, TiffImageFile

# What white may be in whole numbers: 8, 12, 16 or 32 bits.
WHITES = (255.0, 4095.0, 65535.0, 2.0**32 - 1)


def as_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """A picture of any mode as (H, W, 3) uint8 RGB, white paper where it is transparent."""
    if _is_deep(image):
        image = _eight_bit(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _is_deep(image: Image.Image) -> bool:
    """Whether it is grey of more than 8 bits."""
    return image.mode.startswith("I;16") or image.mode in ("I", "F")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Deep grey as 8 bits: white is the least of WHITES, or 1 of fractions, that holds them all."""
    values = np.asarray(image)
    if image.mode == "I" and values.min(initial=0) < 0:
        values = values.view(np.uint32)  # which Pillow has no kind for
    values = np.nan_to_num(values.astype(np.float64))
    brightest = values.max(initial=0)
    whites = (1.0, *WHITES) if image.mode == "F" else WHITES
    white = next((white for white in whites if brightest <= white), WHITES[-1])
    return Image.fromarray((values.clip(0, white) * (255 / white)).astype(np.uint8))


def is_stored_negative(image: Image.Image) -> bool:
    """Whether 0 is white: Pillow heeds that in TIFFs of up to 8 bits, and in no others."""
    if not isinstance(image, TiffImageFile) or not _is_deep(image):
        return False
    return bool(image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0)
