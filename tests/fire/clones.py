"""Many cases quickly: copies of a case that was really played, written in bulk as `act` would have written them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from models import Base, Case, HistoryEntry, Institution
from models.core import table_of
from tests.cast import COUNTY, World
from workflow.engine.history import link
from workflow.rules.credit_code import mint

Row = dict[str, Any]
BATCH = 2000


def clones(world: World, case_id: int, count: int) -> list[int]:
    """`count` more cases exactly like this one, each of an institution of its own; their ids."""
    with world.write() as session:
        institutions = _institutions(session, world, case_id, count)
        first = (session.scalar(select(func.max(Case.id))) or 0) + 1
        ids = range(first, first + count)
        of = dict(zip(ids, institutions, strict=True))
        chains = _chains(session, case_id, ids)
        _copy(session, table_of(Case), Case.id == case_id, ids, lambda row, new: _case(row, new, of[new], chains[new]))
        for table in Base.metadata.sorted_tables:
            if "case_id" in table.c and table.name not in ("delivery", "document"):
                _copy(
                    session, table, table.c.case_id == case_id, ids, lambda row, new: _row(row, case_id, new, of[new])
                )
        _fill(session, table_of(HistoryEntry), [entry for chain in chains.values() for entry in chain])
        if not world.database.is_sqlite:
            session.execute(
                select(func.setval("case_id_seq", ids[-1]), func.setval("institution_id_seq", institutions[-1]))
            )
    return list(ids)


def histories(world: World, case_id: int, count: int) -> None:
    """`count` more cases with nothing but what a verification reads: the case and its history."""
    with world.write() as session:
        first = (session.scalar(select(func.max(Case.id))) or 0) + 1
        ids, institution = range(first, first + count), session.get_one(Case, case_id).institution_id or 0
        chains = _chains(session, case_id, ids)
        _copy(
            session, table_of(Case), Case.id == case_id, ids, lambda row, new: _case(row, new, institution, chains[new])
        )
        _fill(session, table_of(HistoryEntry), [entry for chain in chains.values() for entry in chain])


def _institutions(session: Session, world: World, case_id: int, count: int) -> list[int]:
    like = session.get_one(Institution, session.get_one(Case, case_id).institution_id)
    first = (session.scalar(select(func.max(Institution.id))) or 0) + 1
    rows = [
        {
            "id": number,
            "credit_code": mint(f"91{COUNTY}", f"MB{number:06d}"),
            "name": f"魏都示例{number}人力资源有限公司",
            "managing_authority_id": like.managing_authority_id,
            "created_at": world.at,
            "archive_version": like.archive_version,
        }
        for number in range(first, first + count)
    ]
    session.execute(insert(table_of(Institution)), rows)
    return list(range(first, first + count))


def _copy(session: Session, table: Table, where: Any, ids: range, changed: Callable[[Row, int], Row]) -> None:
    if table is table_of(HistoryEntry):
        return
    originals = [dict(row) for row in session.execute(select(table).where(where)).mappings()]
    _fill(session, table, [changed(row, new) for new in ids for row in originals])


def _fill(session: Session, table: Table, rows: list[Row]) -> None:
    for start in range(0, len(rows), BATCH):
        session.execute(insert(table), rows[start : start + BATCH])


def _case(row: Row, new: int, institution: int, chain: list[Row]) -> Row:
    prefix = row["number"].rpartition("-")[0]
    named = {"id": new, "number": f"{prefix}-{new:05d}", "institution_id": institution}
    return {**row, **named, "head_hash": chain[-1]["hash"]}


def _row(row: Row, old: int, new: int, institution: int) -> Row:
    copied = {**row, "case_id": new}
    if "id" in copied:
        del copied["id"]
    if copied.get("institution_id") is not None:
        copied["institution_id"] = institution
    if "key" in copied:
        copied["key"] = copied["key"].replace(f"{old}:", f"{new}:", 1)
    return copied


def _chains(session: Session, case_id: int, ids: range) -> dict[int, list[Row]]:
    """The history of each copy, hashed anew: the case is part of every entry."""
    table = table_of(HistoryEntry)
    originals = session.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.seq)).mappings().all()
    chains: dict[int, list[Row]] = {new: [] for new in ids}
    for new, chain in chains.items():
        prev_hash = ""
        for original in originals:
            entry = {**original, "case_id": new, "prev_hash": prev_hash}
            del entry["id"]
            prev_hash = entry["hash"] = link(entry, prev_hash)
            chain.append(entry)
    return chains
