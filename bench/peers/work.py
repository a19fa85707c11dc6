"""The work that every peer does, and how the benchmark talks with it: a line in, the number of cases done out."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

STEPS = ("county", "city", "province")
NEXT = dict(zip(STEPS, (*STEPS[1:], "closed"), strict=True))
STAFF = 20
"""Reviewers of each step."""
LIMIT = 1_000_000
"""The guard: no case above this amount."""
WORKING_DAYS = 5
FRIDAY = 4
Task = tuple[int, int]
"""A task's id and its reviewer's."""


class Peer(Protocol):
    def open(self, count: int) -> None:
        """Cases that wait for the county."""
        ...

    def waiting(self) -> list[Task]: ...

    def approve(self, task: int, person: int) -> None: ...


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def deadline(at: datetime) -> datetime:
    left = WORKING_DAYS
    while left:
        at += timedelta(days=1)
        left -= at.weekday() <= FRIDAY
    return at


def reviewer(step: str, case: int) -> int:
    return 1 + STEPS.index(step) * STAFF + case % STAFF


def reviewers() -> list[tuple[int, str]]:
    return [(reviewer(step, number), step) for step in STEPS for number in range(STAFF)]


def message(case: int, state: str) -> str:
    return json.dumps({"case": case, "to": state})


def serve(start: Callable[[dict[str, Any]], Peer]) -> None:
    """The first line says which database; then `ready N` (unmeasured) and `approve` take turns."""
    peer = start(json.loads(sys.stdin.readline()))
    tasks: list[Task] = []
    for line in sys.stdin:
        match line.split():
            case ["ready", count]:
                tasks = peer.waiting()
                if not tasks:
                    peer.open(int(count))
                    tasks = peer.waiting()
            case ["approve"]:
                for task, person in tasks:
                    peer.approve(task, person)
        print(len(tasks), flush=True)  # noqa: T201
