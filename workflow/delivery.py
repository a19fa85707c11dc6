"""发送: dispatches leave the house, at least once, in order per channel, and no channel waits for another.

A lane (one channel, at once or digest) is emptied by one thread: claim by lease, send outside any transaction, write
the end where the lease still holds. What fails stays first in its lane and is tried again after a growing pause.
"""

import logging
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from models import Channel, Dispatch, Incident, OutboxMessage
from models.core import affected, table_of
from models.database import Database
from workflow import addressees, letters
from workflow.channels import Letter, Send
from workflow.clock import Clock
from workflow.engine import calendars
from workflow.engine.load import rules_of
from workflow.rules.office import open_at

log = logging.getLogger(__name__)

TRIES = 16
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
LEASE = timedelta(minutes=5)
THREADS = 8
Lane = tuple[int, str]

_dispatch, _message, _incident = table_of(Dispatch), table_of(OutboxMessage), table_of(Incident)
_pending = _dispatch.c.status == "pending"


@dataclass(frozen=True, slots=True)
class Claim:
    channel_id: int
    token: str
    letter: Letter


def due_lanes(session: Session, at: datetime) -> list[Lane]:
    """Lanes whose first dispatch may go now, the longest waiting first."""
    first = select(func.min(_dispatch.c.message_id).label("message_id"), _dispatch.c.channel_id, _dispatch.c.lane)
    first = first.join(Channel, Channel.id == _dispatch.c.channel_id).where(_pending, Channel.active)
    heads = first.group_by(_dispatch.c.channel_id, _dispatch.c.lane).subquery()
    same = (heads.c.message_id == _dispatch.c.message_id) & (heads.c.channel_id == _dispatch.c.channel_id)
    query = select(_dispatch.c.channel_id, _dispatch.c.lane).join(heads, same).where(_free(at))
    return [(row.channel_id, row.lane) for row in session.execute(query.order_by(_dispatch.c.next_attempt_at))]


def claim(session: Session, lane: Lane, at: datetime, text: letters.Text) -> Claim | None:
    """Lease what is first in the lane. None when nothing may go, or another node is at this channel."""
    held = select(Channel).where(Channel.id == lane[0], Channel.active).with_for_update(skip_locked=True)
    channel = session.scalar(held)
    while channel and (head := _head(session, lane, at)):
        known = letters.messages(session, [head.message_id])[0]
        hours = rules_of(session, known["policy_id"]).reminders
        opens = open_at(at, hours, calendars.current(session))
        if opens > at:
            session.execute(update(_dispatch).where(_dispatch.c.id == head.id).values(next_attempt_at=opens))
            return None
        batch = _batch(session, lane, head, at)
        if rows := _alive(session, batch, channel, at):
            return _lease(session, channel, head, rows, at, text)
    return None


def finish(session: Session, claimed: Claim, sent: bool, at: datetime) -> bool:
    """Write how it went. False, and nothing is written, when the lease was lost meanwhile."""
    session.execute(select(Channel.id).where(Channel.id == claimed.channel_id).with_for_update())
    mine = (_pending, _dispatch.c.leased_by == claimed.token)
    free: dict[str, Any] = {"leased_by": None, "lease_until": None}
    if sent:
        return affected(session, update(_dispatch).where(*mine).values(status="sent", ended_at=at, **free)) > 0
    attempts = session.scalar(select(func.max(_dispatch.c.attempts)).where(*mine))
    if attempts is None:
        return False
    broken = _broken(session, claimed.channel_id)
    # A channel that has been given up gets one try per message until an administrator has it retried.
    if attempts >= (1 if broken else TRIES):
        session.execute(update(_dispatch).where(*mine).values(status="dead", ended_at=at, **free))
        if not broken:
            _open_incident(session, claimed.channel_id, at)
    else:
        later = at + min(PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        session.execute(update(_dispatch).where(*mine).values(next_attempt_at=later, **free))
    return True


def retry(session: Session, channel_id: int, at: datetime) -> int:
    """Every dead letter of a channel goes again, in its old place; how many there are."""
    dead = (_dispatch.c.channel_id == channel_id, _dispatch.c.status == "dead")
    again = {"status": "pending", "attempts": 0, "next_attempt_at": at, "ended_at": None}
    return affected(session, update(_dispatch).where(*dead).values(**again))


def dead(session: Session, channel_id: int) -> bool:
    """Whether dead letters wait for a channel that is still in use."""
    given_up = exists().where(_dispatch.c.channel_id == channel_id, _dispatch.c.status == "dead")
    return bool(session.scalar(select(Channel.id).where(Channel.id == channel_id, Channel.active, given_up)))


class Postman:
    """Routes and sends beside the sweep. `tick` returns at once; a slow receiver keeps one thread and nobody else."""

    def __init__(
        self, database: Database, clock: Clock, text: letters.Text, send: Send, threads: int = THREADS
    ) -> None:
        self.database, self.clock, self.text, self.send = database, clock, text, send
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="post")
        self._busy: dict[Lane, Future[None]] = {}
        self._lock = Lock()

    def tick(self) -> None:
        self._route()
        with self.database.read() as session:
            lanes = due_lanes(session, self.clock())
        with self._lock:
            for lane in lanes:
                if lane not in self._busy or self._busy[lane].done():
                    self._busy[lane] = self._pool.submit(self._empty, lane)

    def settle(self) -> None:
        """Route and send all that may go now, and wait for it."""
        self.tick()
        wait(self._busy.values())

    def close(self) -> None:
        """Stop after the letters now on their way; a lease that is left over runs out by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _route(self) -> None:
        with self.database.read() as session:
            some = addressees.waiting(session)
        while some:
            with self.database.write() as session:
                some = addressees.route(session, self.clock()) > 0

    def _empty(self, lane: Lane) -> None:
        try:
            while self._one(lane):
                pass
        except Exception:  # whatever is wrong with one lane must not stop the others; its lease runs out
            log.exception("channel %s, lane %s", *lane)

    def _one(self, lane: Lane) -> bool:
        at = self.clock()
        with self.database.write() as session:
            claimed = claim(session, lane, at, self.text)
        if claimed is None:
            return False
        sent, at = self.send(claimed.letter), self.clock()
        with self.database.write() as session:
            return finish(session, claimed, sent, at) and sent


def _free(at: datetime) -> Any:
    unleased = or_(_dispatch.c.lease_until.is_(None), _dispatch.c.lease_until <= at)
    return (_dispatch.c.next_attempt_at <= at) & unleased


def _head(session: Session, lane: Lane, at: datetime) -> Any:
    """The first that waits in the lane, if it may go now; those behind it wait for it."""
    in_lane = (_pending, _dispatch.c.channel_id == lane[0], _dispatch.c.lane == lane[1])
    query = select(_dispatch, _free(at).label("free")).where(*in_lane).order_by(_dispatch.c.message_id).limit(1)
    head = session.execute(query).first()
    return head if head and head.free else None


def _batch(session: Session, lane: Lane, head: Any, at: datetime) -> list[int]:
    """The dispatches that go as one letter: itself alone, or a digest, which a retry does not gather anew."""
    if lane[1] == "now":
        return [head.id]
    name = head.batch or f"digest-{head.id}"
    in_lane = (_pending, _dispatch.c.channel_id == lane[0], _dispatch.c.lane == lane[1])
    if head.batch is None:
        ready = (*in_lane, _dispatch.c.batch.is_(None), _dispatch.c.next_attempt_at <= at)
        session.execute(update(_dispatch).where(*ready).values(batch=name))
    return list(session.scalars(select(_dispatch.c.id).where(*in_lane, _dispatch.c.batch == name)))


def _alive(session: Session, batch: Sequence[int], channel: Channel, at: datetime) -> dict[int, Any]:
    """Those of the batch that still matter, by dispatch; the others end here."""
    pairs = session.execute(select(_dispatch.c.message_id, _dispatch.c.id).where(_dispatch.c.id.in_(batch)))
    of_message = {row.message_id: row.id for row in pairs}
    found, gone = dict[int, Any](), list[int]()
    for row in letters.messages(session, list(of_message)):
        if addressees.still_matters(session, row, channel, at):
            found[of_message[row["id"]]] = row
        else:
            gone.append(of_message[row["id"]])
    if gone:
        session.execute(update(_dispatch).where(_dispatch.c.id.in_(gone)).values(status="gone", ended_at=at))
    return found


def _lease(
    session: Session, channel: Channel, head: Any, rows: dict[int, Any], at: datetime, text: letters.Text
) -> Claim:
    token = uuid.uuid4().hex
    leased = {"leased_by": token, "lease_until": at + LEASE, "attempts": _dispatch.c.attempts + 1}
    session.execute(update(_dispatch).where(_dispatch.c.id.in_(rows)).values(**leased))
    written = list(rows.values())
    title, body = letters.letter(session, written, text, letters.language_of(session, channel))
    first = head.batch or f"digest-{head.id}" if head.lane == "digest" else written[0]["key"]
    return Claim(channel.id, token, Letter(channel.url, f"{first}@{channel.id}", title, body))


def _broken(session: Session, channel_id: int) -> bool:
    known = (_incident.c.channel_id == channel_id, _incident.c.closed_at.is_(None))
    return bool(session.scalar(select(exists().where(*known))))


def _open_incident(session: Session, channel_id: int, at: datetime) -> None:
    channel = session.get_one(Channel, channel_id)
    row = {"kind": "channel_dead", "channel_id": channel_id, "subject": f"channel {channel_id}", "opened_at": at}
    session.execute(insert(Incident).values(authority_id=channel.authority_id, detail=channel.name, **row))
