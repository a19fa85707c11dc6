"""A long history is verified whole, quickly, and in no more memory than a short one."""

import resource
import sys
from time import process_time

from tests.cast import World
from tests.fire.clones import histories
from tests.fire.conftest import Size
from tests.fire.crowd import REPORT, cases_of
from workflow.engine import audit

ENTRIES, SECONDS, GROWTH = 1_000_000, 120, 64
"""What `audit verify` promises: so many entries in so many seconds of one processor (other programs on the machine do
not count), and how many MB the process may grow."""


def test_a_million_entries_are_verified_in_two_minutes_and_in_bounded_memory(world: World, size: Size) -> None:
    like, *_ = cases_of(world, world.round()[0])
    world.do(like, "report", "clerk-0", statement=REPORT)
    world.climb(like)
    length = world.case(like).version
    for _ in range(size(1, 100)):
        histories(world, like, size(1_400, ENTRIES) // length // size(1, 100))
    told: list[int] = []
    with world.database.read() as session:
        total, before, began = audit.size(session), _peak(), process_time()
        assert audit.verify(session, progress=told.append) == []
        seconds = process_time() - began
    assert total > size(1_300, ENTRIES * 99 // 100)
    assert (told[-1], told) == (total, sorted(told))
    assert seconds < max(1, SECONDS * total / ENTRIES)
    assert _peak() - before < GROWTH


def _peak() -> float:
    """The most memory the process ever held, in MB; Linux counts in kB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
