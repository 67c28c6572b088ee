"""Cross-attention over one copy of each crop, however many beams look at it.

transformers keeps the encoder's keys and values once a beam and copies them all at every step of
a beam search, though a crop's beams share them. Here they are kept once a crop, and the beams'
queries are multiplied with them together.
"""

from typing import Any

import torch
from transformers import DynamicCache, EncoderDecoderCache
from transformers.models.trocr.modeling_trocr import TrOCRAttention


class BeamCache(EncoderDecoderCache):
    """Keys and values of a beam search: the decoder's for each beam, the encoder's for each crop.

    Attributes:
        beams: how many a crop has.
    """

    def __init__(self, beams: int) -> None:
        super().__init__(DynamicCache(), DynamicCache())
        self.beams = beams

    def reorder_cache(self, beam_idx: torch.LongTensor) -> None:
        """Beams change places among those of their own crop only: the crop's stay."""
        self.self_attention_cache.reorder_cache(beam_idx)


class CropAttention(TrOCRAttention):
    """TrOCR's cross-attention, which uses a `BeamCache` where it is given one."""

    def forward(
        self,
        hidden_states: torch.Tensor,
        key_value_states: torch.Tensor | None = None,
        past_key_values: Any = None,
        attention_mask: torch.Tensor | None = None,
        output_attentions: bool | None = False,
        **named: Any,
    ) -> Any:
        """As TrOCRAttention's; with a `BeamCache` there is no mask and no weights come back.

        Args:
            hidden_states: (crops * beams, 1, width), a crop's beams after one another.
            key_value_states: (crops * beams, patches, width), a crop's in each of its beams.
        """
        if not isinstance(past_key_values, BeamCache) or key_value_states is None:
            return super().forward(
                hidden_states,
                key_value_states,
                past_key_values,
                attention_mask,
                output_attentions,
                **named,
            )
        cache: Any = past_key_values.cross_attention_cache
        layer: Any = self.layer_idx
        if past_key_values.is_updated.get(layer):
            keys, values = cache.layers[layer].keys, cache.layers[layer].values
        else:
            crops = key_value_states[:: past_key_values.beams]
            keys, values = self._heads(self.k_proj(crops)), self._heads(self.v_proj(crops))
            cache.update(keys, values, layer)
            past_key_values.is_updated[layer] = True
        queries = self.q_proj(hidden_states) * self.scaling
        queries = self._heads(queries.view(len(keys), -1, self.embed_dim))
        weights = torch.softmax(queries @ keys.transpose(2, 3), dim=-1)
        found = (weights @ values).transpose(1, 2).reshape(hidden_states.shape)
        return self.out_proj(found), None

    def _heads(self, states: torch.Tensor) -> torch.Tensor:
        """(n, m, width) as (n, heads, m, width / heads)."""
        return states.view(*states.shape[:2], self.num_heads, self.head_dim).transpose(1, 2)


def share_crops(model: Any) -> None:
    """Let a VisionEncoderDecoderModel with a TrOCR decoder use a `BeamCache`."""
    for name, module in model.decoder.named_modules():
        if name.endswith("encoder_attn") and type(module) is TrOCRAttention:
            module.__class__ = CropAttention
