"""换用规则: a running case goes on under another policy, by a leader's recorded act, and can come back the same way.

Only where nothing rests on the old rules yet: nobody has signed in this turn, nothing was scored, and every step that
the case has made exists under the new policy as well. The running deadline is counted anew from its own first day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from models import Decision, HistoryEntry, Policy
from workflow.engine import calendars, timers
from workflow.engine.clockwork import TURNS
from workflow.engine.plan import Effects
from workflow.rules.policy_reading import Difference, differences

if TYPE_CHECKING:
    from workflow.engine.facts import Facts
    from workflow.engine.machine import Compiled
    from workflow.rules.policy import PolicyRules

FROZEN = ("findings", "archive_version", "proposed_grade", "capped_from", "unrated", "eligibility", "verdict")
"""What an earlier turn froze under the old rules; the next proposal freezes it anew."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be different: the rules by their place in the file, the steps of each level, the running deadline."""

    rules: tuple[Difference, ...]
    steps: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    due: tuple[date, date] | None


def preview(facts: "Facts", new: "Compiled") -> Preview:
    old = facts.machine
    steps = ((level, old.steps.get(level, ()), new.steps.get(level, ())) for level in facts.levels)
    found = _deadline(facts, new) if facts.timer else None
    return Preview(
        rules=tuple(differences(old.rules, new.rules)),
        steps=tuple(one for one in steps if one[1] != one[2]),
        due=(facts.timer.due_on, found.due) if found else None,
    )


def misfit(facts: "Facts") -> str | None:
    """Why the case cannot go on under the other policy. A preview of the move names no policy yet."""
    if facts.preview:
        return None
    policy = _row(facts, facts.form["policy"])
    return why_not(facts, _target(facts, policy.checksum)) if policy else "policy_unknown"


def why_not(facts: "Facts", new: "Compiled") -> str | None:
    if new.rules.checksum == facts.rules.checksum:
        return "policy_same"
    if _signed(facts) or facts.sheets:
        return "policy_relied_on"
    if not covers(facts, new.rules):
        return "policy_not_for_this"
    if any(step not in {(row.name, row.source, row.to) for row in new.moves} for step in _made(facts)):
        return "policy_lacks_steps"
    if facts.timer is None:
        return None
    if any(facts.timer.rule.get(turn) for turn in TURNS) or facts.case["paused_at"]:
        return "policy_clock_turned"
    found = _deadline(facts, new)
    return "policy_deadline_over" if found is not None and found.instant <= facts.at else None


def changed(facts: "Facts") -> Effects:
    policy = _row(facts, facts.form["policy"])
    new = _target(facts, policy.checksum)
    kept = {name: None for name in FROZEN if facts.detail.get(name) is not None}
    effects = Effects(detail=kept, policy_id=policy.id)
    effects.note = {"policies": [facts.rules.title, new.rules.title], "checksum": policy.checksum}
    if facts.timer and (found := _deadline(facts, new)):
        effects.note |= {"from": facts.timer.due_on.isoformat(), "to": found.due.isoformat()}
        clock = timers.clock_of(new.state(facts.full_state))
        effects.timers = timers.of(facts, clock, found, calendars.current(facts.session))
    return effects


def covers(facts: "Facts", rules: "PolicyRules") -> bool:
    """A notice has no institution: it stays under the policy of the results that it shows."""
    if facts.case["institution_id"] is None or facts.case["machine"] not in rules.machines:
        return False
    codes = [facts.authorities[one].code for one in facts.line_up]
    return rules.covers(codes, facts.institution.kind, _year(facts))


def _year(facts: "Facts") -> int:
    return facts.round.year if facts.case["round_id"] else facts.today.year


def _row(facts: "Facts", checksum: str) -> Any:
    return facts.session.execute(select(Policy.id, Policy.checksum).where(Policy.checksum == checksum)).one_or_none()


def _target(facts: "Facts", checksum: str) -> "Compiled":
    from workflow.engine.load import compiled_by

    return compiled_by(facts.session, facts.case["machine"], checksum)


def _deadline(facts: "Facts", new: "Compiled") -> Any:
    """The running deadline under the new rules, from its own first day."""
    state = new.states.get(facts.full_state)
    if state is None or not state.due or state.due not in new.rules.content.deadlines:
        return None
    calendar = calendars.current(facts.session)
    return calendars.deadline(new.rules.deadline(state.due), facts.timer.started_on, calendar)


def _signed(facts: "Facts") -> bool:
    mine = (Decision.case_id == facts.id, Decision.turn == facts.case["turn"])
    return bool(facts.session.scalar(select(func.count()).select_from(Decision).where(*mine)))


def _made(facts: "Facts") -> Iterator[tuple[str, str, str]]:
    """Every step that the case has made, as machines name them."""
    entry = HistoryEntry
    columns = (entry.move, entry.from_state, entry.from_step, entry.to_state, entry.to_step)
    for move, *ends in facts.session.execute(select(*columns).where(entry.case_id == facts.id).distinct()):
        yield move, ".".join(filter(None, ends[:2])), ".".join(filter(None, ends[2:]))
