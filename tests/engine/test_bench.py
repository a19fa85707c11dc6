"""Every benchmark still runs: at the smallest size, beside what it compares with; its figures say nothing here."""

import json

import pytest

from bench.measure import Row
from bench.runs import BENCHES
from bench.site import site

SMALLEST = {
    "approvals": (1,), "growth": (1, 2), "timers": (2,), "inbox": (1, 60), "web": (1, 5), "grading": (5,),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(BENCHES) - {"peers"}))
def test_a_benchmark_gives_its_figures(name: str) -> None:
    for one in BENCHES[name]:
        with site("sqlite") as play:
            figures = list(one.measure(play, 1, *SMALLEST[name]))
        assert figures
        assert all(figure.value > 0 for figure in figures)


def test_a_figure_says_what_it_was_measured_beside_and_held_to() -> None:
    found = Row("approval", "1/s", "bare SQL", 0.3, 0.4, "higher").figure("sqlite", [2.0, 5.0, 3.0], [10.0, 10.0, 10.0])
    assert json.dumps(found.as_row()) == (
        '{"name": "approval", "database": "sqlite", "value": 3.0, "unit": "1/s", "beside": "bare SQL", "ratio": 0.3,'
        ' "aim": 0.4, "better": "higher", "rounds": 3, "min": 0.2, "max": 0.5}'
    )
