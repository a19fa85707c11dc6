"""Nobody decides on their own work, nor re-reviews what they decided: by person, through any door."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
)

from models import Appointment, ArchiveRecord, Base, Case, Decision, Interest, RepairRecord, ResponsiblePerson
from models.core import table_of, word
from models.ids import among

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

_CLOSE: tuple[tuple[type[Base], str], ...] = (
    (Appointment, "own_institution"),
    (ResponsiblePerson, "own_institution"),
    (Interest, "interest"),
)

INTERESTED = ("own_institution", "interest")
"""What bars also from a formal act, which is no voice on the merits."""

REASONS = ("made_finding", "decided_original", "decided_other_step", "decided_already", *INTERESTED)


def barred(facts: "Facts", state: str, step: str, turn: int) -> dict[int, str]:
    """Persons who may not decide at a step of the case, with the reason key.

    `made_finding`: they recorded, judged or classed a record that the repair is about.
    `decided_original`: they decided in the case under objection or re-review; for a re-review, also in an objection.
    `decided_other_step`: they proposed or decided at another step of this case. `decided_already`: their voice on this
    step and turn is given. `own_institution`, `interest`: they belong to the institution or have a recorded reason to
    recuse themselves.
    """
    reasons = dict.fromkeys(_finders(facts), "made_finding")
    return reasons | reasons_of(facts.ties, state, step, turn)


def reasons_of(ties: Iterable[Any], state: str, step: str, turn: int) -> dict[int, str]:
    """Who is barred by what they said, or by whom they are close to."""
    reasons: dict[int, str] = {}
    for row in ties:
        reason = _reason(row.source, here=(row.state, row.step) == (state, step), now=row.turn == turn)
        if reason:
            reasons[row.person_id] = reason
    return reasons


def _finders(facts: "Facts") -> set[int]:
    """Who recorded, judged or classed the records of a repair: other people verify and decide it."""
    if not facts.machine.table.independent_of_finders:
        return set()
    record, link = table_of(ArchiveRecord), table_of(RepairRecord)
    by = (record.c.recorded_by_id, record.c.judged_by_id, record.c.classed_by_id)
    query = select(*by).join(link, link.c.record_id == record.c.id).where(link.c.case_id == facts.id)
    return {person for row in facts.session.execute(query) for person in row if person is not None}


def ties(*, parent: bool, siblings: bool) -> CompoundSelect[Any]:
    """Asks for everybody who has spoken in this case or one about the same result, or is close to its institution."""
    case, decision = table_of(Case), table_of(Decision)
    parts = [_voices("own").where(decision.c.case_id == bindparam("case"))]
    if parent:
        parts.append(_voices("original").where(decision.c.case_id == bindparam("parent")))
    if siblings:
        beside = (case.c.parent_id == bindparam("parent"), case.c.id != bindparam("case"))
        parts.append(_voices("original").join(case, case.c.id == decision.c.case_id).where(*beside))
    own = [_close_to(model, reason).where(_of(model) == bindparam("institution")) for model, reason in _CLOSE]
    return union_all(*parts, *own)


def ties_in(*, parent: bool, siblings: bool) -> CompoundSelect[Any]:
    """The same asked for many cases (`ids`) of one machine, and of one `person`; `about` is the case."""
    case, other, decision = table_of(Case), table_of(Case).alias(), table_of(Decision)
    asked, mine = among(case.c.id, "ids"), decision.c.person_id == bindparam("person")
    parts = [_voices("own").join(case, case.c.id == decision.c.case_id).where(mine, among(decision.c.case_id, "ids"))]
    if parent:
        parts.append(_voices("original").join(case, case.c.parent_id == decision.c.case_id).where(mine))
    if siblings:
        beside = and_(case.c.parent_id == other.c.parent_id, case.c.id != other.c.id)
        said = _voices("original").join(other, other.c.id == decision.c.case_id)
        parts.append(said.join(case, beside).where(mine))
    for model, reason in _CLOSE:
        near = _close_to(model, reason).join(case, case.c.institution_id == _of(model))
        parts.append(near.where(table_of(model).c.person_id == bindparam("person")))
    return union_all(*(part.add_columns(case.c.id.label("about")).where(asked) for part in parts))


def _of(model: type[Base]) -> ColumnElement[int]:
    return table_of(model).c.institution_id


def _voices(source: str) -> Select[*tuple[Any, ...]]:
    table = table_of(Decision)
    here = (table.c.state, table.c.step, table.c.turn, table.c.voice)
    return select(table.c.person_id, word(source).label("source"), *here)


def _close_to(model: type[Base], reason: str) -> Select[*tuple[Any, ...]]:
    table = table_of(model)
    nowhere = (word("").label("state"), word("").label("step"), literal_column("0").label("turn"))
    nothing_said = word("").label("voice")
    day = bindparam("day", type_=Date())
    holds = or_(table.c.valid_to.is_(None), table.c.valid_to >= day)
    said = (word(reason).label("source"), *nowhere, nothing_said)
    return select(table.c.person_id, *said).where(table.c.valid_from <= day, holds)


def _reason(source: str, *, here: bool, now: bool) -> str:
    if source == "original":
        return "decided_original"
    if source == "own":
        return "decided_other_step" if not here else "decided_already" if now else ""
    return source
