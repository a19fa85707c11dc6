"""文书: issued under the next number of its authority, kind and year; one document may serve many cases."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import Authority, Delivery, Document
from workflow.clock import legal_day
from workflow.engine import history
from workflow.engine.plan import Issue, Row

if TYPE_CHECKING:
    from workflow.engine.plan import Plan

SIGNS = {
    "confirmation": "信确",
    "notification": "信告",
    "answer": "信复",
    "notice": "信示",
    "prior_notice": "信先",
    "repair": "信修",
}
"""The word in the document number by kind: 许人社信确〔2026〕1号."""


def issue(session: Session, wanted: Issue, plan: "Plan") -> tuple[int, str]:
    """The document's id and hash; issued now unless its cause has already issued it."""
    found = session.execute(select(Document.id, Document.hash).where(Document.cause == wanted.cause)).first()
    document_id, digest = found or _new(session, wanted, plan)
    if wanted.to is not None:
        row = {"document_id": document_id, "case_id": plan.case["id"], "institution_id": wanted.to}
        session.execute(insert(Delivery).values(issued_at=plan.at, **row))
    return document_id, digest


def _new(session: Session, wanted: Issue, plan: "Plan") -> tuple[int, str]:
    # The authority row is the lock under which its serials stay without gaps and without twins.
    authority = session.execute(
        select(Authority).where(Authority.id == plan.authority_id).with_for_update(key_share=True)
    ).scalar_one()
    day = legal_day(plan.at)
    scope = (Document.authority_id == authority.id, Document.kind == wanted.kind, Document.year == day.year)
    serial = (session.scalar(select(func.max(Document.serial)).where(*scope)) or 0) + 1
    row: Row = {
        "authority_id": authority.id,
        "case_id": plan.case["id"],
        "cause": wanted.cause,
        "kind": wanted.kind,
        "year": day.year,
        "serial": serial,
        "number": f"{_short(authority.short_name)}{SIGNS[wanted.kind]}〔{day.year}〕{serial}号",
        "title": wanted.title,
        "body": wanted.body,
        "signed_by_id": plan.actor.person_id,
        "issued_on": day,
        "issued_at": plan.at,
    }
    row["hash"] = hash_of(row)
    return session.execute(insert(Document).values(**row).returning(Document.id)).scalar_one(), row["hash"]


def _short(name: str) -> str:
    return name.removesuffix("局").removesuffix("厅")


def hash_of(row: Row) -> str:
    parts: list[Any] = [row["number"], row["title"], row["body"], row["issued_on"].isoformat(), row["signed_by_id"]]
    return history.digest("sha256", "\n".join(map(str, parts)))
