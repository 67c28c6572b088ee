"""Mixed precision, where the machine is quick at it."""

import torch


def has_bfloat16(device: str) -> bool:
    """Whether bfloat16 is quick there: a CPU without AVX512-BF16 emulates it, at a tenth of the
    speed of float32."""
    if torch.device(device).type != "cpu":
        return True
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def autocast(device: str) -> torch.autocast:
    """Mixed precision for a training step: bfloat16 where it is quick."""
    return torch.autocast(
        torch.device(device).type, dtype=torch.bfloat16, enabled=has_bfloat16(device)
    )
