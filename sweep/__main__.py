"""python -m sweep: queue a grid of settings as DVC experiments, run them all, compare."""

import argparse
import re
import subprocess
import sys
import time

DEFAULT = ["segment.thresholds=[0.14],[0.1],[0.06]", "recognize.num_beams=1,4"]
SHOWN = r"essay_cer$|essay_wer$|essay_lines$|segment.thresholds|recognize.num_beams"
POLL_S = 2


def dvc(*arguments: str) -> str:
    """What a dvc command prints.

    Raises:
        SystemExit: the command failed; what it said goes along.
    """
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"sweep: dvc {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def queue_states() -> dict[str, str]:
    """The state of every queued experiment by task id: Queued, Running, Success or Failed."""
    rows = re.findall(
        r"^([0-9a-f]{7})\b.*\b(Queued|Running|Success|Failed)\b", dvc("queue", "status"), re.M
    )
    return dict(rows)


def drive(jobs: int) -> list[str]:
    """Run the queue until nothing waits or runs; the task ids of what failed.

    DVC's workers can end with tasks left, so they are started again as long as some are.
    """
    while True:
        states = list(queue_states().values())
        waiting, running = states.count("Queued"), states.count("Running")
        print(f"sweep: {waiting} waiting, {running} running", file=sys.stderr)
        if not waiting and not running:
            return [task for task, state in queue_states().items() if state == "Failed"]
        if not running:
            dvc("queue", "start", "--jobs", str(jobs))
        time.sleep(POLL_S)


def main() -> None:
    """Queue, run, compare; the exit code is 1 if an experiment failed."""
    parser = argparse.ArgumentParser(prog="python -m sweep", description=__doc__)
    parser.add_argument("overrides", nargs="*", default=DEFAULT, help=f"default: {DEFAULT}")
    parser.add_argument("--jobs", type=int, default=1, help="experiments at once")
    arguments = parser.parse_args()
    dvc("queue", "remove", "--success", "--failed")
    settings = [part for override in arguments.overrides for part in ("-S", override)]
    print(dvc("exp", "run", "--queue", *settings), end="")
    failed = drive(arguments.jobs)
    for task in failed:
        print(f"sweep: {task} failed:\n{dvc('queue', 'logs', task)}", file=sys.stderr)
    print(dvc("exp", "show", "--only-changed", "--drop", ".*", "--keep", SHOWN, "--md"))
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
