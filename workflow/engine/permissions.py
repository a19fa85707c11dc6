"""Who acts, what they may see and which work is theirs: each rule written once, for a record and for a SQL filter."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import aliased

from models import Appointment, Authority, Case, Objection, Task
from models.core import word

OFFICIALS = frozenset({"handler", "section_head", "leader", "panel_member"})
WORKERS = OFFICIALS | {"expert"}
"""Whoever is given work in the inbox; an expert sees only what he is asked to score."""
KEEPERS = frozenset({"handler", "section_head"})
"""Who enters and judges facts, in the managing authority or one above it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting under an appointment, an outsider (objector, the public), or the system.

    `receipt` is the hash of the receipt code that an outsider showed: it proves who objected.
    """

    kind: Literal["person", "outsider", "system"]
    person_id: int | None = None
    appointment_id: int | None = None
    role: str = ""
    authority_id: int | None = None
    office_kind: str = ""
    institution_id: int | None = None
    name: str = ""
    receipt: str = ""


SYSTEM = Actor("system")
OUTSIDER = Actor("outsider")
_BLANKS = ("person_id", "role", "authority_id", "office_kind")


def anybody() -> Actor:
    """A person as the blanks of a statement that is built once for all; `filled` fills them in."""
    names: Any = {name: bindparam(f"my_{name}") for name in _BLANKS}
    return Actor("person", **names)


def filled(actor: Actor) -> dict[str, Any]:
    return {f"my_{name}": getattr(actor, name) for name in (*_BLANKS, "institution_id")}


def sort_of(actor: Actor) -> tuple[str, str, bool]:
    """What decides how a statement about an actor reads; the rest are values in it."""
    return actor.kind, actor.role, actor.institution_id is not None


def anybody_of(kind: Any, role: str, of_institution: bool) -> Actor:
    """Anybody of a sort, as blanks."""
    institution: Any = bindparam("my_institution_id") if of_institution else None
    return replace(anybody(), kind=kind, role=role, institution_id=institution)


def objector(receipt_hash: str) -> Actor:
    """The outsider who holds a receipt."""
    return Actor("outsider", receipt=receipt_hash)


def actor_of(appointment: Appointment) -> Actor:
    office = appointment.office
    return Actor(
        "person",
        person_id=appointment.person_id,
        appointment_id=appointment.id,
        role=appointment.role,
        authority_id=office.authority_id if office else None,
        office_kind=office.kind if office else "",
        institution_id=appointment.institution_id,
        name=appointment.person.name,
    )


def in_force(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Appointments that hold on a day, both ends included."""
    return and_(Appointment.valid_from <= day, or_(Appointment.valid_to.is_(None), Appointment.valid_to >= day))


def _is_none(value: Any) -> Any:
    return value.is_(None) if hasattr(value, "is_") else value is None


def owes(task: Any, actor: Actor) -> Any:
    """Whether the work is the actor's. `task` is a row (gives a bool) or the Task class (gives a SQL condition)."""
    if actor.kind != "person":
        return false() if task is Task else False
    if actor.institution_id is not None:
        return task.institution_id == actor.institution_id
    mine = task.person_id == actor.person_id
    return (mine & task.designated) | (post_matches(task, actor) & (mine | _is_none(task.person_id)))


def post_matches(task: Any, actor: Actor) -> Any:
    """Whether the work belongs to the actor's post, whoever has claimed it: what `my office` lists."""
    office = (task.office_kind == "") | (task.office_kind == actor.office_kind)
    return (task.authority_id == actor.authority_id) & (task.role == actor.role) & office


def subtree(authority_id: int | None) -> Select[tuple[int]]:
    """The authority and all that report to it, directly or not."""
    below = select(Authority.id).where(Authority.id == authority_id).cte(recursive=True)
    child = aliased(Authority)
    below = below.union(select(child.id).where(child.reports_to_id == below.c.id))
    return select(below.c.id)


def sees(actor: Actor) -> ColumnElement[bool]:
    """Cases the actor may see, as a condition on Case. An objection belongs to the authority that handles it:
    neither the institution it concerns nor a lower authority sees that it exists."""
    if actor.kind == "system":
        return Case.id.is_not(None)
    if actor.kind != "person":
        return false()
    if actor.institution_id is not None:
        own = select(Objection.case_id).where(Objection.by_institution_id == actor.institution_id)
        about = and_(*(Case.machine != word(machine) for machine in ("objection", "re_review")))
        return or_(and_(about, Case.institution_id == actor.institution_id), Case.id.in_(own))
    line, asked = of_line(actor)
    if actor.role == "expert":
        return asked
    return or_(line, asked) if actor.role in OFFICIALS else false()


def of_line(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Cases managed by an official's authority or one below it, and those that the person was designated for: few, so
    they are named once; asked of each case in turn they would cost as much as the list itself."""
    asked = select(Task.case_id).where(Task.person_id == actor.person_id, Task.designated)
    return Case.managing_authority_id.in_(subtree(actor.authority_id)), Case.id.in_(asked)
