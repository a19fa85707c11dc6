"""Whether the people appointed suffice: every step of a case, its objection and its re-review, by other people; and
every step of a recommendation, its list and the end of an honour; and a repair up to whoever made the finding.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models import Appointment, Authority, Office
from workflow.engine import quota
from workflow.engine.ladder import PANEL
from workflow.engine.permissions import KEEPERS, in_force, subtree
from workflow.engine.tasks import DESK
from workflow.policies_in_force import line_of
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_recommendation import Share

Seat = tuple[str, str, tuple[str, ...]]
"""A voice that a case may need: what for, the role, and the kinds of office it may come from (none: any)."""
FINDING: Seat = ("finding", "handler", ())
"""Who recorded, judged or classed the record of a repair: any keeper of the archive."""
Need = tuple[Authority, str, Seat]
"""Whose voice it is, and in which matter: within one matter nobody takes two seats."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Nobody is left for a seat of a matter; `above` would designate somebody, empty where there is nobody above."""

    authority: str
    machine: str
    seat: str
    role: str
    above: str


def staffing(session: Session, rules: PolicyRules, on: date) -> list[Shortage]:
    """The seats in the policy's scope that nobody could take without deciding twice on one matter."""
    tops = session.scalars(select(Authority).where(Authority.code.in_(rules.content.scope.authorities))).all()
    names = {one.id: one.short_name for one in session.scalars(select(Authority))}
    needed: dict[tuple[int, str], dict[Seat, None]] = {}
    for top in tops:
        standing = select(Authority.id).where(Authority.id.in_(subtree(top.id)), _stands(on))
        for managing in session.scalars(standing):
            line = line_of(session, managing)
            for authority, matter, seat in (
                *_evaluation(line, top, rules),
                *_recommendation(line, rules),
                *_repair(line, rules),
            ):
                needed.setdefault((authority.id, matter), {})[seat] = None
    found = []
    for (authority_id, matter), seats in sorted(needed.items()):
        above, roles = session.get_one(Authority, authority_id).reports_to_id, {name: role for name, role, _ in seats}
        machine = matter.partition(".")[0]
        for seat in _unfilled(list(seats), _posts(session, authority_id, on)):
            found.append(Shortage(names[authority_id], machine, seat, roles[seat], names.get(above or 0, "")))
    return found


def _stands(on: date) -> ColumnElement[bool]:
    return or_(Authority.valid_to.is_(None), Authority.valid_to >= on)


def _evaluation(line: list[Authority], top: Authority, rules: PolicyRules) -> Iterator[Need]:
    """Every voice that one evaluation of the first authority of the line may need, its objection and re-review too."""
    if "evaluation" in rules.machines:
        yield from ((authority, "evaluation", seat) for authority, seat in _seats(line, top, rules))


def _recommendation(line: list[Authority], rules: PolicyRules) -> Iterator[Need]:
    """What one candidate of the first authority of the line may need: the voices up the ladder; an objection; and, by
    whom nobody else is kept away, the list, a soft condition's second person and the end of the honour."""
    if "recommendation" not in rules.machines:
        return
    named = "recommendation"
    for place in _holders(line, rules):
        ladder, holder = quota.climbed(line, place, rules), line[place]
        for authority in ladder:
            yield from ((authority, named, seat) for seat in _voices("review", rules.steps(authority.level), rules))
        if "objection" in rules.machines:
            yield from ((holder, named, seat) for seat in _voices("objection", rules.steps("objection"), rules))
        yield from ((holder, f"{named}.list", (f"list.{role}", role, ())) for role in ("handler", "leader"))
        yield from ((ladder[-1], f"{named}.end", (f"revocation.{role}", role, ())) for role in ("handler", "leader"))
        if any(one.soft for one in rules.recommendation.conditions):
            yield ladder[0], f"{named}.override", ("override.leader", "leader", ())


def _repair(line: list[Authority], rules: PolicyRules) -> Iterator[Need]:
    """What one repair may need wherever in the line the finding was made: whoever made it, who keeps away; the voices
    up the ladder; and the other people who may rescind it. The first of the line receives the application."""
    if "repair" not in rules.machines:
        return
    for authority in line:
        yield authority, "repair", FINDING
        if authority is line[0]:
            yield authority, "repair", ("acceptance.section_head", "section_head", (DESK,))
        yield from ((authority, "repair", seat) for seat in _voices("review", rules.steps("repair"), rules))
        yield from ((authority, "repair", (f"rescission.{role}", role, ())) for role in ("handler", "leader"))


def _holders(line: list[Authority], rules: PolicyRules) -> set[int]:
    """Where in the line a quota may lie: the first that a table names, or the unit itself and the one that pools."""
    found = set[int]()
    for honour in rules.recommendation.honours.values():
        rule = honour.quota
        names = {line[0].code} if isinstance(rule, Share) else rule.seats.keys()
        place = next((number for number, one in enumerate(line) if one.code in names), None)
        found |= set() if place is None else {place}
        if isinstance(rule, Share):
            found |= {number for number, one in enumerate(line) if one.level == rule.pool_at}
    return found


def _seats(line: list[Authority], top: Authority, rules: PolicyRules) -> Iterator[tuple[Authority, Seat]]:
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
    able = {seat[0]: [person for person, has, office in posts if _fits(seat, has, office)] for seat in seats}
    taken: dict[int, str] = {}
    return [name for name in able if not _seated(name, able, taken, set())]


def _fits(seat: Seat, role: str, office: str) -> bool:
    _, wanted, kinds = seat
    return (role == wanted or (seat == FINDING and role in KEEPERS)) and (not kinds or office in kinds)


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
