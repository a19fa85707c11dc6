"""公示条目: the rows by which a case of any machine goes through publicity, is held by an objection, and is confirmed.

The notice shows, prolongs and takes down (machines/publicity.py); an objection contests and settles
(machines/objection.py). A machine says how its result is shown by `MachineTable.publicity`, and adds these rows.
"""

from collections.abc import Callable

from models import PublicityEntry
from workflow.engine.facts import Facts
from workflow.engine.forms import OPINION
from workflow.engine.independence import INTERESTED
from workflow.engine.machine import Guard, Move, State
from workflow.engine.plan import Effects

Effect = Callable[[Facts], Effects]

# --- guards: a reason code, or None


def objection_open(facts: Facts) -> str | None:
    return "objection_open" if facts.open_children("objection", "re_review") else None


def has_interest(facts: Facts) -> str | None:
    """A formal act of the authority is no voice on the merits, but nobody makes it for an institution of their own."""
    reason = facts.barred.get(facts.actor.person_id or 0)
    return reason if reason in INTERESTED else None


# --- which row applies


def still_contested(facts: Facts) -> bool:
    return bool(facts.open_children("objection", beside=facts.form["by"]))


def removed(facts: Facts) -> bool:
    return facts.form["outcome"] == "removed"


def publicity_runs(facts: Facts) -> bool:
    return facts.entry is not None and facts.entry.closes_at > facts.at


# --- effects


def shown(facts: Facts) -> Effects:
    return Effects(due_from=facts.form["opens_on"], due_at=facts.form["closes_at"])


def contested(facts: Facts) -> Effects:
    return Effects(updates=[(PublicityEntry, {"id": facts.form["entry"]}, {"held": True})])


def cleared(facts: Facts) -> Effects:
    unsettled = {"subject_id": facts.id, "outcome": ""}
    return Effects(updates=[(PublicityEntry, unsettled, {"outcome": "cleared"})])


def settled(facts: Facts, effects: Effects | None = None) -> Effects:
    """What an answer does to the entry, beside what it does to the result itself (`effects`)."""
    effects, outcome, entry = effects or Effects(), facts.form["outcome"], facts.entry
    effects.note["outcome"] = outcome
    if entry is not None and entry.held and not still_contested(facts):
        weight = ("", "upheld", "amended", "removed")
        worst = max(entry.outcome, {"refused": "upheld"}.get(outcome, outcome), key=weight.index)
        effects.updates.append((PublicityEntry, {"id": entry.id}, {"held": False, "outcome": worst}))
        if facts.row.to == "in_publicity":
            effects.due_from, effects.due_at = facts.today, entry.closes_at
    return effects


# --- states and rows

STATES = (
    State("awaiting_publicity", owner="handler@publisher", due="publish"),
    State("in_publicity", due="publicity", on_lapse="clear", waits="publicity"),
    State("contested", waits="objection"),
    State("cleared", owner="leader@publisher", due="confirm"),
)


def rows(
    confirmed: Effect,
    to: str,
    *,
    settled: Effect = settled,
    unless: tuple[Guard, ...] = (),
    taken_down: str = "review",
    tells: tuple[str, ...] = ("next",),
    confirmed_to: tuple[str, ...] = ("institution", "home"),
) -> tuple[Move, ...]:
    """`confirmed`, `to`, `unless` and `confirmed_to`: see `confirmation`; `settled`: what an answer does to the result;
    `taken_down`: where a removed one goes, and whom that `tells`."""
    return (
        Move("show", "awaiting_publicity", "in_publicity", "system", effect=shown, tells=("institution",), basis="XC-13",
             public=True),
        Move("unlist", "in_publicity", "awaiting_publicity", "system", tells=("institution", "next")),
        Move("prolong", "in_publicity|contested", "stay", "system", effect=shown),
        Move("clear", "in_publicity", "cleared", "system", unless=(objection_open,), effect=cleared, tells=("next",),
             basis="XC-13", public=True),
        Move("contest", "in_publicity|contested|cleared", "contested", "system", effect=contested, public=True),
        Move("settle", "contested", "contested", "system", still_contested, effect=settled),
        Move("settle", "contested", taken_down, "system", removed, effect=settled, tells=tells, again=True),
        Move("settle", "contested", "in_publicity", "system", publicity_runs, effect=settled, tells=("institution",)),
        Move("settle", "contested", "cleared", "system", effect=settled, tells=("institution", "next")),
        confirmation(to, confirmed, unless=unless, tells=confirmed_to),
    )  # fmt: skip


def confirmation(
    to: str,
    confirmed: Effect,
    when: Callable[[Facts], bool] | None = None,
    *,
    unless: tuple[Guard, ...] = (),
    tells: tuple[str, ...] = ("institution", "home"),
) -> Move:
    """确定: where a cleared result goes by the leader's act, what that makes of it, and what more refuses it."""
    barring = (objection_open, has_interest, *unless)
    return Move("confirm", "cleared", to, "leader@publisher", when, barring, form=(OPINION,), effect=confirmed,
                tells=tells, basis="XC-13", public=True)  # fmt: skip
