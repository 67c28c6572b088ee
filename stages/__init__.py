"""The pipeline: one room per stage, each run as `python -m stages.<name>`.

Most of a stage's start goes into its libraries. Ctrl-C during that time ends it in one line too.
What they load stays: looking it through for garbage, again and again, would take a third of that
time, and half of the time in which records are read.
"""

import gc
import os
import signal
import sys

OBJECTS_BETWEEN_COLLECTIONS = 200_000  # as mypy has it; Python's own is 700


def _end(*_: object) -> None:
    os.write(2, b"interrupted; `dvc repro` goes on from here\n")
    os._exit(130)


def interrupts_raise() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again, now that somebody handles it."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# Python's name for the program while it looks for the module that `-m` names.
if sys.argv[:1] == ["-m"]:
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    if {"STAGE_SERVER", "DVC_STAGE"} & os.environ.keys():
        from stages.running.warm import start_warm

        start_warm()
