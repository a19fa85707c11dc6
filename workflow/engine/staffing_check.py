"""Whether the people appointed suffice: every step of a case, its objection and its re-review, by other people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Appointment, Authority, Office
from workflow.engine.ladder import PANEL
from workflow.engine.permissions import in_force, subtree
from workflow.engine.tasks import DESK
from workflow.policies_in_force import line_of
from workflow.rules.policy import PolicyRules

Seat = tuple[str, str, tuple[str, ...]]
"""A voice that a case may need: what for, the role, and the kinds of office it may come from (none: any)."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Nobody is left for a seat; `above` would designate somebody, empty where there is nobody above."""

    authority: str
    seat: str
    above: str


def staffing(session: Session, rules: PolicyRules, on: date) -> list[Shortage]:
    """The seats in the policy's scope that nobody could take without deciding twice on one matter."""
    tops = session.scalars(select(Authority).where(Authority.code.in_(rules.content.scope.authorities))).all()
    names = {one.id: one.short_name for one in session.scalars(select(Authority))}
    needed: dict[int, dict[Seat, None]] = {}
    for top in tops:
        for managing in session.scalars(select(Authority.id).where(Authority.id.in_(subtree(top.id)))):
            for authority, seat in _seats(line_of(session, managing), top, rules):
                needed.setdefault(authority.id, {})[seat] = None
    found = []
    for authority_id, seats in sorted(needed.items()):
        above = session.get_one(Authority, authority_id).reports_to_id
        for seat in _unfilled(list(seats), _posts(session, authority_id, on)):
            found.append(Shortage(names[authority_id], seat, names.get(above or 0, "")))
    return found


def _seats(line: list[Authority], top: Authority, rules: PolicyRules) -> Iterator[tuple[Authority, Seat]]:
    """Every voice that one case of the first authority of the line may need."""
    if "evaluation" not in rules.machines:
        return
    publisher = top if rules.evaluation.publicity_by == "round" else line[0]
    for authority in _climbed(line, rules):
        yield from ((authority, seat) for seat in _voices("review", rules.steps(authority.level), rules))
    if "objection" in rules.machines:
        yield from ((publisher, seat) for seat in _voices("objection", rules.steps("objection"), rules))
    if "re_review" in rules.machines:
        above = next((one for one in line if one.id == publisher.reports_to_id), publisher)
        reviewer = above if rules.re_review.by == "above" else publisher
        yield from ((reviewer, seat) for seat in _voices("re_review", rules.steps("re_review"), rules))


def _climbed(line: list[Authority], rules: PolicyRules) -> list[Authority]:
    if rules.evaluation.ladder_to == "managing":
        return line[:1]
    levels = [one.level for one in line]
    return line[: levels.index(rules.evaluation.ladder_to) + 1] if rules.evaluation.ladder_to in levels else line


def _voices(what: str, steps: tuple[str, ...], rules: PolicyRules) -> Iterator[Seat]:
    for step in steps:
        if step != PANEL:
            yield f"{what}.{step}", step, (DESK,) if step in ("handler", "section_head") else ()
            continue
        members = {"all": len(rules.panel.offices), "any": 1, "quorum": rules.panel.quorum}[rules.panel.rule]
        yield from ((f"{what}.panel.{number}", "panel_member", rules.panel.offices) for number in range(1, members + 1))
        yield f"{what}.panel.leader", "leader", ()


def _posts(session: Session, authority_id: int, on: date) -> list[tuple[int, str, str]]:
    query = select(Appointment.person_id, Appointment.role, Office.kind).join(Office)
    query = query.where(Office.authority_id == authority_id, in_force(on)).order_by(Appointment.id)
    return [(row.person_id, row.role, row.kind) for row in session.execute(query)]


def _unfilled(seats: list[Seat], posts: list[tuple[int, str, str]]) -> list[str]:
    """Each person takes one seat at most: what a largest matching leaves empty."""
    able = {
        name: [person for person, has, office in posts if has == role and (not kinds or office in kinds)]
        for name, role, kinds in seats
    }
    taken: dict[int, str] = {}
    return [name for name in able if not _seated(name, able, taken, set())]


def _seated(name: str, able: Mapping[str, list[int]], taken: dict[int, str], tried: set[int]) -> bool:
    """Give the seat to somebody free, or to somebody whose own seat another can take (augmenting path)."""
    for person in able[name]:
        if person in tried:
            continue
        tried.add(person)
        if person not in taken or _seated(taken[person], able, taken, tried):
            taken[person] = name
            return True
    return False
