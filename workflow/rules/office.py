"""办公时间: when a message may leave the house. A legal closing is no message and knows no office hours."""

from datetime import date, datetime, time, timedelta

from workflow.clock import SHANGHAI
from workflow.rules.calendar import Calendar
from workflow.rules.policy_tables import Reminders


def open_at(at: datetime, hours: Reminders, calendar: Calendar) -> datetime:
    """The instant itself within office hours, else the next opening."""
    local = at.astimezone(SHANGHAI)
    opens, closes = time.fromisoformat(hours.office_hour), time.fromisoformat(hours.office_close)
    day = local.date()
    if not _working(day, calendar) or local.time() >= closes:
        day = next_working_day(day, calendar)
    return max(at, datetime.combine(day, opens, SHANGHAI))


def next_opening(at: datetime, hours: Reminders, calendar: Calendar) -> datetime:
    """The first opening after the instant: when a digest goes out."""
    day, opens = at.astimezone(SHANGHAI).date(), time.fromisoformat(hours.office_hour)
    if _working(day, calendar) and at < (today := datetime.combine(day, opens, SHANGHAI)):
        return today
    return datetime.combine(next_working_day(day, calendar), opens, SHANGHAI)


def next_working_day(day: date, calendar: Calendar) -> date:
    """The working day after. A year nobody has announced may be guessed here: no right depends on it."""
    day += timedelta(days=1)
    while not _working(day, calendar):
        day += timedelta(days=1)
    return day


def working_day(day: date, calendar: Calendar) -> date:
    """The day itself, or the next working day after a day off."""
    return day if _working(day, calendar) else next_working_day(day, calendar)


def _working(day: date, calendar: Calendar) -> bool:
    return calendar.day(day, provisional=True).working
