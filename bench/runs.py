"""Which benchmarks there are, and how large each is in the quick and in the full form."""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench import approvals, grading, inbox, timers, web
from bench.measure import Figure
from bench.site import sites


@dataclass(frozen=True, slots=True)
class Bench:
    """`measure` gets a site of its own, or two to compare. `quick` and `full` are its sizes, after the rounds."""

    measure: Callable[..., Iterator[Figure]]
    quick: tuple[int, ...]
    full: tuple[int, ...]
    sites: int = 1


GROWTH = ((50, 10_000), (500, 250_000))
"""A round's size, and how many cases come to a hundredth of them."""
BENCHES = {
    "approvals": (Bench(approvals.measure, (100,), (1_000,)),),
    "peers": (Bench(approvals.beside, (100,), (1_000,)),),
    "growth": tuple(Bench(one, *GROWTH, sites=2) for one in (approvals.growth, timers.growth, web.growth)),
    "timers": (Bench(timers.measure, (100,), (2_000,)),),
    "inbox": (Bench(inbox.measure, (20, 20_000), (100, 1_000_000), sites=2),),
    "web": (Bench(web.measure, (50, 1_000), (500, 70_000)),),
    "grading": (Bench(grading.measure, (2_000,), (70_000,)),),
}
ROUNDS = 5


def needed(names: Sequence[str]) -> int:
    """How many databases at a time."""
    return max(one.sites for name in names for one in BENCHES[name])


def run(kinds: Sequence[str], names: Sequence[str], *, full: bool, postgres: Sequence[str] = ()) -> Iterator[Figure]:
    """Figure by figure, as they come; each benchmark on each kind of database."""
    for chosen in (one for name in names for one in BENCHES[name]):
        for kind in kinds:
            with sites(kind, chosen.sites, postgres) as plays:
                gc.collect()
                gc.freeze()  # as a server does before it answers
                yield from chosen.measure(*plays, ROUNDS, *(chosen.full if full else chosen.quick))
