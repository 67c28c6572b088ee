"""python -m sweep: queue a grid of settings as DVC experiments, run them all, compare."""

import argparse
import csv
import io
import re
import subprocess
import sys
import time

DEFAULT = ["segment.thresholds=[0.15],[0.25],[0.4]", "recognize.num_beams=1,4"]
MEASURES = ["essay_cer", "essay_wer", "essay_lines"]
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


def start_workers(jobs: int) -> None:
    """Workers in the background, which would keep a pipe open that they inherit."""
    command = [sys.executable, "-m", "dvc", "queue", "start", "--jobs", str(jobs)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def table(settings: list[str]) -> str:
    """The experiments on this commit as Markdown, the lowest character error rate first."""
    rows = list(csv.DictReader(io.StringIO(dvc("exp", "show", "--csv"))))
    # A failed experiment is listed with the scores of the commit that it started from.
    done = [row for row in rows if row["Experiment"] and row["State"] != "Failed"]
    scored = [row for row in done if row[MEASURES[0]]]
    scored.sort(key=lambda row: float(row[MEASURES[0]]))
    known = [setting for setting in settings if scored and setting in scored[0]]
    columns = ["Experiment", *known, *MEASURES]
    lines = [columns, ["---"] * len(columns), *([row[name] for name in columns] for row in scored)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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
            start_workers(jobs)
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
    print(table([override.partition("=")[0] for override in arguments.overrides]))
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
