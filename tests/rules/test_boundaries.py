"""Every number of a shipped policy has a case on each side of it: `boundaries.toml` names them, `periods.csv` has the
last day of every period, worked out by hand."""

import csv
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from workflow.clock import SHANGHAI
from workflow.rules import policy
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import compute

HERE = Path(__file__).parent
NAMED: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((HERE / "boundaries.toml").read_text(encoding="utf-8"))
ELSEWHERE = ("policy", "sources", "deadlines")
"""Heading and documents are cited, not reckoned with; periods stand in `periods.csv`."""


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(place: str, value: object) -> Iterator[tuple[str, int | str | date]]:
    """Every number and every day below a place, as `boundaries.toml` writes it."""
    match value:
        case bool():
            return
        case int() | date():
            yield place, value
        case Decimal():
            yield place, str(value)
        case BaseModel():
            for name, inner in value:
                yield from numbers(f"{place}.{name}", inner)
        case dict():
            for key, inner in value.items():
                yield from numbers(f"{place}.{key}", inner)
        case tuple():
            for number, inner in enumerate(value):
                yield from numbers(f"{place}.{getattr(inner, 'id', number)}", inner)


def set_by(key: str) -> dict[str, int | str | date]:
    content = policy.load(key).content
    return {place: found for name, value in content if name not in ELSEWHERE for place, found in numbers(name, value)}


def line(key: str) -> list[str]:
    """A policy and those it extends."""
    parent = policy.load(key).content.policy.extends
    return [key, *(line(parent) if parent else [])]


@pytest.mark.parametrize("key", NAMED)
def test_every_number_of_a_policy_has_its_cases_and_every_case_its_number(key: str) -> None:
    found = set_by(key)
    named = [(place, entry) for one in line(key) for place, entry in NAMED[one].items()]
    told = {place: [entry for glob, entry in named if fnmatchcase(place, glob)] for place in found}
    assert [place for place, entries in told.items() if len(entries) != 1] == []
    assert [place for place, (entry,) in told.items() if entry.get("is", found[place]) != found[place]] == []
    assert [glob for glob, _ in named if not any(fnmatchcase(place, glob) for place in found)] == []


@pytest.mark.parametrize(("place", "entry"), [one for entries in NAMED.values() for one in entries.items()])
def test_the_cases_that_are_named_exist(place: str, entry: dict[str, Any]) -> None:
    sides = {"inside", "outside"} & entry.keys() or {"days", "tests", "why"} & entry.keys()
    assert sides in ({"inside", "outside"}, {"days"}, {"tests"}, {"why"})
    assert "is" in entry or ("*" in place and "tests" in entry)
    for side in sides - {"tests", "why"}:
        assert sum(entry[side] in row.values() for row in rows(entry["file"])) == 1, entry[side]
    for named in entry.get("tests", ()):
        file, name = named.split("::")
        assert f"def {name}(" in (HERE.parent.parent / file).read_text(encoding="utf-8"), named


@pytest.mark.parametrize("row", rows("periods.csv"), ids=lambda row: f"{row['policy']}-{row['deadline']}")
def test_a_period_of_a_policy_is_over_when_its_last_day_is(row: dict[str, str]) -> None:
    last = date.fromisoformat(row["last"])
    found = compute(policy.load(row["policy"]).deadline(row["deadline"]), date.fromisoformat(row["start"]), Calendar())
    midnight = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    assert (found.due, found.instant) == (last, midnight), row["why"]


@pytest.mark.parametrize("key", NAMED)
def test_every_period_of_a_policy_has_its_last_day(key: str) -> None:
    assert {row["deadline"] for row in rows("periods.csv") if row["policy"] == key} == set(
        policy.load(key).content.deadlines
    )


@pytest.mark.parametrize(
    ("key", "authority", "year"), [("xuchang-2023", "411000", 2023), ("shandong-2017", "370000", 2017)]
)
def test_a_policy_runs_in_its_years_and_not_in_the_one_before_or_after(key: str, authority: str, year: int) -> None:
    rules = policy.load(key)
    covered = [rules.covers([authority], "hr_service", one) for one in (year - 1, year, year + 1)]
    assert covered == [False, True, False]
