"""Per-page scores of a Git revision, a DVC experiment, an MLflow run or the working tree."""

import csv
import io
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import dvc.api
from dvc.exceptions import DvcException, PathMissingError
from dvc.scm import RevError

from compare.typed import typed_essays
from stages.errors import UserError
from stages.evaluate.edits import Errors
from stages.evaluate.scores import HEADLINE, LENGTHS
from stages.evaluate.summary import PAGES_TABLE, SCORES
from stages.evaluate.tracking.store import cause, set_client_defaults, tracking_uri
from stages.store.checkout import project_root

WORKSPACE = "workspace"
RUN_ID = re.compile("[0-9a-f]{32}")

# Raw and corrected text are measured against the same transcription.
LENGTH_OF = {**LENGTHS, **{name: LENGTHS[name.removesuffix("_raw")] for name in HEADLINE}}


@dataclass(frozen=True)
class PageTable:
    """The errors of every page.

    Attributes:
        name: what was asked for.
        normalisation: the form in which texts were compared (`stages.evaluate.normalise.NAME`).
        pages: all pages of the table, transcribed or not.
        errors: by score, then by page, for pages with text to score. Kinds of edits are not told
            apart: all count as substitutions.
        trained_on: the pages that the recogniser was trained on.
        essays: what is typed for pages, where that is known.
    """

    name: str
    normalisation: str
    pages: frozenset[str]
    errors: Mapping[str, Mapping[str, Errors]]
    trained_on: frozenset[str] = frozenset()
    essays: Mapping[str, str] = field(default_factory=dict)


def read_table(name: str) -> PageTable:
    """The per-page scores that `name` stands for.

    Args:
        name: `workspace`, whatever DVC takes for a revision (commit, tag, branch, experiment), or
            the id of an MLflow run. A revision comes before a run of the same name.

    Raises:
        UserError: there is nothing of that name, it has no scores, or they lack the lengths of the
            transcriptions.
    """
    pages, of_run = _read(name, PAGES_TABLE)
    scores, _ = _read(name, SCORES)
    table = parse_table(name, pages, scores)
    if of_run:
        return table
    return replace(table, essays=typed_essays(None if name == WORKSPACE else name))


def parse_table(name: str, table: str, scores: str) -> PageTable:
    """The content of pages.csv and scores.json.

    A page's edits are its rate times its length: rates have six decimals, so that the product is
    within 0.5 of the count up to a million symbols.

    Raises:
        UserError: a column is missing or a cell is no number.
    """
    rows = list(csv.DictReader(io.StringIO(table)))
    columns = set(rows[0]) if rows else set()
    wanted = ["page", *HEADLINE, *dict.fromkeys(LENGTH_OF[score] for score in HEADLINE)]
    missing = [column for column in wanted if column not in columns]
    if missing:
        raise UserError(
            f"{name}: {PAGES_TABLE} has no {', '.join(missing)}; an older evaluate wrote it: "
            "take a later revision, or score again there with the present code"
        )
    try:
        return PageTable(
            name=name,
            normalisation=str(json.loads(scores).get("normalisation")),
            pages=frozenset(row["page"] for row in rows),
            errors={
                score: _errors(rows, score, length)
                for score, length in LENGTH_OF.items()
                if score in columns and length in columns
            },
            trained_on=frozenset(row["page"] for row in rows if row.get("trained_on") == "1"),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"{name}: {PAGES_TABLE} or {SCORES} is damaged ({error}); "
            "`dvc repro --single-item --force evaluate` writes them again"
        ) from None


def _errors(rows: list[dict[str, str]], score: str, length: str) -> dict[str, Errors]:
    errors = {}
    for row in rows:
        if row[score] and row[length]:
            symbols = int(row[length])
            edits = round(float(row[score]) * symbols)
            errors[row["page"]] = Errors(substitutions=edits, length=symbols)
    return errors


def _read(name: str, path: Path) -> tuple[str, bool]:
    """The content of a file, and whether it is an MLflow run's."""
    if not name:
        raise UserError(f"an empty name: name a revision, an experiment, a run or {WORKSPACE}")
    if name == WORKSPACE:
        return _of_workspace(path), False
    try:
        return str(dvc.api.read(path.as_posix(), rev=name, encoding="utf-8")), False
    except RevError as error:
        if not RUN_ID.fullmatch(name):
            raise UserError(
                f"{error}; `git log`, `dvc exp list --all-commits` and `make ui` list what there "
                f"is, and {WORKSPACE} is the working tree"
            ) from None
    except AttributeError:  # a blob or a tree has no tree of files, as DVC expects
        raise UserError(f"{name}: names a file or folder; name a commit that has it") from None
    except (PathMissingError, FileNotFoundError):
        raise UserError(
            f"{name}: {path} is not there; take a revision that was committed after `dvc repro`"
        ) from None
    except DvcException as error:
        raise UserError(
            f"{name}: {path} cannot be read ({cause(error)}); revisions need a clone made by Git"
        ) from None
    return _of_run(name, path), True


def _of_workspace(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: not there yet; run `dvc repro` to make it") from None


def _of_run(run: str, path: Path) -> str:
    """An artifact of the MLflow run: evaluate logs both files under their bare names."""
    if not os.environ.get("MLFLOW_TRACKING_URI") and not (project_root() / "mlflow.db").is_file():
        raise UserError(f"{run}: no such revision, and no MLflow runs are logged here")
    set_client_defaults()
    from mlflow import MlflowClient  # noqa: PLC0415  (takes 2 s: only where it is used)
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    client = MlflowClient(tracking_uri())
    try:
        client.get_run(run)
    except MlflowException as error:
        raise UserError(
            f"{run}: no such revision, and no such run in MLflow ({cause(error)}); "
            "`make ui` lists runs"
        ) from None
    with TemporaryDirectory() as folder:
        try:
            return Path(client.download_artifacts(run, path.name, folder)).read_text("utf-8")
        except (MlflowException, OSError):
            raise UserError(
                f"{run}: the MLflow run has no {path.name}; take one that evaluate logged whole"
            ) from None
