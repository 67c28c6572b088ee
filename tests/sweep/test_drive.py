"""How the queue is driven when DVC's workers behave as they do; the queue itself is DVC's."""

import io
from collections.abc import Mapping, Sequence

from sweep.drive import Progress, drive


class Workers:
    """A queue whose workers end after so many tasks each, and some tasks fail, or are lost."""

    def __init__(
        self, tasks: Sequence[str], stamina: int, failing: Sequence[str] = (), lost: str = ""
    ) -> None:
        self.tasks = dict.fromkeys(tasks, "Queued")
        self.stamina, self.failing, self.lost = stamina, failing, lost
        self.left: list[int] = []
        self.most = self.most_at_first = 0
        self.starts = 0

    def states(self) -> Mapping[str, str]:
        for name, state in self.tasks.items():
            if state == "Running" and name != self.lost:
                self.tasks[name] = "Failed" if name in self.failing else "Success"
        self.left = [left for left in self.left if left]
        waiting = [name for name, state in self.tasks.items() if state == "Queued"]
        for index, name in zip(range(len(self.left)), waiting, strict=False):
            self.tasks[name] = "Running"
            self.left[index] -= 1
        states = list(self.tasks.values())
        self.most = max(self.most, states.count("Running"))
        if "Success" not in states:
            self.most_at_first = self.most
        return dict(self.tasks)

    def workers(self) -> int:
        return len(self.left)

    def start_workers(self, jobs: int) -> None:
        self.starts += 1
        self.left += [self.stamina] * (jobs - len(self.left))

    def give_up(self, names: Sequence[str]) -> None:
        self.tasks |= dict.fromkeys(names, "Failed")


def _drive(names: Sequence[str], jobs: int, queue: Workers) -> tuple[dict[str, float], str]:
    told = io.StringIO()
    return drive(names, jobs, queue, Progress(len(names), told), poll_s=0), told.getvalue()


def test_workers_that_end_with_tasks_left_are_started_again() -> None:
    queue = Workers("abcdefg", stamina=2, failing="c")
    took, told = _drive("abcdefg", 2, queue)
    assert queue.tasks == dict.fromkeys("abdefg", "Success") | {"c": "Failed"}
    assert queue.starts > 1
    assert (queue.most_at_first, queue.most) == (1, 2)
    assert took.keys() == set("abcdefg")
    assert told.splitlines()[-1].startswith("sweep: 6 of 7 done, 1 failed, 0 running, 0 queued")


def test_what_ran_before_anybody_watched_has_no_seconds() -> None:
    queue = Workers("abc", stamina=3)
    queue.start_workers(1)
    queue.states()
    assert _drive("abc", 1, queue)[0].keys() == {"c"}


def test_no_worker_is_started_where_nothing_waits() -> None:
    queue = Workers("ab", stamina=1)
    queue.tasks = {"a": "Success", "b": "Failed"}
    assert _drive("ab", 2, queue)[0] == {}
    assert queue.starts == 0


def test_a_task_whose_worker_was_killed_is_given_up_and_the_rest_runs() -> None:
    queue = Workers("abc", stamina=2, lost="c")
    queue.tasks["c"] = "Running"
    _drive("abc", 1, queue)
    assert queue.tasks == {"a": "Success", "b": "Success", "c": "Failed"}


def test_a_task_that_dvc_does_not_list_while_it_starts_is_waited_for() -> None:
    class Blinking(Workers):
        polls = 0

        def states(self) -> Mapping[str, str]:
            self.polls += 1
            found = super().states()
            return {} if self.polls in (1, 3) else found

    queue = Blinking("ab", stamina=1)
    _drive("ab", 1, queue)
    assert set(queue.tasks.values()) == {"Success"}


def test_a_task_taken_out_of_the_queue_is_not_waited_for() -> None:
    queue = Workers("a", stamina=1)
    assert "1 of 2 done" in _drive(["a", "removed"], 1, queue)[1].splitlines()[-1]


def test_a_terminal_shows_one_line() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    told = Terminal()
    drive("ab", 1, Workers("ab", stamina=1), Progress(2, told), poll_s=0)
    assert told.getvalue().count("\n") == 1
    assert told.getvalue().rpartition("\r")[2].startswith("sweep: 2 of 2 done")
