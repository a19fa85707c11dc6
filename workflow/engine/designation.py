"""指定办理: a step that nobody of its authority may take, given to a named person by the authority above."""

from typing import TYPE_CHECKING

from models import Incident
from workflow.engine.plan import Effects, TaskPlan

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

ASKED = "designate"


def not_asked_for(facts: "Facts") -> str | None:
    return None if any(task.purpose == ASKED for task in facts.tasks) else "designation_not_needed"


def candidate_barred(facts: "Facts") -> str | None:
    person = facts.form["person"]
    return None if person is None or facts.may_decide_here(person) else "candidate_barred"


def designation(facts: "Facts") -> Effects:
    """A task for the designated person in the role of the step; the incident ends with it."""
    pool = next(task for task in facts.tasks if task.purpose == "work")
    person = facts.form["person"]
    seat = TaskPlan(pool.role, pool.authority_id, pool.office_kind, person_id=person, designated=True)
    solved = {"closed_at": facts.at, "closed_by_id": facts.actor.person_id, "resolution": "designated"}
    waiting = {"case_id": facts.id, "kind": "nobody_eligible", "closed_at": None}
    return Effects(opens=[seat], ends=(ASKED,), updates=[(Incident, waiting, solved)], note={"designated": person})
