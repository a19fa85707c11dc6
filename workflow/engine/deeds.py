"""管理记录 as a chain: what was done around the cases, by whom, under which post. docs/audit.md documents the form.

Whoever changes persons, posts, accounts, calendars, policies or incidents records it in the same transaction.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from models import Deed
from models.base import canonical
from models.core import table_of
from workflow.engine.history import digest
from workflow.engine.permissions import Actor
from workflow.engine.plan import Row

CHAINED = ("seq", "at", "deed", "actor", "person_id", "appointment_id", "authority_id", "details", "algorithm")
BATCH = 500
_ONE_AT_A_TIME = 0x44454544
"""The lock under which PostgreSQL's processes take the next number; SQLite's have the write lock already."""


def record(session: Session, actor: Actor, at: datetime, deed: str, **details: int | str) -> None:
    """Add a deed to the chain. `details` name persons, accounts, offices and institutions by their ids."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    last = session.execute(select(Deed.seq, Deed.hash).order_by(Deed.seq.desc()).limit(1)).one_or_none()
    seq, prev_hash = last or (0, "")
    row: Row = {
        "seq": seq + 1,
        "at": at,
        "deed": deed,
        "actor": actor.kind,
        "person_id": actor.person_id,
        "appointment_id": actor.appointment_id,
        "authority_id": actor.authority_id,
        "details": details,
        "algorithm": session.info.get("algorithm", "sha256"),
        "prev_hash": prev_hash,
    }
    session.execute(insert(table_of(Deed)).values(**row, hash=link(row, prev_hash)))


def chained(row: Row) -> str:
    """The canonical text of a deed: the columns of CHAINED, the instant as UTC with microseconds."""
    body = {name: row[name] for name in CHAINED}
    at: datetime = body["at"]
    return canonical({**body, "at": at.astimezone(UTC).isoformat(timespec="microseconds")})


def link(row: Row, prev_hash: str) -> str:
    return digest(row["algorithm"], f"{prev_hash}\n{chained(row)}")


def size(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Deed)) or 0


def verify(
    session: Session, progress: Callable[[int], object] = lambda done: None, *, after: int = 0, most: int | None = None
) -> list[tuple[str, int]]:
    """Where the chain does not hold, as (key, seq): `deed_gap`, `deed_link`, `deed_hash`. Streams. `after` a deed it is
    a stretch of `most`, linked to the deed before it."""
    found: list[tuple[str, int]] = []
    prev_hash = session.scalar(select(Deed.hash).where(Deed.seq == after)) or ""
    query = select(table_of(Deed)).where(Deed.seq > after).order_by(Deed.seq).limit(most)
    rows = session.execute(query.execution_options(yield_per=BATCH))
    for count, row in enumerate(rows.mappings(), after + 1):
        wrong = {
            "deed_gap": row["seq"] != count,
            "deed_link": row["prev_hash"] != prev_hash,
            "deed_hash": link(dict(row), row["prev_hash"]) != row["hash"],
        }
        found += [(key, row["seq"]) for key, broken in wrong.items() if broken]
        prev_hash = row["hash"]
        progress(count)
    return found
