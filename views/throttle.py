"""Counters of attempts, in the database so that every process sees them. A success gives its attempt back."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Throttle
from models.core import table_of


@dataclass(frozen=True)
class Limit:
    name: str
    most: int
    span: timedelta

    def key(self, *parts: str) -> str:
        """What was typed may be a password in the wrong box, so only its digest is kept."""
        return f"{self.name}:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def take(session: Session, limit: Limit, at: datetime, *parts: str) -> int:
    """Count one attempt. Gives 0 when it may go on, else the minutes to wait."""
    session.execute(delete(Throttle).where(Throttle.expires_at <= at))
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    counters = table_of(Throttle)
    first = dialect.insert(counters).values(key=limit.key(*parts), count=1, expires_at=at + limit.span)
    counted = first.on_conflict_do_update(index_elements=["key"], set_={"count": counters.c.count + 1})
    count, expires_at = session.execute(counted.returning(counters.c.count, counters.c.expires_at)).one()
    return 0 if count <= limit.most else max(1, ceil((expires_at - at).total_seconds() / 60))


def give_back(session: Session, limit: Limit, *parts: str) -> None:
    taken = Throttle.key == limit.key(*parts), Throttle.count > 0
    session.execute(update(Throttle).where(*taken).values(count=Throttle.count - 1))


def network(address: str) -> str:
    """One subscriber's addresses count as one: an IPv6 line owns a whole /64."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    return str(int(ip) >> 64) if isinstance(ip, IPv6Address) and not ip.ipv4_mapped else str(ip)
