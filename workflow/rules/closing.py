"""届满时刻: the legal time zone, and the instant at which a last day is over (民法典 203, second paragraph)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = "24:00"


def closing_instant(due: date, closes: str) -> datetime:
    """The instant at which `due` closes, in UTC. 24:00 is the first instant that no longer belongs to the day."""
    if closes == MIDNIGHT:
        local = datetime.combine(due + timedelta(days=1), time.min, LEGAL_ZONE)
    else:
        local = datetime.combine(due, time.fromisoformat(closes), LEGAL_ZONE)
    return local.astimezone(UTC)


def is_hour(text: object) -> bool:
    """`09:00` to `24:00`, as a policy writes it."""
    if text == MIDNIGHT:
        return True
    try:
        return isinstance(text, str) and time.fromisoformat(text).strftime("%H:%M") == text
    except ValueError:
        return False
