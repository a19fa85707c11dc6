"""Nobody decides on their own work, nor re-reviews what they decided: by person, through any door."""

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, literal, or_, select, union_all

from models import Appointment, Base, Decision, Interest, ResponsiblePerson

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

_CLOSE: tuple[tuple[type[Base], str], ...] = (
    (Appointment, "own_institution"),
    (ResponsiblePerson, "own_institution"),
    (Interest, "interest"),
)


def barred(facts: "Facts", state: str, step: str, turn: int) -> dict[int, str]:
    """Persons who may not decide at a step of the case, with the reason key.

    `decided_original`: they decided in the case under objection or re-review. `decided_other_step`: they proposed or
    decided at another step of this case. `decided_already`: their voice on this step and turn is given.
    `own_institution`, `interest`: they belong to the institution or have a recorded reason to recuse themselves.
    """
    case = facts.case
    queries = [_decided(case["id"], "own")]
    if facts.machine.table.independent_of_parent:
        queries.append(_decided(case["parent_id"], "original"))
    if institution := case["institution_id"]:
        queries += [_close_to(model, institution, facts.today, key) for model, key in _CLOSE]
    reasons: dict[int, str] = {}
    for person_id, source, at_state, at_step, at_turn in facts.session.execute(union_all(*queries)):
        reason = _reason(source, here=(at_state, at_step) == (state, step), now=at_turn == turn)
        if reason:
            reasons[person_id] = reason
    return reasons


def _decided(case_id: int, source: str) -> Select[Any]:
    table = Decision.__table__
    columns = (table.c.person_id, literal(source).label("source"), table.c.state, table.c.step, table.c.turn)
    return select(*columns).where(table.c.case_id == case_id)


def _close_to(model: type[Base], institution_id: int, day: date, reason: str) -> Select[Any]:
    table = model.__table__
    columns = (table.c.person_id, literal(reason), literal(""), literal(""), literal(0))
    holds = or_(table.c.valid_to.is_(None), table.c.valid_to >= day)
    return select(*columns).where(table.c.institution_id == institution_id, table.c.valid_from <= day, holds)


def _reason(source: str, *, here: bool, now: bool) -> str:
    if source == "original":
        return "decided_original"
    if source == "own":
        return "decided_other_step" if not here else "decided_already" if now else ""
    return source
