"""The annotations of a Label Studio export ("JSON"): the lines that people drew and typed."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from exchange.found import Found, field_of
from exchange.sheets import BLANK, FIELDS, Field
from stages.errors import UserError

UPLOADED = re.compile(r"^[0-9a-f]{8}-")
BY_PERSON = "manual"
LABELS = "labels"


@dataclass
class Drawn:
    """A region of an annotation: its label, its text, and its middle in percent of the height.

    `blank`: its note says that nothing stands there.
    """

    label: str | None = None
    text: str | None = None
    middle: float = 0.0
    added: bool = False
    blank: bool = False


def read_label_studio(path: Path) -> list[Found]:
    """The annotated tasks of an export; predictions are nobody's transcription and are left alone.

    Lines are the regions drawn on the image, with their label and text; what other controls say of
    it is left alone. A line that a person added stands last in the file: it goes before the first
    line of its field whose middle is lower on the page. The others keep their order.

    Raises:
        UserError: no JSON, no export with tasks and annotations, no task is annotated, a task has
            several annotations of which not exactly one is the ground truth, or a region stands
            nowhere on the image.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: is no JSON ({error}); export the project as JSON") from None
    try:
        tasks = content if isinstance(content, list) else [content]
        found = [_page(task, str(path)) for task in tasks]
    except (AttributeError, KeyError, TypeError, RecursionError):
        raise UserError(f"{path}: is no export of tasks; export the project as JSON") from None
    pages = [page for page in found if page]
    if not pages:
        raise UserError(f"{path}: no task is annotated; submit the tasks first, then export")
    return pages


def _page(task: Mapping[str, Any], path: str) -> Found | None:
    data = task["data"]
    origin = f"{path}, task {task.get('id', data.get('page'))}"
    annotation = _annotation(task.get("annotations") or [], origin)
    if annotation is None:
        return None
    lines: dict[Field, list[str | None]] = {field: [] for field in FIELDS}
    regions = _regions(annotation["result"], origin)
    for field in FIELDS:
        own = [region for region in regions if (field_of(region.label) or "essay") == field]
        lines[field] = [region.text for region in _in_order(own)]
    unknown = [region for region in regions if region.text and field_of(region.label) is None]
    blank = {field_of(region.label) or "essay" for region in regions if region.blank}
    guessed = [region.label or "a line without a label" for region in unknown]
    names = [str(data.get("page") or ""), _image_name(str(data.get("image") or ""))]
    return Found(origin, [name for name in names if name], lines, guessed, blank)


def _annotation(annotations: Sequence[Mapping[str, Any]], origin: str) -> Mapping[str, Any] | None:
    done = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
    if len(done) > 1:
        done = [annotation for annotation in done if annotation.get("ground_truth")]
        if len(done) != 1:
            raise UserError(
                f"{origin}: has several annotations; mark one as ground truth, or delete the others"
            )
    return done[0] if done else None


def _regions(results: Sequence[Mapping[str, Any]], origin: str) -> list[Drawn]:
    """One region for each id that has a shape, in the order in which they first stand in the file.

    Results without one are those of controls for the image as a whole.
    """
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        if "value" in result:
            parts.setdefault(result["id"], []).append(result)
    regions = []
    for name, own in parts.items():
        shapes = [part["value"] for part in own if _has_shape(part["value"])]
        if shapes:
            regions.append(_region(own, _middle(shapes[0], f"{origin}, region {name!r}")))
    return regions


def _has_shape(value: Mapping[str, Any]) -> bool:
    return "points" in value or {"x", "y"} <= value.keys()


def _region(results: Sequence[Mapping[str, Any]], middle: float) -> Drawn:
    region = Drawn(middle=middle)
    for result in results:
        value = result["value"]
        if result["type"] == "textarea":
            texts = value["text"]
            region.text = (texts if isinstance(texts, str) else " ".join(texts)) or None
            continue
        region.added |= result.get("origin") == BY_PERSON
        region.blank |= BLANK in ((result.get("meta") or {}).get("text") or ())
        if result["type"].endswith(LABELS) and (names := value.get(result["type"])):
            region.label = names[0]
    return region


def _middle(value: Mapping[str, Any], origin: str) -> float:
    try:
        if "points" in value:
            return fmean(y for _, y in value["points"])
        return float(value["y"] + value.get("height", 0) / 2)
    except (OverflowError, TypeError, ValueError):
        raise UserError(
            f"{origin}: its points or sides are no place on the image; draw it anew or delete it, "
            "then export again"
        ) from None


def _in_order(regions: Sequence[Drawn]) -> list[Drawn]:
    ordered = [region for region in regions if not region.added]
    for region in regions:
        if region.added:
            lower = (n for n, other in enumerate(ordered) if other.middle > region.middle)
            ordered.insert(next(lower, len(ordered)), region)
    return ordered


def _image_name(url: str) -> str:
    """The name of the image in a URL: of an upload, of local files (`?d=...`), or any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme == "data":
        return ""
    path = parse_qs(parts.query).get("d", [unquote(parts.path)])[0]
    return UPLOADED.sub("", re.split(r"[\\/]", path)[-1])
