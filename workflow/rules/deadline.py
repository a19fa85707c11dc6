"""期限: from a start day and a rule to the last day and the closing instant, with every step shown.

民法典 201–204: the start day is not counted unless the rule says so, a period of months or years ends on the
corresponding day, and a last day that is a day off rolls to the next working day where the rule asks for it. Periods
in working days follow the notice that sets them (行政许可法 82); publicity usually counts its start day.
"""

from calendar import monthrange
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from workflow.rules.calendar import Calendar, Day
from workflow.rules.closing import closing_instant, is_hour
from workflow.rules.fixed_date import FixedDate

Unit = Literal["working", "calendar", "month", "year"]
StartDay = Literal["counted", "next"]
Roll = Literal["none", "next"]

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DeadlineRule:
    """One period of a policy. `closes` is the hour at which the last day ends (民法典 203, second paragraph)."""

    count: int
    unit: Unit
    start_day: StartDay
    roll: Roll
    closes: str
    clause: str
    local: bool = False

    def __post_init__(self) -> None:
        sound = {
            "count": type(self.count) is int and self.count > 0,
            "unit": self.unit in get_args(Unit),
            "start_day": self.start_day in get_args(StartDay),
            "roll": self.roll in get_args(Roll),
            "closes": is_hour(self.closes),
            "clause": isinstance(self.clause, str) and bool(self.clause.strip()),
            "local": isinstance(self.local, bool),
        }
        if not all(sound.values()):
            raise ValueError("deadline rule: " + ", ".join(name for name, fine in sound.items() if not fine))


Rule = DeadlineRule | FixedDate


@cache
def kept_of(rule: Rule) -> dict[str, Any]:
    """The fields that a timer or a notice keeps of a rule. One dictionary for all who ask: never to be changed."""
    return asdict(rule)


def rule_of(kept: dict[str, Any]) -> Rule:
    """The rule from those fields."""
    return FixedDate(**kept) if "month" in kept else DeadlineRule(**kept)


@dataclass(frozen=True)
class CountedDay:
    """One line of the proof. `number` is the count reached on that day, in the rule's unit; 0 before the first."""

    date: date
    counted: bool
    number: int
    why: str
    name: str
    provisional: bool


@dataclass(frozen=True)
class Deadline:
    """`due` is the last day of the period, `instant` the moment it is over (UTC).

    `days` holds every day of a period in days; of months, years and fixed dates the start, the last day and days
    rolled over. `provisional` says that the result rests on a year without a notice.
    """

    rule: Rule
    start: date
    due: date
    instant: datetime
    provisional: bool
    days: tuple[CountedDay, ...]
    calendar_version: str


def compute(rule: Rule, start: date, calendar: Calendar, provisional: bool = False) -> Deadline:
    """Raises UncoveredYear where the last day depends on a year without a notice, unless `provisional`."""
    if isinstance(rule, DeadlineRule) and rule.unit == "working":
        days = _working(rule, start, calendar, provisional)
        unsure = any(day.provisional for day in days)
    else:
        days = _fixed(rule, start, calendar) if isinstance(rule, FixedDate) else _plain(rule, start, calendar)
        rolled = _rolled(rule, days[-1].date, calendar, provisional)
        unsure = any(day.provisional for day in rolled)
        days += [_line(day, days[-1].number, counted=False) for day in rolled[1:]]
    due = days[-1].date
    return Deadline(rule, start, due, closing_instant(due, rule.closes), unsure, tuple(days), calendar.version)


def _working(rule: DeadlineRule, start: date, calendar: Calendar, provisional: bool) -> list[CountedDay]:
    days: list[CountedDay] = []
    number, on = 0, start
    while number < rule.count:
        day = calendar.day(on, provisional)
        counted = day.working and (on != start or rule.start_day == "counted")
        number += counted
        days.append(_line(day, number, counted))
        on += _ONE_DAY
    return days


def _plain(rule: DeadlineRule, start: date, calendar: Calendar) -> list[CountedDay]:
    """Days, months and years run on over days off: the calendar only describes them, so a missing notice is no bar."""
    last = _last_day(rule, start)
    from_start = rule.start_day == "counted"
    if rule.unit == "calendar":
        span = [start + timedelta(days=step) for step in range((last - start).days + 1)]
        numbers = [step + from_start for step in range(len(span))]
    else:
        span = [start, last]
        numbers = [0, rule.count]
    described = [calendar.day(on, provisional=True) for on in span]
    return [
        _line(day, number, counted=on != start or from_start)
        for on, day, number in zip(span, described, numbers, strict=True)
    ]


def _fixed(rule: FixedDate, start: date, calendar: Calendar) -> list[CountedDay]:
    """Nothing is counted: the start, where it comes before the named day, and that day."""
    last = rule.last_day(start)
    return [_line(calendar.day(on, provisional=True), 0, counted=False) for on in sorted({min(start, last), last})]


def _last_day(rule: DeadlineRule, start: date) -> date:
    """The last day before any roll. 民法典 202: without a corresponding day the month's end is the last day."""
    counted = rule.start_day == "counted"
    if rule.unit == "calendar":
        return start + timedelta(days=rule.count - counted)
    months = start.year * 12 + start.month - 1 + rule.count * (12 if rule.unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    month_end = monthrange(year, month)[1]
    if start.day > month_end:
        return date(year, month, month_end)
    return date(year, month, start.day) - timedelta(days=counted)


def _rolled(rule: Rule, last: date, calendar: Calendar, provisional: bool) -> list[Day]:
    """The days from `last` to the one that ends the period (民法典 203); none for a rule that does not roll."""
    if rule.roll == "none":
        return []
    looked = [calendar.day(last, provisional)]
    while not looked[-1].working:
        looked.append(calendar.day(looked[-1].date + _ONE_DAY, provisional))
    return looked


def _line(day: Day, number: int, counted: bool) -> CountedDay:
    return CountedDay(day.date, counted, number, day.why, day.name, day.provisional)


def rests_on_guess(rule: Rule, due: date, calendar: Calendar) -> bool:
    """Whether a last day, found by the rule, would be another one once its year's notice is known."""
    counts = isinstance(rule, DeadlineRule) and rule.unit == "working"
    return (counts or rule.roll == "next") and calendar.day(due, provisional=True).provisional


def is_working_day(on: date, calendar: Calendar, provisional: bool = False) -> bool:
    return calendar.day(on, provisional).working


@lru_cache(maxsize=4096)
def working_days_between(start: date, end: date, calendar: Calendar, provisional: bool = False) -> int:
    """Working days after `start` up to and including `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start, calendar, provisional)
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(is_working_day(day, calendar, provisional) for day in days)


def remaining(due: date, today: date, calendar: Calendar, provisional: bool = False) -> int:
    """Working days left after today; 0 on the last day, negative when overdue."""
    return working_days_between(today, due, calendar, provisional)
