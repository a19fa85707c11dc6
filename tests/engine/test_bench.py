"""Every benchmark still runs: at the smallest size, beside what it compares with; its figures say nothing here."""

import json
import shutil
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bench.measure import Row
from bench.runs import BENCHES, Bench
from bench.site import START, site
from models.database import Database
from workflow.clock import HandClock
from workflow.demo.play import Play

SMALLEST = {
    "approvals": (1,), "growth": (1, 2), "timers": (2,), "inbox": (1, 60), "web": (1, 5), "grading": (5,),
}  # fmt: skip


@pytest.fixture(scope="module")
def staffed() -> Generator[Play]:
    with site("sqlite") as play:
        yield play


def _copied(staffed: Play, file: Path) -> Play:
    """As it was before anything was played on it."""
    shutil.copy(str(staffed.database.url.database), file)
    played: dict[str, dict[object, object]] = {name: {} for name in ("ids", "notices", "cases", "records", "posts")}
    return replace(staffed, database=Database(f"sqlite:///{file}"), clock=HandClock(START), random=Random(7), **played)


@pytest.mark.parametrize(
    ("name", "one"), [(name, one) for name in sorted(set(BENCHES) - {"peers"}) for one in BENCHES[name]]
)
def test_a_benchmark_gives_its_figures(name: str, one: Bench, staffed: Play, tmp_path: Path) -> None:
    staffed.database.close()
    with ExitStack() as stack:
        plays = [_copied(staffed, tmp_path / f"{number}.db") for number in range(one.sites)]
        for play in plays:
            stack.callback(play.database.close)
        figures = list(one.measure(*plays, 1, *SMALLEST[name]))
        assert figures
        assert all(figure.value > 0 for figure in figures)


def test_a_figure_says_what_it_was_measured_beside_and_held_to() -> None:
    found = Row("approval", "1/s", "bare SQL", 0.3, 0.4, "higher").figure("sqlite", [2.0, 5.0, 3.0], [10.0, 10.0, 10.0])
    assert json.dumps(found.as_row()) == (
        '{"name": "approval", "database": "sqlite", "value": 3.0, "unit": "1/s", "beside": "bare SQL", "ratio": 0.3,'
        ' "aim": 0.4, "better": "higher", "rounds": 3, "min": 0.2, "max": 0.5}'
    )
