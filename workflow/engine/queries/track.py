"""办理进度 of a matter as the one who filed it may follow it: no official's name, nobody's identity."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Case, Document, Evaluation, HistoryEntry, Institution, Objection, PublicityEntry, Remark
from workflow.engine import calendars
from workflow.engine.decide import offered
from workflow.engine.facts import Facts
from workflow.engine.ladder import level_of, review_state
from workflow.engine.load import facts_of
from workflow.engine.permissions import Actor
from workflow.engine.queries.due import DaysLeft, days_left, running
from workflow.engine.queries.public import Paper, paper
from workflow.engine.refusal import NotFound


@dataclass(frozen=True, slots=True)
class Stop:
    """`stage` is a state, or `filed` or `review`; `at` is when it was left or, where the matter stands, reached."""

    stage: str
    state: Literal["done", "now", "ahead", "returned"]
    at: datetime | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Tracked:
    """`shown_grade` is what the entry showed when it was objected to. `asked`: what must be added, in the
    authority's words; None when nothing is asked."""

    case_id: int
    version: int
    number: str
    kind: str
    institution: str
    shown_grade: str | None
    authority: str
    ground: str
    statement: str
    received_at: datetime
    stops: tuple[Stop, ...]
    days: DaysLeft | None
    asked: str | None
    answer: Paper | None
    outcome: str | None


def by_receipt(session: Session, receipt_hash: str, actor: Actor, at: datetime) -> Tracked:
    """Raises NotFound for a code that was never given."""
    found = session.scalar(select(Objection).where(Objection.receipt_hash == receipt_hash))
    if found is None:
        raise NotFound
    return tracked(session, found, actor, at)


def tracked(session: Session, one: Objection, actor: Actor, at: datetime) -> Tracked:
    case = session.get_one(Case, one.case_id)
    timer = running(session, [case.id]).get(case.id)
    answer = session.get(Document, one.answer_id) if one.answer_id else None
    return Tracked(
        case_id=case.id,
        version=case.version,
        number=case.number,
        kind=one.kind,
        institution=session.get_one(Institution, case.institution_id).name,
        shown_grade=_shown_grade(session, one),
        authority=session.get_one(Authority, case.managing_authority_id).name,
        ground=one.ground,
        statement=one.statement,
        received_at=one.received_at,
        stops=_stops(session, case),
        days=days_left(timer, calendars.current(session), at) if timer and timer.state == case.state else None,
        asked=_asked(session, case.id, actor, at),
        answer=paper(session, answer) if answer else None,
        outcome=one.outcome,
    )


def _shown_grade(session: Session, one: Objection) -> str | None:
    if one.entry_id is not None:
        return session.get_one(PublicityEntry, one.entry_id).snapshot.get("grade")
    about = session.get(Evaluation, one.subject_id)
    return about.grade if about else None


def _asked(session: Session, case_id: int, actor: Actor, at: datetime) -> str | None:
    offers = offered(facts_of(session, case_id, actor, at))
    return last_remark(session, case_id, "ask_more") if any(o.move == "supply" and o.plan for o in offers) else None


def last_remark(session: Session, case_id: int, move: str) -> str:
    """The opinion of the newest such move: what an authority wrote to the other side."""
    query = select(Remark.text).join(
        HistoryEntry, (HistoryEntry.case_id == Remark.case_id) & (HistoryEntry.seq == Remark.seq)
    )
    said = query.where(Remark.case_id == case_id, HistoryEntry.move == move).order_by(Remark.seq.desc())
    return session.scalar(said.limit(1)) or ""


def _stops(session: Session, case: Case) -> tuple[Stop, ...]:
    here = _stage(case.state)
    route = ["acceptance", "refused"] if here == "refused" else ["acceptance", "review", "answered"]
    if here == "supplement":
        route.insert(1, "supplement")
    reached = {_stage(state): at for state, at in _arrivals(session, case.id).items()}
    state = "returned" if here == "supplement" else "now"
    return Stop("filed", "done", case.opened_at), *_along(route, here, reached, state, case.closed_at is not None)


def result_stops(session: Session, facts: Facts) -> tuple[Stop, ...]:
    """A result's way as its institution may follow it: authorities and days, no person and no opinion."""
    case = facts.case
    levels = {review_state(level): facts.authorities[facts.rung(level)].short_name for level in facts.levels}
    publisher = facts.authorities[facts.publisher_id].short_name
    shown = {"in_publicity": publisher, "cleared": publisher}
    places = {**levels, **shown, "effective": ""}
    if case["machine"] == "recommendation":
        places = _listed(facts, levels, publisher)
    reached = _arrivals(session, facts.id)
    if "application" in reached:
        places = {"application": "", **places}
    if "self_report" in reached:
        places = {"self_report": "", **places}
    route = list(places)
    here = _STANDS_AT.get(case["state"], case["state"])
    if case["state"] == "correction":
        here = next(iter(levels))
    if here not in route:
        here = next((state for state in reversed(route) if state in reached), route[0])
    state = "returned" if case["state"] == "correction" else "now"
    stops = _along(route, here, reached, state, case["state"] in _STANDING or bool(case["closed_at"]))
    return tuple(replace(stop, place=places[stop.stage]) for stop in stops)


ROUTES = {"repair": ("acceptance", "review", "in_publicity", "granted")}
"""The way of a case that goes well; a state beside it is shown where it stands."""


def case_stops(session: Session, case_id: int, machine: str, state: str) -> tuple[Stop, ...]:
    """The way of a case of another machine: what it has been through, where it stands, what is ahead."""
    reached = {_stage(one): at for one, at in _arrivals(session, case_id).items()}
    here, planned = _stage(state), ROUTES.get(machine, ())
    passed = [stage for stage in reached if stage != here]
    ahead = planned[planned.index(here) + 1 :] if here in planned else ()
    return _along([*passed, here, *(one for one in ahead if one not in passed)], here, reached, "now", False)


_STANDS_AT = {
    "awaiting_publicity": "in_publicity", "contested": "in_publicity", "expired": "effective",
    "reserve": "shortlisted", "revocation": "designated", "revoked": "designated",
}  # fmt: skip
_STANDING = ("effective", "expired", "designated", "revoked")


def _listed(facts: Facts, levels: dict[str, str], publisher: str) -> dict[str, str]:
    """A recommendation's list and publicity lie between two levels, or after the last one."""
    after = review_state(facts.level_after_publicity) if facts.level_after_publicity else ""
    names = list(levels)
    split = names.index(after) if after else len(names)
    first, then = ({name: levels[name] for name in part} for part in (names[:split], names[split:]))
    shown = dict.fromkeys(("shortlisted", "in_publicity", "cleared"), publisher)
    reported = {"reported": levels[names[-1]]} if then else {}
    return {**first, **shown, **then, **reported, "designated": ""}


def _arrivals(session: Session, case_id: int) -> dict[str, datetime]:
    """When the case last came to each state from another one."""
    entry = HistoryEntry
    moved = select(entry.to_state, entry.at).where(entry.case_id == case_id, entry.to_state != entry.from_state)
    return {row.to_state: row.at for row in session.execute(moved.order_by(entry.seq))}


def _along(route: list[str], here: str, reached: dict[str, datetime], now: Any, ended: bool) -> tuple[Stop, ...]:
    """A stage that is done is dated by the day it was left, which is the day the next one was reached. Ahead of what
    has ended there is nothing."""
    place, stops = route.index(here), []
    for number, stage in enumerate(route[: place + 1] if ended else route):
        state = "done" if number < place or (ended and number == place) else now if number == place else "ahead"
        following = route[number + 1] if number + 1 < len(route) else stage
        at = reached.get(following, reached.get(stage)) if state == "done" else reached.get(stage)
        stops.append(Stop(stage, state, at if state != "ahead" else None))
    return tuple(stops)


def _stage(state: str) -> str:
    return "review" if level_of(state) else state
