"""A day as somebody writes it: 2026-03-02, within the years that a case can be about, so that no period leaves time."""

from datetime import date

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def written_day(text: str) -> date:
    """Raises ValueError for what is no day, or one that nobody can mean."""
    day = date.fromisoformat(text.strip())
    if not EARLIEST <= day <= LATEST:
        raise ValueError(text)
    return day
