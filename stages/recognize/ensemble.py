"""Several views of one crop read as one: token probabilities averaged over the views.

As A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional
neural networks", NIPS 2012, section 4.1, average the softmax outputs for the patches of an image.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from stages.config.settings import RecognizeSettings
from stages.recognize.attention import BeamCache
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.search import Decoded, n_best, sound, topmost


@torch.inference_mode()
def together(
    checkpoint: Checkpoint,
    settings: RecognizeSettings,
    encoded: Sequence[Tensor],
    found: Sequence[Sequence[tuple[int, ...]]],
) -> list[list[Decoded]]:
    """The n-best of each crop, out of what was found in any of its views, by all of them.

    Args:
        encoded: for each view, all crops as `search.encode` gives them.
        found: for each crop, the token ids of all that was found in any view.

    Raises:
        UserError: as `search.sound`.
    """
    ranked = []
    for of_crop, readings in zip(zip(*encoded, strict=True), found, strict=True):
        texts = list(dict.fromkeys(readings))
        ranked.append(_rank(checkpoint, settings, texts, of_crop))
    return ranked


def _mean_logprobs(
    checkpoint: Checkpoint, views: Sequence[Tensor], texts: Sequence[Sequence[int]]
) -> Tensor:
    """(texts, tokens of the longest, vocabulary): of every token at every place of every text, the
    log of its mean probability over the encoded views."""
    model, named = checkpoint.model, checkpoint.model.generation_config
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(text) for text in texts], batch_first=True)
    begin = named.decoder_start_token_id
    start = torch.full((len(texts), 1), named.bos_token_id if begin is None else begin)
    before = torch.cat([start, ids[:, :-1]], dim=1).to(checkpoint.device)
    logits = model(
        encoder_outputs=(torch.stack(list(views)).repeat_interleave(len(texts), dim=0),),
        decoder_input_ids=before.repeat(len(views), 1),
        past_key_values=BeamCache(len(texts)),
    ).logits.float()
    every = torch.log_softmax(logits, dim=-1).view(len(views), *ids.shape, -1)
    return every.logsumexp(dim=0).cpu() - math.log(len(views))


def _rank(
    checkpoint: Checkpoint,
    settings: RecognizeSettings,
    texts: Sequence[tuple[int, ...]],
    views: Sequence[Tensor],
) -> list[Decoded]:
    scored = []
    for ids, row in zip(texts, _mean_logprobs(checkpoint, views, texts), strict=True):
        logprobs = sound(checkpoint, row[range(len(ids)), list(ids)].tolist())
        alternatives = settings.alternatives
        considered = topmost(row[: len(ids)], alternatives) if alternatives else ()
        scored.append(Decoded(ids, logprobs, considered))
    scored.sort(key=lambda one: -one.rank(settings))
    first, *others = scored[: n_best(settings)]
    return [first, *(replace(other, considered=()) for other in others)]
