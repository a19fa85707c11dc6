"""Which benchmarks there are, and how large each is in the quick and in the full form."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import approvals, grading, inbox, timers, web
from bench.measure import Figure
from bench.site import site


@dataclass(frozen=True, slots=True)
class Bench:
    """`measure` gets a site of its own. `quick` and `full` are its sizes, after the rounds."""

    measure: Callable[..., Iterator[Figure]]
    quick: tuple[int, ...]
    full: tuple[int, ...]


GROWTH = ((50, 10_000), (500, 250_000))
"""A round's size, and how many cases come to a hundredth of them."""
BENCHES = {
    "approvals": (Bench(approvals.measure, (100,), (1_000,)),),
    "peers": (Bench(approvals.beside, (100,), (1_000,)),),
    "growth": tuple(Bench(one, *GROWTH) for one in (approvals.growth, timers.growth, web.growth)),
    "timers": (Bench(timers.measure, (100,), (2_000,)),),
    "inbox": (Bench(inbox.measure, (20, 20_000), (100, 1_000_000)),),
    "web": (Bench(web.measure, (50, 1_000), (500, 70_000)),),
    "grading": (Bench(grading.measure, (2_000,), (70_000,)),),
}
ROUNDS = 5


def run(kinds: tuple[str, ...], names: tuple[str, ...], *, full: bool, postgres: str = "") -> Iterator[Figure]:
    """Figure by figure, as they come; each benchmark on each kind of database."""
    for chosen in (one for name in names for one in BENCHES[name]):
        for kind in kinds:
            with site(kind, postgres) as play:
                gc.collect()
                gc.freeze()  # as a server does before it answers
                yield from chosen.measure(play, ROUNDS, *(chosen.full if full else chosen.quick))
