"""The one port through which time enters. Read once per unit of work; bound everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from workflow.rules.closing import LEGAL_ZONE as SHANGHAI

Clock = Callable[[], datetime]


def legal_day(at: datetime) -> date:
    """The legal day (Asia/Shanghai) on which an instant falls."""
    return at.astimezone(SHANGHAI).date()


@dataclass
class HandClock:
    """A clock set by hand: tests, the demo's past, simulation."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def to(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("naive instant refused")
        self.at = at.astimezone(UTC)

    def to_local(self, day: date, hour: int = 9, minute: int = 0) -> None:
        self.to(datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI))

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


__all__ = ["SHANGHAI", "Clock", "HandClock", "legal_day"]
