"""登录记录: each coming in, each refusal, each wait and each leaving. A table of its own and no chain: those who log in
must not wait for one another; the database refuses to change or remove a row."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import LoginEvent, User

Event = Literal["entered", "failed", "held", "left"]


def note(session: Session, event: Event, user_id: int | None, address: str, at: datetime) -> None:
    session.execute(insert(LoginEvent).values(at=at, event=event, user_id=user_id, address=address))


def note_wait(session: Session, login: str, address: str, at: datetime, span: timedelta) -> None:
    """Once for an address and its time of waiting: whoever goes on trying does not fill the table."""
    known = (LoginEvent.event == "held", LoginEvent.address == address, LoginEvent.at > at - span)
    if session.scalar(select(LoginEvent.id).where(*known).limit(1)) is None:
        user_id = session.scalar(select(User.id).where(User.login == login))
        note(session, "held", user_id, address, at)
