"""One case as one file that can be checked without the system: docs/verifier/verify.py, docs/audit.md."""

import json
import os
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from models import Case, Delivery, Document, Evaluation, HistoryEntry, Material, Objection, Policy, Remark
from workflow.engine import history
from workflow.engine.plan import Row

FORMAT = "xinjie-audit/1"


def export_case(session: Session, case: Case, at: datetime) -> dict[str, Any]:
    """The whole file of a case: history with opinions, what was handed in and issued, the rules it ran under."""
    policy = session.get_one(Policy, case.policy_id)
    remarks = {one.seq: one for one in session.scalars(select(Remark).where(Remark.case_id == case.id))}
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.case_id == case.id).order_by(HistoryEntry.seq))
    return {
        "format": FORMAT,
        "exported_at": at.isoformat(),
        "case": {"id": case.id, "number": case.number, "machine": case.machine},
        "policy": {"key": policy.key, "checksum": policy.checksum, "body": policy.body},
        "entries": [_entry(one, remarks.get(one.seq)) for one in entries],
        "materials": _materials(session, case.id),
        "documents": _documents(session, case),
    }


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all, closed to other users: it may hold opinions and names."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        draft.write(text)
        draft.flush()
        os.fsync(draft.fileno())
    os.replace(draft.name, path)


def _entry(entry: HistoryEntry, remark: Remark | None) -> Row:
    """The chained text itself, so that the file says exactly what was hashed."""
    columns = {column.key: getattr(entry, column.key) for column in HistoryEntry.__mapper__.column_attrs}
    row: Row = {**json.loads(history.chained(columns)), "prev_hash": entry.prev_hash, "hash": entry.hash}
    if remark:
        row["remark"] = {"salt": remark.salt, "text": remark.text}
    return row


def _materials(session: Session, case_id: int) -> list[Row]:
    found = session.scalars(select(Material).where(Material.case_id == case_id).order_by(Material.version))
    return [
        {
            "kind": one.kind,
            "version": one.version,
            "content": one.content,
            "files": sorted(link.attachment.sha256 for link in one.files),
            "names": {link.attachment.sha256: link.attachment.name for link in one.files},
            "hash": one.hash,
        }
        for one in found
    ]


def _documents(session: Session, case: Case) -> list[Row]:
    cited = union(
        select(Delivery.document_id).where(Delivery.case_id == case.id),
        select(Evaluation.confirmation_id).where(Evaluation.case_id == case.id),
        select(Objection.answer_id).where(Objection.case_id == case.id),
    )
    query = select(Document).where(Document.id.in_(cited)).order_by(Document.id)
    return [
        {
            "number": one.number,
            "title": one.title,
            "body": one.body,
            "issued_on": one.issued_on.isoformat(),
            "signed_by_id": one.signed_by_id,
            "hash": one.hash,
        }
        for one in session.scalars(query)
    ]
