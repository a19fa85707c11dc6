"""常用筛选: a person keeps filters of the inbox by name, for themselves alone."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from models import SavedFilter
from models.core import affected
from workflow.engine.forms import Field, checked
from workflow.engine.refusal import NotFound, Refused

MOST = 12
FIELDS = (Field("name", "text", longest=20),)


def of(session: Session, person_id: int) -> list[SavedFilter]:
    query = select(SavedFilter).where(SavedFilter.person_id == person_id)
    return list(session.scalars(query.order_by(SavedFilter.id)))


def save(session: Session, person_id: int, name: str, asked: Mapping[str, str], at: datetime) -> None:
    """A name that is taken names the new filter from now on."""
    clean = checked(FIELDS, {"name": name})["name"]
    known = (SavedFilter.person_id == person_id, SavedFilter.name == clean)
    if found := session.scalar(select(SavedFilter).where(*known)):
        found.asked = dict(asked)
        return
    whole = select(func.count()).select_from(SavedFilter).where(SavedFilter.person_id == person_id)
    if (session.scalar(whole) or 0) >= MOST:
        raise Refused("too_many_filters", most=MOST)
    session.execute(insert(SavedFilter).values(person_id=person_id, name=clean, asked=dict(asked), created_at=at))


def forget(session: Session, person_id: int, filter_id: int) -> None:
    mine = (SavedFilter.id == filter_id, SavedFilter.person_id == person_id)
    if not affected(session, delete(SavedFilter).where(*mine)):
        raise NotFound
