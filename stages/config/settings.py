"""The settings as typed schemas: what every one means, its type and its range."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from stages.config.correct_settings import CorrectSettings
from stages.config.schema import PositiveInt, Settings

# How sure of a baseline kraken's `vectorize_lines` has to be.
KRAKEN_THRESHOLD = 0.17


def _distinct(values: list[float]) -> list[float]:
    if len(set(values)) < len(values):
        raise ValueError("values should be distinct")
    return values


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("input should be odd")
    return value


Ratio = Annotated[float, Field(gt=0, lt=1)]


class CropSettings(Settings):
    """How a page is read and cut.

    language: Tesseract's language codes, joined with `+`.
    page_segmentation_mode: Tesseract's `--psm` for the page's one pass.
    timeout_s: seconds after which a Tesseract call is stopped and its page rejected.
    max_megapixels: larger images are refused before they are decoded.
    max_skew_degrees: pages are turned upright by at most this angle; 0 leaves them as they are.
    min_similarity: how alike (0 to 1) a printed sentence must be to count as an anchor.
    comment: `single_pass` takes the comment from the page's one Tesseract pass, `twelve_pass`
        reads it as the notebook did, from four renderings in three modes each.
    engine: pages are read on this machine (`local`), or by actors of a Ray cluster (`ray`), a CPU
        each; it changes no result.
    """

    language: Annotated[str, Field(pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$")]
    page_segmentation_mode: Literal[1, 3, 4, 6, 11]
    timeout_s: Annotated[int, Field(ge=1, le=3600)]
    max_megapixels: Annotated[float, Field(gt=0, le=1000)]
    max_skew_degrees: Annotated[float, Field(ge=0, le=20)]
    min_similarity: Annotated[float, Field(gt=0, le=1)]
    comment: Literal["single_pass", "twelve_pass"]
    engine: Literal["local", "ray"]


class ProjectionSettings(Settings):
    """min_height: lines lower than this many pixels are dropped.

    smooth: height in pixels of the Gaussian window over the projection, odd.
    """

    min_height: PositiveInt
    smooth: Annotated[int, Field(ge=1, le=999), AfterValidator(_odd)]


class SeamSettings(Settings):
    """scale: multiplies the letters' height as measured, which all other lengths follow.

    smooth: how far along a line its ink is gathered, in distances between lines.
    min_ink: a line has at least this much ink, in squares of the letters' height.
    """

    scale: Annotated[float, Field(ge=0.2, le=5)]
    smooth: Annotated[float, Field(ge=0.2, le=10)]
    min_ink: Annotated[float, Field(ge=0, le=100)]


class KrakenSettings(Settings):
    """python: the interpreter of the environment that kraken is installed in; absolute for queued
        experiments, which run in copies of the repository.

    timeout_s: seconds after which kraken is stopped and its page rejected.
    """

    python: Annotated[str, Field(min_length=1)]
    timeout_s: Annotated[int, Field(ge=1, le=36_000)]


class LineCropSettings(Settings):
    """shape: `straight` sets a line on a level baseline and paints out other lines' strokes; `box`
        cuts out a rectangle as it is.

    width: `tight` cuts a crop to the line's ink, `page` keeps the region's whole width.
    margin: paper round a straight crop's ink, in heights of its letters.
    rules: ruled lines that are not written over are kept in a straight crop, or removed.
    """

    shape: Literal["straight", "box"]
    width: Literal["tight", "page"]
    margin: Annotated[float, Field(ge=0, le=5)]
    rules: Literal["keep", "remove"]


class SegmentSettings(Settings):
    """How a region is divided into lines.

    thresholds: candidates; for `seams` each a share of the highest ridge in the neighbourhood, for
        `projection` a share of the highest row of the ink projection, for `kraken` the one that
        is fixed in it.
    """

    method: Literal["seams", "projection", "kraken"]
    thresholds: Annotated[list[Ratio], Field(min_length=1), AfterValidator(_distinct)]
    projection: ProjectionSettings
    seams: SeamSettings
    kraken: KrakenSettings
    crop: LineCropSettings

    @field_validator("thresholds")
    @classmethod
    def _fixed(cls, values: list[float], info: ValidationInfo) -> list[float]:
        if info.data.get("method") == "kraken" and values != [KRAKEN_THRESHOLD]:
            raise ValueError(f"kraken's threshold is fixed: [{KRAKEN_THRESHOLD}]")
        return values


class RecognizeSettings(Settings):
    """How line crops are read; generation settings as in transformers' `GenerationConfig`.

    checkpoint: a local folder or a hub id of a VisionEncoderDecoderModel.
    revision: commit, tag or branch of a hub id; null for a local folder.
    min_height: lower crops are first enlarged to this many pixels (the notebook's 64); 0 for none.
    grayscale: drop the colours of a crop, for a checkpoint that was trained without them.
    pad_to_aspect: a crop is widened with its paper to this width over height before it is
        resized, so that short lines are not stretched without limit; 0 for none.
    slants: a crop whose reading is in doubt is read again with one beam, sheared by each of these
        (columns to the right a row down); what was found is ranked by the mean probabilities of
        all. Empty: no crop is.
    doubt: a reading is in doubt whose score, the mean log-probability of its tokens, is lower.
    dtype: of weights and arithmetic; half of the width is faster on a GPU, and may read otherwise.
    n_best: readings kept for each crop, at most num_beams.
    alternatives: other tokens kept for each token of the best reading, where they have a
        probability of at least 0.001.
    selector: which candidate segmentation is chosen: `longest` text (the notebook's rule) or
        `likelihood`, the length-normalised log-probability weighted by ink.
    engine: crops are read on this machine (`local`), or by actors of a Ray cluster (`ray`), one for
        each of its GPUs, or for each `actor_cpus` CPUs; it changes no result.
    actor_cpus: CPUs, and as many threads, for each actor where no GPU is used.
    """

    checkpoint: Annotated[str, Field(min_length=1)]
    revision: str | None
    device: Literal["auto", "cpu", "cuda"]
    dtype: Literal["float32", "bfloat16", "float16"]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    min_height: Annotated[int, Field(ge=0, le=2048)]
    grayscale: bool
    pad_to_aspect: Annotated[float, Field(ge=0, le=100)]
    slants: Annotated[
        list[Annotated[float, Field(ge=-1, le=1)]], Field(max_length=8), AfterValidator(_distinct)
    ]
    doubt: Annotated[float, Field(ge=-100, le=0)]
    num_beams: Annotated[int, Field(ge=1, le=64)]
    n_best: Annotated[int, Field(ge=1, le=64)]
    alternatives: Annotated[int, Field(ge=0, le=20)]
    length_penalty: Annotated[float, Field(ge=-10, le=10)]
    no_repeat_ngram_size: Annotated[int, Field(ge=0, le=20)]
    early_stopping: bool
    max_new_tokens: Annotated[int, Field(ge=1, le=1024)]
    selector: Literal["likelihood", "longest"]
    engine: Literal["local", "ray"]
    actor_cpus: Annotated[int, Field(ge=1, le=256)]


class AssembleSettings(Settings):
    """line_breaks: keep the handwritten line breaks in the essay instead of spaces; the corrector
    `notebook` leaves none."""

    line_breaks: bool


class EvaluateSettings(Settings):
    """track: log the run to MLflow, in the MLflow experiment of this name."""

    track: bool
    experiment: Annotated[str, Field(min_length=1)]


class Params(Settings):
    """All settings, one group per stage.

    on_reject: `carry` takes a page that cannot be read along as rejected, `fail` stops at it.
    """

    on_reject: Literal["carry", "fail"]
    crop: CropSettings
    segment: SegmentSettings
    recognize: RecognizeSettings
    correct: CorrectSettings
    assemble: AssembleSettings
    evaluate: EvaluateSettings
