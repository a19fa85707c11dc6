"""定日期限: a last day that a text names instead of counting to it: 8月10日前, 次月5日, 5月底前, 5月前.

"前" (以前) takes the named day in, to its closing hour, unless the rule says otherwise (inventory §7 items 29, 35–37).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from workflow.rules.closing import is_hour

Relative = Literal["this", "next", "next_quarter"]
LAST = "last"
MONTHS = range(1, 13)
_LEAP = 2024


@dataclass(frozen=True)
class FixedDate:
    """`month`: of the year (1–12), or counted from the start day's month. `day`: of the month, or its `last`.

    `year` tells which year's numbered month is meant: the start day's or the one after. `included`: the named day
    itself is still in time; else the day before it is the last.
    """

    month: int | Relative
    day: int | Literal["last"]
    year: Literal["this", "next"]
    included: bool
    roll: Literal["none", "next"]
    closes: str
    clause: str
    local: bool = False

    def __post_init__(self) -> None:
        sound = {
            "month": self._numbered() or self.month in get_args(Relative),
            "day": self.day == LAST or (type(self.day) is int and 1 <= self.day <= self._longest()),
            "year": self.year == "this" or (self.year == "next" and self._numbered()),
            "included": self.included is True or (self.included is False and self.day != LAST),
            "roll": self.roll in ("none", "next"),
            "closes": is_hour(self.closes),
            "clause": isinstance(self.clause, str) and bool(self.clause.strip()),
            "local": isinstance(self.local, bool),
        }
        if not all(sound.values()):
            raise ValueError("fixed date: " + ", ".join(name for name, fine in sound.items() if not fine))

    def last_day(self, start: date) -> date:
        """Before any roll. May lie before the start: then the date was missed before anything began."""
        year, month = self._month(start)
        end = monthrange(year, month)[1]
        named = date(year, month, end if self.day == LAST else min(self.day, end))
        return named if self.included else named - timedelta(days=1)

    def _month(self, start: date) -> tuple[int, int]:
        if isinstance(self.month, int):
            return start.year + (self.year == "next"), self.month
        ahead = {"this": 0, "next": 1, "next_quarter": 3 - (start.month - 1) % 3}[self.month]
        months = start.year * 12 + start.month - 1 + ahead
        return months // 12, months % 12 + 1

    def _numbered(self) -> bool:
        return type(self.month) is int and self.month in MONTHS

    def _longest(self) -> int:
        return monthrange(_LEAP, self.month)[1] if isinstance(self.month, int) and self._numbered() else 31
