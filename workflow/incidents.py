"""异常: what a person must look at, and the two ways to end one: try the timer again, or say how it was settled."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Case, Incident, Timer
from models.core import affected
from workflow import calendar_watch, delivery
from workflow.engine import deeds
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound, Refused


def retry(session: Session, incident_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Try again at once what was given up. The incident ends; if it fails again, a new one is opened."""
    incident = _open(session, incident_id)
    if incident.channel_id is not None:
        if not delivery.retry(session, incident.channel_id, at):
            raise Refused("nothing_to_retry")
        _end(session, incident, "incident_retried", reason, actor, at)
        return
    parked = Timer.id == incident.timer_id, Timer.status == "parked"
    again = {"status": "armed", "fire_at": at, "attempts": 0, "ended_at": None}
    if not affected(session, update(Timer).where(*parked).values(**again)):
        raise Refused("nothing_to_retry")
    _end(session, incident, "incident_retried", reason, actor, at)


def close(session: Session, incident_id: int, resolution: str, actor: Actor, at: datetime) -> None:
    """End an incident that was settled elsewhere. One that a case still waits for cannot be closed away."""
    incident = _open(session, incident_id)
    if incident.timer_id and _parked(session, incident.timer_id):
        raise Refused("timer_still_parked")
    if incident.channel_id and delivery.dead(session, incident.channel_id):
        raise Refused("messages_waiting")
    if incident.kind == calendar_watch.MISSING:
        raise Refused("year_still_missing")
    if incident.kind == "nobody_eligible" and _still_open(session, incident.case_id):
        raise Refused("designation_still_needed")
    _end(session, incident, "incident_closed", resolution, actor, at)


def _open(session: Session, incident_id: int) -> Incident:
    found = session.scalar(select(Incident).where(Incident.id == incident_id, Incident.closed_at.is_(None)))
    if found is None:
        raise NotFound
    return found


def _parked(session: Session, timer_id: int) -> bool:
    return session.scalar(select(Timer.id).where(Timer.id == timer_id, Timer.status == "parked")) is not None


def _still_open(session: Session, case_id: int | None) -> bool:
    return session.scalar(select(Case.id).where(Case.id == case_id, Case.closed_at.is_(None))) is not None


def _end(session: Session, incident: Incident, deed: str, resolution: str, actor: Actor, at: datetime) -> None:
    ended = {"closed_at": at, "closed_by_id": actor.person_id, "resolution": resolution}
    session.execute(update(Incident).where(Incident.id == incident.id).values(**ended))
    deeds.record(session, actor, at, deed, incident=incident.id, kind=incident.kind)
