"""Reading of line crops, in batches and processes: the n-best texts of each."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import torch

from stages.config.settings import RecognizeSettings
from stages.errors import PageError, UserError
from stages.pages.records import Alternative, Hypothesis, Token
from stages.pages.scans import Pixels
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.engine import expected_length
from stages.recognize.ensemble import together
from stages.recognize.search import Decoded, Ranked, search
from stages.recognize.views import Viewer
from stages.running.workers import in_workers

ROUNDED = 3
LEAST_LOGPROB = math.log(0.001)
LEAST_SHARE = 8  # crops for which another process pays


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch raised it for want of memory; its allocator for CPUs has no class for that."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


class Reader:
    """Reads line crops with one checkpoint and one set of generation settings."""

    def __init__(
        self, checkpoint: Checkpoint, settings: RecognizeSettings, processes: int = 1
    ) -> None:
        """A reader; with several processes, for a CPU, each has one thread."""
        self._checkpoint = checkpoint
        self._settings = settings
        self._viewer = Viewer(checkpoint, settings)
        self._processes = processes
        self._piece_texts: dict[int, str] = {}
        self._require_room()

    def read(self, crops: Sequence[Pixels]) -> list[list[Hypothesis]]:
        """The n-best hypotheses of each crop, as the beam search ranks them.

        A crop in doubt is also read at other slants, as the settings say, and what was found at
        any of them is ranked by all of them together. A batch takes as many steps as its longest
        text, so crops of like shapes share one. One that memory is too small for is halved.

        Args:
            crops: (h, w, 3) uint8 RGB each, of any size.

        Returns:
            For each crop 1 to `min(n_best, num_beams)` hypotheses, best first; the tokens of the
            first have their alternatives.

        Raises:
            UserError: there is not enough memory for a single crop, or a process was killed on a
                batch, and again when nothing ran beside it; or as `search.sound`.
        """
        order = sorted(range(len(crops)), key=lambda index: expected_length(crops[index]))
        shares = max(1, min(self._processes, len(crops) // LEAST_SHARE))
        size = min(self._settings.batch_size, math.ceil(len(crops) / shares) or 1)
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        pixels = [[crops[index] for index in batch] for batch in batches]
        if shares == 1:
            read = [self._read_halved(batch) for batch in pixels]
        else:
            read = self._read_side_by_side(pixels, shares)
        found = {
            index: hypotheses
            for batch, answers in zip(batches, read, strict=True)
            for index, hypotheses in zip(batch, answers, strict=True)
        }
        return [found[index] for index in range(len(crops))]

    def _read_side_by_side(
        self, batches: Sequence[Sequence[Pixels]], processes: int
    ) -> list[list[list[Hypothesis]]]:
        @contextmanager
        def opened() -> Iterator[Callable[[Sequence[Pixels]], list[list[Hypothesis]]]]:
            torch.set_num_threads(1)
            yield self._read_halved

        read = []
        with closing(in_workers(None, batches, opened, processes)) as answers:
            for answer in answers:
                if isinstance(answer, PageError):
                    raise UserError(f"{answer}; or set a lower recognize.batch_size")
                read.append(answer)
        return read

    def _require_room(self) -> None:
        """Check that the decoder has a position for every token that may be asked of it."""
        decoder, most = self._checkpoint.model.config.decoder, self._settings.max_new_tokens
        learned = getattr(decoder, "use_learned_position_embeddings", True)
        if learned and most > decoder.max_position_embeddings:
            raise UserError(
                f"recognize.max_new_tokens={most}: {self._checkpoint.identity.name} can write"
                f" {decoder.max_position_embeddings} at most"
            )

    def _read_halved(self, crops: Sequence[Pixels]) -> list[list[Hypothesis]]:
        """As `_read_batch`, in parts as large as there is memory for."""
        try:
            return self._read_batch(crops)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        half, beams = len(crops) // 2, self._settings.num_beams
        if not half:
            raise UserError(
                f"{self._checkpoint.identity.name}: there is not enough memory to read one line"
                f" with recognize.num_beams={beams}: set fewer, or take a smaller checkpoint"
            )
        print(
            f"recognize: warning: not enough memory for {len(crops)} lines at once, read in two"
            f" parts (recognize.batch_size={half} spares the attempt)",
            file=sys.stderr,
        )
        return [*self._read_halved(crops[:half]), *self._read_halved(crops[half:])]

    def _read_batch(self, crops: Sequence[Pixels]) -> list[list[Hypothesis]]:
        checkpoint, settings = self._checkpoint, self._settings
        encoded = torch.stack([view.encoded for view in self._viewer.look(crops)])
        read = search(checkpoint, settings, encoded)
        doubtful = [k for k, (best, *_) in enumerate(read) if best.score < settings.doubt]
        if doubtful and settings.slants:
            shown = [crops[k] for k in doubtful]
            others = [self._viewer.look(shown, slant) for slant in settings.slants]
            found = [[decoded.ids for decoded in read[k]] for k in doubtful]
            for texts, *views in zip(found, *others, strict=True):
                texts += [view.ids for view in views]
            at_slants = [torch.stack([view.encoded for view in views]) for views in others]
            ranked = together(checkpoint, settings, [encoded[doubtful], *at_slants], found)
            for k, some in zip(doubtful, ranked, strict=True):
                read[k] = some
        return [[self._hypothesis(decoded) for decoded in some] for some in read]

    def _hypothesis(self, decoded: Decoded) -> Hypothesis:
        tokenizer = self._checkpoint.processor.tokenizer
        considered = decoded.considered or [()] * len(decoded.ids)
        tokens = [
            Token(
                text=self._piece_text(piece),
                logprob=round(value, ROUNDED),
                alternatives=self._alternatives(piece, ranked),
            )
            for piece, value, ranked in zip(decoded.ids, decoded.logprobs, considered, strict=True)
        ]
        return Hypothesis(
            text=" ".join(tokenizer.decode(decoded.ids, skip_special_tokens=True).split()),
            score=round(decoded.score, ROUNDED),
            tokens=tokens,
        )

    def _alternatives(self, chosen: int, ranked: Ranked) -> list[Alternative]:
        others = [(piece, value) for piece, value in ranked if piece != chosen]
        return [
            Alternative(text=self._piece_text(piece), logprob=round(min(0.0, value), ROUNDED))
            for piece, value in others[: self._settings.alternatives]
            if value >= LEAST_LOGPROB
        ]

    def _piece_text(self, piece: int) -> str:
        """A token's text as it stands after another, so that a leading space is kept."""
        if piece not in self._piece_texts:
            tokenizer: Any = self._checkpoint.processor.tokenizer
            before = tokenizer("a", add_special_tokens=False).input_ids
            both = tokenizer.decode([*before, piece], skip_special_tokens=True)
            self._piece_texts[piece] = both[len(tokenizer.decode(before)) :]
        return self._piece_texts[piece]
