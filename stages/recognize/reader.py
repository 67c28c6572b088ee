"""Batched reading of line crops: beam search, n-best, token log-probabilities, alternatives."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import torch

from stages.errors import PageError, UserError
from stages.pages import Pixels
from stages.recognize.attention import BeamCache
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.prepare import prepare
from stages.records import Alternative, Hypothesis, Token
from stages.settings import RecognizeSettings
from stages.workers import in_workers

ROUNDED = 3
LEAST_LOGPROB = math.log(0.001)
LEAST_SHARE = 8  # crops for which another process pays

Ranked = Sequence[tuple[int, float]]


def expected_length(crop: Pixels) -> float:
    """What a crop's text is about as long as: its width over its height."""
    height, width, _ = crop.shape
    return float(width / height)


class Reader:
    """Reads line crops with one checkpoint and one set of generation settings."""

    def __init__(
        self, checkpoint: Checkpoint, settings: RecognizeSettings, processes: int = 1
    ) -> None:
        """A reader; with several processes, for a CPU, each has one thread."""
        self._checkpoint = checkpoint
        self._settings = settings
        self._processes = processes
        self._piece_texts: dict[int, str] = {}
        self._require_room()

    def read(self, crops: Sequence[Pixels]) -> list[list[Hypothesis]]:
        """The n-best hypotheses of each crop, as the beam search ranks them.

        A batch takes as many steps as its longest text, so crops of like shapes are read together.

        Args:
            crops: (h, w, 3) uint8 RGB each, of any size.

        Returns:
            For each crop 1 to `min(n_best, num_beams)` hypotheses, best first; the tokens of the
            first have their alternatives.

        Raises:
            UserError: a process was killed on a batch, and again when nothing ran beside it.
        """
        order = sorted(range(len(crops)), key=lambda index: expected_length(crops[index]))
        shares = max(1, min(self._processes, len(crops) // LEAST_SHARE))
        size = min(self._settings.batch_size, math.ceil(len(crops) / shares) or 1)
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        pixels = [[crops[index] for index in batch] for batch in batches]
        if shares == 1:
            read = [self._read_batch(batch) for batch in pixels]
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
            yield self._read_batch

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

    @torch.inference_mode()
    def _read_batch(self, crops: Sequence[Pixels]) -> list[list[Hypothesis]]:
        checkpoint, settings = self._checkpoint, self._settings
        images = [prepare(crop, settings) for crop in crops]
        pixels = checkpoint.processor(images=images, return_tensors="pt").pixel_values
        n_best = min(settings.n_best, settings.num_beams)
        out = checkpoint.model.generate(
            pixels.to(checkpoint.device, checkpoint.dtype),
            num_beams=settings.num_beams,
            num_return_sequences=n_best,
            length_penalty=settings.length_penalty if settings.num_beams > 1 else None,
            early_stopping=settings.early_stopping if settings.num_beams > 1 else None,
            no_repeat_ngram_size=settings.no_repeat_ngram_size,
            max_new_tokens=settings.max_new_tokens,
            max_length=None,
            do_sample=False,
            use_cache=True,
            past_key_values=BeamCache(settings.num_beams),
            return_dict_in_generate=True,
            output_scores=True,
        )
        logprobs = checkpoint.model.compute_transition_scores(
            out.sequences,
            out.scores,
            getattr(out, "beam_indices", None),
            normalize_logits=settings.num_beams == 1,
        )
        ids = out.sequences[:, 1:].tolist()
        best = self._most_probable(out, range(0, len(ids), n_best))
        rows = [
            self._hypothesis(row, values, best.get(number, [()] * len(row)))
            for number, (row, values) in enumerate(zip(ids, logprobs.float().tolist(), strict=True))
        ]
        return [rows[start : start + n_best] for start in range(0, len(rows), n_best)]

    def _most_probable(self, out: Any, rows: range) -> dict[int, list[Ranked]]:
        """For each of these sequences and each of its steps the most probable tokens."""
        count = self._settings.alternatives
        if not count:
            return {}
        beams = getattr(out, "beam_indices", None)
        steps = []
        length = out.sequences.shape[1] - 1  # a beam search may have gone on for lost beams
        for step, scores in enumerate(out.scores[:length]):
            source = list(rows) if beams is None else beams[list(rows), step].clamp(min=0)
            values = scores[source].float()
            if beams is None:  # a beam search's are log-probabilities, those banned left out
                values = torch.log_softmax(values, dim=-1)
            found = values.topk(count + 1)
            steps.append((found.indices.tolist(), found.values.tolist()))
        return {
            row: [list(zip(ids[k], values[k], strict=True)) for ids, values in steps]
            for k, row in enumerate(rows)
        }

    def _hypothesis(
        self, ids: list[int], logprobs: list[float], most_probable: list[Ranked]
    ) -> Hypothesis:
        tokenizer = self._checkpoint.processor.tokenizer
        end = self._checkpoint.model.generation_config.eos_token_id
        length = ids.index(end) + 1 if end in ids else len(ids)
        values = [min(0.0, value) for value in logprobs[:length]]
        tokens = [
            Token(
                text=self._piece_text(piece),
                logprob=round(value, ROUNDED),
                alternatives=self._alternatives(piece, ranked),
            )
            for piece, value, ranked in zip(ids[:length], values, most_probable, strict=False)
        ]
        return Hypothesis(
            text=" ".join(tokenizer.decode(ids[:length], skip_special_tokens=True).split()),
            score=round(sum(values) / max(1, length), ROUNDED),
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
