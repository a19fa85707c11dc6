"""What cases rest on and what came out of them: policies, material and documents are what they were."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Attachment, Document, HistoryEntry, Material, MaterialFile, Policy
from models.base import canonical
from models.core import table_of
from workflow.engine import documents
from workflow.engine.audit import BATCH, Breach
from workflow.engine.history import digest


def policies_are_what_was_released(session: Session) -> Iterator[Breach]:
    for row in session.execute(select(Policy.key, Policy.body, Policy.checksum)):
        if hashlib.sha256(row.body.encode()).hexdigest() != row.checksum:
            yield Breach("policy_changed", 0, row.key)


def material_is_what_was_handed_in(session: Session) -> Iterator[Breach]:
    """Recomputed from content and files, and held to the hash that stands in the chain."""
    files: dict[int, list[str]] = {}
    held = select(MaterialFile.material_id, Attachment.sha256).join(Attachment)
    for row in session.execute(held):
        files.setdefault(row.material_id, []).append(row.sha256)
    query = select(
        Material.id, Material.case_id, Material.kind, Material.version, Material.content, HistoryEntry.details
    )
    entry = (HistoryEntry.case_id == Material.case_id) & (HistoryEntry.seq == Material.version)
    for row in session.execute(query.outerjoin(HistoryEntry, entry).execution_options(yield_per=BATCH)):
        body = {"kind": row.kind, "content": row.content, "files": sorted(files.get(row.id, []))}
        if digest("sha256", canonical(body)) != (row.details or {}).get("material"):
            yield Breach("material_changed", row.case_id, f"{row.kind} {row.version}")


def documents_are_what_was_issued(session: Session) -> Iterator[Breach]:
    for row in session.execute(select(table_of(Document)).execution_options(yield_per=BATCH)).mappings():
        if documents.hash_of(dict(row)) != row["hash"]:
            yield Breach("document_changed", 0, row["number"])
