"""From a login to the actor it speaks for: one person under one post."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Appointment, User
from workflow.engine.permissions import Actor, actor_of, in_force
from workflow.engine.refusal import NotFound


def acting(session: Session, login: str, day: date, role: str = "") -> Actor:
    """The first post of a login on a day, or its post of one role. Raises NotFound for both lacks alike."""
    posts = (
        select(Appointment)
        .join(User, User.person_id == Appointment.person_id)
        .where(User.login == login, User.active, in_force(day))
        .order_by(Appointment.id)
    )
    post = session.scalars(posts.where(Appointment.role == role) if role else posts).first()
    if post is None:
        raise NotFound
    return actor_of(post)
