from types import SimpleNamespace

import torch
from torch import nn

from training.model import MISTOLD, Recogniser

PAD, START, END = 0, 1, 2
LINES, LENGTH = 400, 50


def _recogniser() -> Recogniser:
    """As much of one as says what the decoder is told."""
    recogniser = Recogniser.__new__(Recogniser)
    nn.Module.__init__(recogniser)
    recogniser.model = SimpleNamespace(
        config=SimpleNamespace(pad_token_id=PAD, decoder_start_token_id=START)
    )
    return recogniser


def test_a_share_of_the_characters_told_is_wrong_and_the_rest_stands_where_it_was() -> None:
    torch.manual_seed(1)
    labels = torch.randint(3, 99, (LINES, LENGTH))
    labels[:, -1] = END
    labels[:40, 20:] = -100
    told = _recogniser().mistold(labels)
    assert (told[:, 0] == START).all()
    before = labels[:, :-1]
    assert (told[:, 1:][before == -100] == PAD).all()
    written = before != -100
    wrong = (told[:, 1:] != before) & written
    assert 0.4 * MISTOLD < wrong.sum() / written.sum() < 0.52 * MISTOLD
    by_line = wrong.sum(dim=1) / written.sum(dim=1)
    assert by_line.min() < 0.1 * MISTOLD
    assert by_line.max() > 0.9 * MISTOLD
