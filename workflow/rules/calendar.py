"""工作日: which days the State Council made working days, days off and make-up workdays.

Three sources, the first that knows the day wins: imported overrides, chinesecalendar (announced years), and only on
request, marked provisional, the statutory days of an unannounced year from `holidays`, without make-up days. Both
packages are imported where they are used: most commands need neither, and they are slow to load.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

Why = Literal["weekday", "weekend", "holiday", "makeup", "override"]

_SATURDAY = 5
# chinesecalendar's keys, in the words of the notices.
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


class UncoveredYear(LookupError):
    """No notice is known for this year, so no working day in it can be told."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no holiday notice known for {year}")
        self.year = year


@dataclass(frozen=True)
class Day:
    date: date
    working: bool
    why: Why
    name: str = ""
    provisional: bool = False
    document: str = ""


@dataclass(frozen=True)
class Override:
    """One imported day: of a new year's notice (holiday, makeup), an emergency change or a local day (override)."""

    working: bool
    name: str = ""
    document: str = ""
    why: Why = "override"


@dataclass(frozen=True, eq=False)
class Calendar:
    """A calendar of one content; `version` changes whenever a day could. Two are equal only if they are one, so that
    what was computed with a calendar can be remembered by it."""

    overrides: Mapping[date, Override] = field(default_factory=dict)
    announced_years: frozenset[int] = frozenset()

    def day(self, on: date, provisional: bool = False) -> Day:
        """The kind of one day. Raises UncoveredYear unless provisional answers are asked for."""
        override = self.overrides.get(on)
        if override:
            return Day(on, override.working, override.why, override.name, False, override.document)
        if on.year in self.announced_years:
            return _plain(on)
        first, last = _package_years()
        if first <= on.year <= last:
            return _announced(on)
        if provisional:
            return _statutory(on)
        raise UncoveredYear(on.year)

    @cached_property
    def version(self) -> str:
        import chinese_calendar

        last = max(_package_years()[1], *self.announced_years, 0)
        version = f"cn-{last}-{chinese_calendar.__version__}"
        if not self.overrides and not self.announced_years:
            return version
        content = repr((sorted(self.announced_years), sorted(self.overrides.items(), key=lambda item: item[0])))
        return f"{version}+{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _plain(on: date) -> Day:
    weekday = on.weekday() < _SATURDAY
    return Day(on, weekday, "weekday" if weekday else "weekend")


@cache
def _package_years() -> tuple[int, int]:
    import chinese_calendar

    years = {day.year for day in chinese_calendar.holidays}
    return min(years), max(years)


@cache
def _announced(on: date) -> Day:
    from chinese_calendar import holidays, workdays

    english = workdays.get(on) or holidays.get(on)
    if not english:
        plain = _plain(on)
        return Day(on, plain.working, plain.why, document=_document(on.year))
    working = on in workdays
    name = _NAMES[english]
    # New Year's notice may move days of the December before.
    notice = on.year + 1 if name == "元旦" and on.month > 1 else on.year
    return Day(on, working, "makeup" if working else "holiday", name, document=_document(notice))


def _document(year: int) -> str:
    return _notices().get(str(year), "")


@cache
def _notices() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("notices.toml").read_text(encoding="utf-8"))


@cache
def _statutory(on: date) -> Day:
    import holidays

    name = holidays.country_holidays("CN", years=on.year, language="zh_CN").get(on)
    if name:
        return Day(on, False, "holiday", name, True)
    plain = _plain(on)
    return Day(on, plain.working, plain.why, "", True)
