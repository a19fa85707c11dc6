"""The daily seal over all chain heads. Its witness file goes to the authority above, who can hold us to it later."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models import Case, HistoryEntry, Seal
from models.core import table_of
from workflow.clock import legal_day
from workflow.engine import history
from workflow.engine.plan import Row

OVERLAP = timedelta(days=1)
"""A seal looks this far back behind the one before, for acts that were still being written when that one was made."""


def make(session: Session, at: datetime, algorithm: str = "sha256") -> Row:
    """The witness of the day: its heads and root. Sealed once a day; asking again gives the same."""
    day = legal_day(at)
    known = session.scalars(select(Seal).where(Seal.day == day)).first()
    if known:
        return witness_of(known)
    before = session.scalars(select(Seal).order_by(Seal.day.desc())).first()
    seal = Seal(day=day, algorithm=algorithm, sealed_at=at, prev_root=before.root if before else "", root="")
    seal.heads = _heads(session, before.sealed_at - OVERLAP if before else None)
    seal.root = root(witness_of(seal))
    session.add(seal)
    session.flush()
    return witness_of(seal)


def witness_of(seal: Seal) -> Row:
    return {
        "format": "xinjie-witness/1",
        "day": seal.day.isoformat(),
        "algorithm": seal.algorithm,
        "prev_root": seal.prev_root,
        "heads": seal.heads,
        "root": seal.root,
    }


def against(session: Session, witness: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """What no longer agrees with a witness: (case number, key, seq). Keys: `root`, `gone`, `cut`, `replaced`."""
    if root(witness) != witness["root"]:
        yield "", "root", 0
    entry, case = table_of(HistoryEntry), table_of(Case)
    for head in witness["heads"]:
        found = session.scalar(select(case.c.id).where(case.c.number == head["case"]))
        here = and_(entry.c.case_id == found, entry.c.seq == head["seq"])
        now = session.scalar(select(entry.c.hash).where(here)) if found else None
        if found is None:
            yield head["case"], "gone", head["seq"]
        elif now is None:
            yield head["case"], "cut", head["seq"]
        elif now != head["hash"]:
            yield head["case"], "replaced", head["seq"]


def root(witness: Mapping[str, Any]) -> str:
    """H(previous root, day, then one line `case seq hash` per head, in order of case number)."""
    lines = [f"{head['case']} {head['seq']} {head['hash']}" for head in witness["heads"]]
    return history.digest(witness["algorithm"], "\n".join([witness["prev_root"], witness["day"], *lines]))


def _heads(session: Session, since: datetime | None) -> list[Row]:
    """The newest entry of every case that moved since then, in order of case number."""
    entry, case = table_of(HistoryEntry), table_of(Case)
    newest = select(entry.c.case_id, func.max(entry.c.seq).label("seq")).group_by(entry.c.case_id)
    if since:
        newest = newest.having(func.max(entry.c.at) > since)
    moved = newest.subquery()
    heads = (
        select(case.c.number, entry.c.seq, entry.c.hash)
        .join(moved, and_(moved.c.case_id == entry.c.case_id, moved.c.seq == entry.c.seq))
        .join(case, case.c.id == entry.c.case_id)
        .order_by(case.c.number)
    )
    return [{"case": row.number, "seq": row.seq, "hash": row.hash} for row in session.execute(heads)]
