"""A person's wishes about messages. Inside the system every message is shown whatever they wish."""

from collections.abc import Mapping

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from models import Channel, Preference

KINDS = ("work", "reminder", "news")
WAYS = ("now", "digest", "inside")


def of(session: Session, person_id: int) -> dict[str, str]:
    """Every kind with its way; what was never said goes at once."""
    said = session.scalars(select(Preference).where(Preference.person_id == person_id))
    return dict.fromkeys(KINDS, WAYS[0]) | {one.about: one.how for one in said}


def save(session: Session, person_id: int, wished: Mapping[str, str]) -> None:
    """For what is told from now on; what is already on its way goes as it was meant to."""
    session.execute(delete(Preference).where(Preference.person_id == person_id))
    rows = [{"person_id": person_id, "about": about, "how": wished[about]} for about in KINDS]
    session.execute(insert(Preference), rows)


def has_channel(session: Session, person_id: int) -> bool:
    return bool(session.scalar(select(exists().where(Channel.person_id == person_id, Channel.active))))
