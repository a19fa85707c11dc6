"""Who must recuse themselves from which cases of a list: engine/independence, asked for a whole page at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Policy
from models.ids import among
from models.prepared import Query
from workflow.clock import legal_day
from workflow.engine.independence import reasons_of, ties_in
from workflow.engine.load import facts_of, rules_by, table_named
from workflow.engine.machine import MachineTable, compiled
from workflow.engine.permissions import Actor

_STEPS = Query(
    select(Case.id.label("case_id"), *(Case.machine, Case.state, Case.step, Case.turn, Policy.checksum))
    .join(Policy, Policy.id == Case.policy_id)
    .where(among(Case.id, "ids"))
)


@cache
def _ties(parent: bool, siblings: bool) -> Query:
    return Query(ties_in(parent=parent, siblings=siblings))


def recusals(session: Session, case_ids: Sequence[int], actor: Actor, at: datetime) -> dict[int, str]:
    """The reason by case, for cases whose present step asks for a decision that the actor may not make."""
    return recusals_at(session, _STEPS.all(session, {"ids": case_ids}), actor, at)


def recusals_at(session: Session, steps: Iterable[Any], actor: Actor, at: datetime) -> dict[int, str]:
    """The same, of cases that have been read: case_id, machine, state, step, turn, and their policy's checksum."""
    found: dict[int, str] = {}
    for machine, rows in _deciding(session, steps).items():
        table = table_named(machine)
        if table.independent_of_finders:
            barred = {row.case_id: facts_of(session, row.case_id, actor, at).barred for row in rows}
        else:
            barred = _barred(session, table, rows, actor, at)
        found |= {
            case_id: persons[actor.person_id] for case_id, persons in barred.items() if actor.person_id in persons
        }
    return found


def _deciding(session: Session, steps: Iterable[Any]) -> dict[str, list[Any]]:
    """The cases at a step that decides, by their machine."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in steps:
        here = f"{row.state}.{row.step}" if row.step else row.state
        if here in compiled(table_named(row.machine), rules_by(session, row.checksum)).deciding:
            found[row.machine].append(row)
    return found


def _barred(
    session: Session, table: MachineTable, rows: list[Any], actor: Actor, at: datetime
) -> dict[int, dict[int, str]]:
    asked = {"ids": [row.case_id for row in rows], "person": actor.person_id, "day": legal_day(at)}
    ties = defaultdict(list)
    for tie in _ties(table.independent_of_parent, table.independent_of_siblings).all(session, asked):
        ties[tie.about].append(tie)
    return {row.case_id: reasons_of(ties[row.case_id], row.state, row.step, row.turn) for row in rows}
