"""The daily seal over all chain heads. Its witness file goes to the authority above, who can hold us to it later."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Case, Deed, HistoryEntry, Seal
from models.core import table_of
from workflow.clock import legal_day
from workflow.engine import history
from workflow.engine.export import write_whole
from workflow.engine.plan import Row

FORMAT = "xinjie-witness/1"
OVERLAP = timedelta(days=1)
"""A seal looks this far back behind the one before, for acts that were still being written when that one was made."""


DEEDS = "deeds"
"""In place of a case's number: the record of administrative acts, whose head every seal covers too."""


class WitnessDiffers(Exception):
    """A witness of the same day stands in the folder and says otherwise: it is evidence, and is left as it is."""


def make(session: Session, at: datetime) -> Row:
    """The witness of the day: its heads and root. Sealed once a day; asking again gives the same."""
    day = legal_day(at)
    if known := made(session, day):
        return known
    before = session.scalars(select(Seal).order_by(Seal.day.desc()).limit(1)).first()
    algorithm = session.info.get("algorithm", "sha256")
    seal = Seal(day=day, algorithm=algorithm, sealed_at=at, prev_root=before.root if before else "")
    seal.heads = _heads(session, before.sealed_at - OVERLAP if before else None)
    seal.root = root(witness_of(seal))
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {name: getattr(seal, name) for name in ("day", "heads", "algorithm", "root", "prev_root", "sealed_at")}
    # Of two schedulers that seal the same day, the second waits here and then gives what the first has sealed.
    session.execute(dialect.insert(table_of(Seal)).values(row).on_conflict_do_nothing())
    return made(session, day) or witness_of(seal)


def made(session: Session, day: date) -> Row | None:
    """The witness of a day that is sealed already."""
    known = session.scalars(select(Seal).where(Seal.day == day)).first()
    return witness_of(known) if known else None


def keep(witness: Mapping[str, Any], folder: Path) -> Path:
    """Write the witness file into a folder, whole or not at all. One that is there already is never written over."""
    path = folder / f"witness-{witness['day']}.json"
    text = json.dumps(witness, ensure_ascii=False, indent=1) + "\n"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, text)
    elif path.read_text(encoding="utf-8") != text:
        raise WitnessDiffers(path)
    return path


def read(path: Path) -> Row:
    """A witness file. Raises ValueError for any other file."""
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"no {FORMAT}")
    shape = {"case": str, "seq": int, "hash": str}
    heads = found.get("heads")
    whole = isinstance(heads, list) and all(
        isinstance(head, dict) and all(isinstance(head.get(name), kind) for name, kind in shape.items())
        for head in heads
    )
    named = all(isinstance(found.get(name), str) for name in ("day", "algorithm", "prev_root", "root"))
    if not whole or not named or found["algorithm"] not in history.ALGORITHMS:
        raise ValueError("incomplete")
    return found


def witness_of(seal: Seal) -> Row:
    return {
        "format": FORMAT,
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
        here = and_(entry.c.case_id == case.c.id, entry.c.seq == head["seq"])
        now = select(entry.c.hash).select_from(case.outerjoin(entry, here)).where(case.c.number == head["case"])
        if head["case"] == DEEDS:
            now = select(Deed.hash).where(Deed.seq == head["seq"])
        found = session.execute(now).one_or_none()
        if found is None:
            yield head["case"], "gone", head["seq"]
        elif found.hash is None:
            yield head["case"], "cut", head["seq"]
        elif found.hash != head["hash"]:
            yield head["case"], "replaced", head["seq"]


def root(witness: Mapping[str, Any]) -> str:
    """H(previous root, day, then one line `case seq hash` per head, in order of case number)."""
    lines = [f"{head['case']} {head['seq']} {head['hash']}" for head in witness["heads"]]
    return history.digest(witness["algorithm"], "\n".join([witness["prev_root"], witness["day"], *lines]))


def _heads(session: Session, since: datetime | None) -> list[Row]:
    """The newest entry of every case that moved since then, in order of case number; then the newest deed."""
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
    found = [{"case": row.number, "seq": row.seq, "hash": row.hash} for row in session.execute(heads)]
    deed = session.execute(select(Deed.seq, Deed.hash).order_by(Deed.seq.desc()).limit(1)).one_or_none()
    return found + ([{"case": DEEDS, "seq": deed.seq, "hash": deed.hash}] if deed else [])
