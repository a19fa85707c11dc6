"""暂存: an unfinished form, kept for whoever typed it until it is handed in, given up, or can be of no use any more."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Case, Draft, HistoryEntry, Policy
from models.core import affected, table_of
from workflow.engine.ladder import full
from workflow.engine.load import compiled_by
from workflow.engine.refusal import Refused

LONGEST = 60_000
"""Characters of one form in all: twenty-two lines with their notes, and a statement of ten thousand."""
KEPT = timedelta(days=90)


def of(session: Session, person_id: int, case_id: int, form: str) -> Draft | None:
    return session.get(Draft, (person_id, case_id, form))


def begun(session: Session, person_id: int) -> set[tuple[int, str]]:
    """Case and form of all that a person has left unfinished."""
    rows = session.execute(select(Draft.case_id, Draft.form).where(Draft.person_id == person_id))
    return {(case_id, form) for case_id, form in rows}


def moved_on(session: Session, draft: Draft) -> datetime | None:
    """When the case was last acted on since the page on which the draft was typed; None: not since."""
    since = select(func.max(HistoryEntry.at)).where(HistoryEntry.case_id == draft.case_id)
    return session.scalar(since.where(HistoryEntry.version > draft.seen_version))


def save(
    session: Session,
    person_id: int,
    case_id: int,
    form: str,
    typed: Mapping[str, str],
    seen_version: int,
    known: datetime | None,
    at: datetime,
) -> None:
    """`known`: when the draft was saved that the page started from, or has saved since. Another page's later one is not
    written over."""
    if sum(len(name) + len(text) for name, text in typed.items()) > LONGEST:
        raise Refused("draft_too_long", most=LONGEST)
    table = table_of(Draft)
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {"person_id": person_id, "case_id": case_id, "form": form}
    said = {"typed": dict(typed), "seen_version": seen_version, "saved_at": at}
    kept = dialect.insert(table).values(**row, **said)
    same = or_(table.c.saved_at == known, table.c.typed == kept.excluded.typed)
    written = kept.on_conflict_do_update(index_elements=list(row), set_=said, where=same)
    if session.scalar(written.returning(table.c.person_id)) is None:
        raise Refused("draft_newer")


def discard(session: Session, person_id: int, case_id: int, form: str) -> None:
    mine = (Draft.person_id == person_id, Draft.case_id == case_id, Draft.form == form)
    session.execute(delete(Draft).where(*mine))


def tidy(session: Session, at: datetime) -> int:
    """Drop what nobody came back to, and what was typed for a case that is closed or has left the state where it could
    be handed in; how many there were."""
    closed = select(Case.id).where(Case.closed_at.is_not(None))
    dropped = affected(session, delete(Draft).where(or_(Draft.saved_at < at - KEPT, Draft.case_id.in_(closed))))
    late = list(_late(session))
    for draft in late:
        discard(session, draft.person_id, draft.case_id, draft.form)
    return dropped + len(late)


def _late(session: Session) -> Iterator[Draft]:
    """A desk's entrance to another case (objection, re-review) is no move of the case that it is about, and stays."""
    query = select(Draft, Case.machine, Case.state, Case.step, Policy.checksum)
    query = query.join(Case, Case.id == Draft.case_id).join(Policy, Policy.id == Case.policy_id)
    for draft, key, state, step, checksum in session.execute(query):
        machine = compiled_by(session, key, checksum)
        typed = _moves(draft) & {row.name for row in machine.moves}
        if typed and typed.isdisjoint(machine.moves_from(full({"state": state, "step": step}))):
            yield draft


def _moves(draft: Draft) -> set[str]:
    """The boxes of a case's page are named after their moves."""
    return {draft.form} if draft.form else {name.partition("-")[0] for name in draft.typed if "-" in name}
