"""Who is told, and through which channels: a message of the outbox becomes one dispatch per channel."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from models import Appointment, Case, Channel, Dispatch, Office, OutboxMessage, Preference, Task
from models.core import table_of
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.load import rules_of
from workflow.engine.permissions import in_force
from workflow.rules.office import next_opening

KIND_OF = {"work": "work", "reminder": "reminder", "overdue": "reminder", "news": "news"}
"""What a message is about, and the preference that covers it."""

_message, _dispatch, _task = table_of(OutboxMessage), table_of(Dispatch), table_of(Task)


def waiting(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(_message.c.status == "pending"))))


def route(session: Session, at: datetime, limit: int = 200) -> int:
    """Hand the oldest messages to their channels, in their order. Two that route wait for each other."""
    pending = select(_message).where(_message.c.status == "pending").order_by(_message.c.id).limit(limit)
    rows = session.execute(pending.with_for_update()).mappings().all()
    if not rows:
        return 0
    channels = session.scalars(select(Channel).where(Channel.active)).all()
    if channels:
        found = [_dispatch_of(session, row, *way, at) for row in rows for way in _ways(session, row, channels, at)]
        if found:
            session.execute(insert(_dispatch), found)
    session.execute(update(_message).where(_message.c.id.in_([row["id"] for row in rows])).values(status="routed"))
    return len(rows)


def still_matters(session: Session, message: Any, channel: Channel, at: datetime) -> bool:
    """Asked just before sending: nothing is sent about a task that is gone, or that a colleague has signed for."""
    if message["about"] == "news":
        return True
    open_ = _open(message)
    if message["about"] == "overdue":
        late = _task.c.due_at <= at
        return bool(session.scalar(select(exists().where(*open_, late))))
    owner = _owner(message)
    if channel.person_id is not None:
        owner = and_(owner, or_(_task.c.person_id.is_(None), _task.c.person_id == channel.person_id))
    turn = _task.c.seq == message["seq"] if message["about"] == "work" else _task.c.seq > 0
    return bool(session.scalar(select(exists().where(*open_, owner, turn))))


def _open(message: Any) -> tuple[ColumnElement[bool], ...]:
    """Open work of the message's case; where the message is about a follow-up, that alone."""
    found = (_task.c.case_id == message["case_id"], _task.c.closed_at.is_(None))
    about = message["payload"].get("task")
    return (*found, _task.c.purpose == about) if about else found


def _owner(message: Any) -> ColumnElement[bool]:
    if message["person_id"] is not None:
        return _task.c.person_id == message["person_id"]
    if message["institution_id"] is not None:
        return _task.c.institution_id == message["institution_id"]
    return and_(_task.c.authority_id == message["authority_id"], _task.c.role == message["role"])


def _ways(session: Session, message: Any, channels: Any, at: datetime) -> Iterator[tuple[Channel, str]]:
    people = _people(session, message, at)
    wishes = _wishes(session, people, KIND_OF[message["about"]])
    for channel in channels:
        if channel.person_id is not None:
            how = wishes.get(channel.person_id, "now") if channel.person_id in people else "inside"
            if how != "inside":
                yield channel, how
        elif _theirs(channel, message):
            yield channel, "now"


def _theirs(channel: Channel, message: Any) -> bool:
    """An authority's or institution's own channel takes what is told to it and names no single person."""
    if message["person_id"] is not None:
        return False
    if channel.institution_id is not None:
        return channel.institution_id == message["institution_id"]
    return channel.authority_id == message["authority_id"]


def _people(session: Session, message: Any, at: datetime) -> set[int]:
    if message["person_id"] is not None:
        return {message["person_id"]}
    holders = select(Appointment.person_id).where(in_force(legal_day(at)))
    if message["institution_id"] is not None:
        return set(session.scalars(holders.where(Appointment.institution_id == message["institution_id"])))
    post = Office.authority_id == message["authority_id"], Appointment.role == message["role"]
    holders = holders.join(Office, Office.id == Appointment.office_id).where(*post)
    if message["about"] in ("work", "reminder"):
        of_case = *_open(message), _owner(message)
        offices = or_(_task.c.office_kind == "", _task.c.office_kind == Office.kind)
        holders = holders.where(exists().where(*of_case, offices))
    return set(session.scalars(holders))


def _wishes(session: Session, people: set[int], kind: str) -> dict[int, str]:
    query = select(Preference.person_id, Preference.how).where(
        Preference.about == kind, Preference.person_id.in_(people)
    )
    return {row.person_id: row.how for row in session.execute(query)}


def _dispatch_of(session: Session, message: Any, channel: Channel, lane: str, at: datetime) -> dict[str, Any]:
    row = {"message_id": message["id"], "channel_id": channel.id, "lane": lane, "next_attempt_at": at}
    if lane == "digest":
        policy_id = session.execute(select(Case.policy_id).where(Case.id == message["case_id"])).scalar_one()
        row["next_attempt_at"] = next_opening(at, rules_of(session, policy_id).reminders, calendars.current(session))
    return row
