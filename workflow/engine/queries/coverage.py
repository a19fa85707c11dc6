"""诚信档案全覆盖: of the institutions in charge, how many have an entry in their archive, how many were checked within
the last year, and which have neither (SD-11, ZS-12, XC-09)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from models import Case, Institution, Material
from models.material import CHECK
from workflow.engine.permissions import Actor, subtree

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Coverage:
    """`whole`: institutions that have not closed; `recorded`: with an entry, voided ones included, which stay on file;
    `checked`: looked up or visited within the year; `bare`: with neither."""

    whole: int
    recorded: int
    checked: int
    bare: int


def coverage(session: Session, actor: Actor, at: datetime) -> Coverage:
    """Of the actor's authority and those below it. An institution's own row tells whether it has an entry, so that
    nothing is counted per institution."""
    kept = Institution.archive_version > 0
    whole = select(func.count(), func.count().filter(kept)).select_from(Institution).where(_in_charge(actor))
    seen = select(func.count(), func.count().filter(~kept)).select_from(Institution)
    seen = seen.where(_in_charge(actor), Institution.id.in_(_checked(at)))
    (all_, recorded), (checked, alone) = session.execute(whole).one(), session.execute(seen).one()
    return Coverage(all_, recorded, checked, all_ - recorded - alone)


def bare(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Institutions in charge with neither: asked of one after the other, as far as a page goes."""
    checked = _checked(at).where(Case.institution_id == Institution.id).correlate(Institution)
    return and_(_in_charge(actor), Institution.archive_version == 0, ~checked.exists())


def _in_charge(actor: Actor) -> ColumnElement[bool]:
    mine = Institution.managing_authority_id.in_(subtree(actor.authority_id))
    return and_(mine, Institution.closed_on.is_(None))


def _checked(at: datetime) -> Select[Any]:
    """By ix_material_check, which holds checks alone: what institutions hand in is never read."""
    found = select(Case.institution_id).join(Material, Material.case_id == Case.id)
    return found.where(CHECK, Material.submitted_at >= at - YEAR, Case.institution_id.is_not(None))
