"""Who decided: once, at one step, and never on their own work."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from models import (
    Appointment,
    Case,
    Decision,
    HistoryEntry,
    Interest,
    ResponsiblePerson,
)
from workflow.clock import legal_day
from workflow.engine.audit import Breach


def decisions_are_in_the_history(session: Session) -> Iterator[Breach]:
    """One voice per person, step and turn, and each is an entry of the history."""
    columns = (Decision.case_id, Decision.state, Decision.step, Decision.turn, Decision.person_id)
    twice = select(*columns).group_by(*columns).having(func.count() > 1)
    yield from (Breach("decided_twice", row.case_id, str(row.person_id)) for row in session.execute(twice))
    entry = HistoryEntry
    same = (
        entry.case_id == Decision.case_id, entry.seq == Decision.seq, entry.move == Decision.voice,
        entry.person_id == Decision.person_id, entry.from_state == Decision.state, entry.from_step == Decision.step,
    )  # fmt: skip
    loose = select(Decision.case_id, Decision.seq).where(~exists().where(*same))
    yield from (Breach("decision_without_entry", row.case_id, f"#{row.seq}") for row in session.execute(loose))


def nobody_decided_at_two_steps(session: Session) -> Iterator[Breach]:
    seats = select(Decision.case_id, Decision.person_id, Decision.state, Decision.step).distinct().subquery()
    query = select(seats.c.case_id, seats.c.person_id).group_by(seats.c.case_id, seats.c.person_id)
    for row in session.execute(query.having(func.count() > 1)):
        yield Breach("decided_two_steps", row.case_id, str(row.person_id))


def nobody_reviewed_their_own_decision(session: Session) -> Iterator[Breach]:
    """No voice in an objection or re-review by somebody who had decided in the case it is about."""
    earlier = aliased(Decision)
    query = select(Decision.case_id, Decision.person_id).join(Case, Case.id == Decision.case_id)
    query = query.join(earlier, (earlier.case_id == Case.parent_id) & (earlier.person_id == Decision.person_id))
    query = query.where(Case.machine.in_(("objection", "re_review")), earlier.id < Decision.id).distinct()
    yield from (Breach("reviewed_own", row.case_id, str(row.person_id)) for row in session.execute(query))


def nobody_decided_for_their_institution(session: Session) -> Iterator[Breach]:
    for close in (Appointment, ResponsiblePerson, Interest):
        query = select(Decision.case_id, Decision.person_id, Decision.at, close.valid_from, close.valid_to)
        query = query.join(Case, Case.id == Decision.case_id)
        near = (close.person_id == Decision.person_id, close.institution_id == Case.institution_id)
        for row in session.execute(query.join(close, near[0] & near[1])):
            if row.valid_from <= legal_day(row.at) <= (row.valid_to or date.max):
                yield Breach("decided_for_own_institution", row.case_id, str(row.person_id))
