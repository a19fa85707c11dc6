"""Every benchmark still runs: at the smallest size, beside what it compares with; its figures say nothing here."""

import pytest

from bench.runs import BENCHES
from bench.site import site

SMALLEST = {
    "approvals": (1,), "growth": (1, 2), "timers": (2,), "inbox": (1, 60), "web": (1, 5), "grading": (5,),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(BENCHES) - {"peers"}))
def test_a_benchmark_gives_its_figures(name: str) -> None:
    with site("sqlite") as play:
        figures = list(BENCHES[name].measure(play, 1, *SMALLEST[name]))
    assert figures
    assert all(figure.value > 0 for figure in figures)
