"""Proof of every act: each case's history recomputed from its columns, link by link, up to the case's own head."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import Case, HistoryEntry
from models.core import table_of
from workflow.engine import deeds
from workflow.engine.history import link
from workflow.engine.machine import NEW
from workflow.engine.plan import Row

BATCH = 500


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must never be: its stable key, the case it is in, and what was found there."""

    key: str
    case_id: int  # 0: in the record of administrative acts
    detail: str


def verify(
    session: Session, case_ids: Collection[int] | None = None, progress: Callable[[int], object] | None = None
) -> list[Breach]:
    """Breaches of the chains of the named cases; without names of all cases and of the record of administrative acts.
    `progress` is told how many entries are done.

    Streams, so that its memory does not grow with the history.
    """
    breaches = []
    entries, case = table_of(HistoryEntry), table_of(Case)
    query = select(
        entries,
        case.c.version.label("head_version"),
        case.c.state,
        case.c.step,
        case.c.turn.label("head_turn"),
        case.c.head_hash,
    )
    # Outer, so that entries whose case was removed are not passed over.
    query = query.outerjoin(case, case.c.id == entries.c.case_id).order_by(entries.c.case_id, entries.c.seq)
    rows = session.execute(_chosen(query, entries.c.case_id, case_ids).execution_options(yield_per=BATCH))
    done = 0
    for case_id, chain in groupby((row._asdict() for row in rows), key=itemgetter("case_id")):
        count, found = _chain(case_id, chain)
        breaches += found
        done += count
        if progress:
            progress(done)
    without = select(case.c.id).where(~select(entries.c.id).where(entries.c.case_id == case.c.id).exists())
    breaches += [Breach("chain_missing", one, "") for one in session.scalars(_chosen(without, case.c.id, case_ids))]
    if case_ids is None:
        breaches += [
            Breach(key, 0, f"#{seq}")
            for key, seq in deeds.verify(session, lambda one: progress and progress(done + one))
        ]
    return breaches


def size(session: Session) -> int:
    """How many entries a full verification reads."""
    entries = session.scalar(select(func.count()).select_from(HistoryEntry)) or 0
    return entries + deeds.size(session)


def _chosen(query: Select[Any], column: Any, case_ids: Collection[int] | None) -> Select[Any]:
    return query if case_ids is None else query.where(column.in_(case_ids))


def _chain(case_id: int, rows: Iterator[Row]) -> tuple[int, list[Breach]]:
    """The number of entries of one case, and where its chain or its fold does not hold."""
    found, count, prev_hash = [], 0, ""
    at: tuple[str, str] = (NEW, "")
    last: Row = {}
    for count, row in enumerate(rows, 1):
        wrong = {
            "chain_gap": row["seq"] != count or row["version"] != count,
            "chain_link": row["prev_hash"] != prev_hash,
            "chain_hash": link(row, prev_hash) != row["hash"],
            "chain_fold": (row["from_state"], row["from_step"]) != at,
        }
        found += [Breach(key, case_id, f"#{row['seq']} {row['move']}") for key, broken in wrong.items() if broken]
        prev_hash, at, last = row["hash"], (row["to_state"], row["to_step"]), row
    head = (last["state"], last["step"], last["head_turn"], last["head_version"], last["head_hash"])
    fold = (*at, last["turn"], count, prev_hash)
    if head != fold:
        found.append(Breach("chain_head", case_id, f"{head} != {fold}"))
    return count, found
