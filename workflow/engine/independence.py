"""Nobody decides on their own work, nor re-reviews what they decided: by person, through any door."""

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, literal, or_, select, union_all

from models import Appointment, Base, Case, Decision, Interest, ResponsiblePerson
from models.core import table_of

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

_CLOSE: tuple[tuple[type[Base], str], ...] = (
    (Appointment, "own_institution"),
    (ResponsiblePerson, "own_institution"),
    (Interest, "interest"),
)

REASONS = ("decided_original", "decided_other_step", "decided_already", "own_institution", "interest")


def barred(facts: "Facts", state: str, step: str, turn: int) -> dict[int, str]:
    """Persons who may not decide at a step of the case, with the reason key.

    `decided_original`: they decided in the case under objection or re-review; for a re-review, also in an objection.
    `decided_other_step`: they proposed or decided at another step of this case. `decided_already`: their voice on this
    step and turn is given. `own_institution`, `interest`: they belong to the institution or have a recorded reason to
    recuse themselves.
    """
    case = facts.case
    queries = [_decided(case["id"], "own")]
    if facts.machine.table.independent_of_parent:
        queries.append(_decided(case["parent_id"], "original"))
    if facts.machine.table.independent_of_siblings:
        queries.append(_decided_beside(case["parent_id"], case["id"], "original"))
    if institution := case["institution_id"]:
        queries += [_close_to(model, institution, facts.today, key) for model, key in _CLOSE]
    reasons: dict[int, str] = {}
    for row in facts.session.execute(union_all(*queries)):
        reason = _reason(row.source, here=(row.state, row.step) == (state, step), now=row.turn == turn)
        if reason:
            reasons[row.person_id] = reason
    return reasons


def _decided(case_id: int, source: str) -> Select[*tuple[Any, ...]]:
    table = table_of(Decision)
    source_column = literal(source).label("source")
    found = select(table.c.person_id, source_column, table.c.state, table.c.step, table.c.turn)
    return found.where(table.c.case_id == case_id)


def _decided_beside(parent_id: int, case_id: int, source: str) -> Select[*tuple[Any, ...]]:
    """Voices in the other cases about the same result."""
    table, other = table_of(Decision), table_of(Case)
    found = select(table.c.person_id, literal(source).label("source"), table.c.state, table.c.step, table.c.turn)
    found = found.join(other, other.c.id == table.c.case_id)
    return found.where(other.c.parent_id == parent_id, other.c.id != case_id)


def _close_to(model: type[Base], institution_id: int, day: date, reason: str) -> Select[*tuple[Any, ...]]:
    table = table_of(model)
    nowhere = (literal("").label("state"), literal("").label("step"), literal(0).label("turn"))
    holds = or_(table.c.valid_to.is_(None), table.c.valid_to >= day)
    here = (table.c.institution_id == institution_id, table.c.valid_from <= day, holds)
    return select(table.c.person_id, literal(reason).label("source"), *nowhere).where(*here)


def _reason(source: str, *, here: bool, now: bool) -> str:
    if source == "original":
        return "decided_original"
    if source == "own":
        return "decided_other_step" if not here else "decided_already" if now else ""
    return source
