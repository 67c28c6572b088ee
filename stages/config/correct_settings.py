"""The settings of the correct stage: its chain, its rules, and every corrector's own."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stages.config.schema import PositiveInt, Settings

CorrectorName = Literal["channel", "symspell", "neuspell", "gector", "notebook"]


class SymSpellSettings(Settings):
    """frequencies: the known words and how frequent they are, from `wordfreq` or from the
        dictionary that comes with symspellpy (`symspell`).

    max_edit_distance: in characters; min_length: shorter words are left alone.
    known_words: how many of wordfreq's most frequent English words count as known.
    joins_and_splits: also join two words to a known one, and divide an unknown one in two.
    """

    frequencies: Literal["wordfreq", "symspell"]

    max_edit_distance: Annotated[int, Field(ge=1, le=3)]
    min_length: PositiveInt
    known_words: Annotated[int, Field(ge=1000, le=500_000)]
    joins_and_splits: bool


class ChannelSettings(Settings):
    """Log-probabilities are natural.

    evidence: what the recogniser's log odds count against those of English.
    misspelling: log-probability of an edit that learners make; odd_misspelling of any other.
    keep_known, keep_unknown: by how much another word has to be more probable, in log odds, than a
        word as read that is in the dictionary, and than one that is not.
    known_words: how many of wordfreq's most frequent English words count as known, beside the
        dictionary.
    """

    evidence: Annotated[float, Field(gt=0, le=10)]
    misspelling: Annotated[float, Field(ge=-50, le=0)]
    odd_misspelling: Annotated[float, Field(ge=-50, le=0)]
    keep_known: Annotated[float, Field(ge=0, le=50)]
    keep_unknown: Annotated[float, Field(ge=0, le=50)]
    known_words: Annotated[int, Field(ge=1000, le=500_000)]


class GuardSettings(Settings):
    """sure: the recogniser is sure of a word if every character's probability is at least this."""

    sure: Annotated[float, Field(gt=0, le=1)]


class NeuSpellSettings(Settings):
    """checkpoint: a folder with a BertChecker's `vocab.pkl` and weights, or a published name, whose
        files are looked for in `models/neuspell/<name>/`; absolute for queued experiments.

    base_model: folder or hub id of the BERT it was trained from: its tokenizer and configuration.
    """

    checkpoint: Annotated[str, Field(min_length=1)]
    base_model: Annotated[str, Field(min_length=1)]


class GectorSettings(Settings):
    """checkpoint: a folder or a hub id in the layout of gotutiyan/gector-roberta-base-5k.

    base_model: folder or hub id of the encoder's configuration; null for the one that the
        checkpoint names.
    verb_forms: the file of verb forms; labels that ask for one are left out where it is not there.
    iterations: rounds of labels at most.
    keep_confidence: added to the probability of leaving a word as it is.
    min_error_probability: a sentence without a word at least this probably wrong is left alone,
        and so is a word whose label is less probable.
    batch_size: sentences that go through the encoder at a time.
    """

    checkpoint: Annotated[str, Field(min_length=1)]
    base_model: Annotated[str, Field(min_length=1)] | None
    verb_forms: Annotated[str, Field(min_length=1)]
    iterations: Annotated[int, Field(ge=1, le=20)]
    keep_confidence: Annotated[float, Field(ge=-1, le=1)]
    min_error_probability: Annotated[float, Field(ge=0, le=1)]
    batch_size: Annotated[int, Field(ge=1, le=4096)]


class CorrectSettings(Settings):
    """chain: correctors in the order in which they run; empty for none. `channel` needs the n-best
        of every line, which after `notebook`, that makes one text of all, is not known.

    fields: the texts that are corrected; print has no n-best, so `channel` leaves it as it is.
    target: `recogniser` undoes what the recogniser misread; `standard` does that, and then runs
        `standard_chain` over the essay and writes what comes out to a field of its own.
    drop_suspects: leave out lines whose text cannot be what stands there; they are named either
        way.
    """

    chain: list[CorrectorName]
    fields: list[Literal["topic", "essay", "examiner_comment"]]
    target: Literal["recogniser", "standard"]
    standard_chain: list[CorrectorName]
    drop_suspects: bool
    guard: GuardSettings
    channel: ChannelSettings
    symspell: SymSpellSettings
    neuspell: NeuSpellSettings
    gector: GectorSettings

    @model_validator(mode="after")
    def _chains_can_run(self) -> Self:
        joined = self.chain[self.chain.index("notebook") :] if "notebook" in self.chain else []
        if "channel" in joined:
            raise ValueError("chain: channel finds no n-best after notebook; put it before")
        if "channel" in self.standard_chain:
            raise ValueError("standard_chain: channel finds no n-best in corrected text")
        if self.target == "standard" and not self.standard_chain:
            raise ValueError("target: standard needs correctors in standard_chain, as [gector]")
        if self.target != "standard" and self.standard_chain:
            raise ValueError("standard_chain: runs with target=standard only")
        return self
