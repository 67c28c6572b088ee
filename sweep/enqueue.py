"""python -m sweep.enqueue: queue experiments of DVC, those that standard input names.

One process for all: each `dvc exp run --queue` takes a second to load, and a third of one to queue.
A process of its own, because DVC puts the working tree aside meanwhile: it should end what it has
begun, whatever becomes of the sweep.
"""

import json
import sys
from contextlib import redirect_stdout
from io import StringIO

from dvc.exceptions import DvcException
from dvc.repo import Repo
from scmrepo.exceptions import SCMError

from stages.evaluate.tracking.store import cause


def enqueue(name: str, overrides: list[str]) -> None:
    """As `dvc exp run --queue --name NAME -S OVERRIDE ...`, in silence.

    Raises:
        DvcException, SCMError: DVC or its Git refuses.
    """
    with Repo() as repo, redirect_stdout(StringIO()):
        repo.experiments.run(queue=True, name=name, params=overrides)


def main() -> None:
    """Queue every `[name, overrides]`, a line of JSON each; print null, or the fault, for each."""
    for line in sys.stdin:
        name, overrides = json.loads(line)
        fault = None
        try:
            enqueue(name, overrides)
        except (DvcException, SCMError) as error:
            fault = cause(error)
        print(json.dumps(fault), flush=True)


if __name__ == "__main__":
    main()
