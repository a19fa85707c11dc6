"""Machine checks: what is wrong with a machine under a policy, found before a case can run into it."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from models.people import ROLES
from workflow.engine import outbox, sources
from workflow.engine.facts import Facts
from workflow.engine.machine import NEW, Compiled, MachineTable, Move, State
from workflow.engine.timers import CHOSEN
from workflow.rules.policy import PolicyRules

PARTIES = ("institution", "objector")
PLACES = ("level", "home", "publisher", "round", "above")
ANYBODY = ("system", "public", *PARTIES, "owner", "task", "keeper", "panel_member", "panel_leader")
STEP_ROLES = ("panel", *ROLES)


@dataclass(frozen=True, slots=True)
class Fault:
    """`key` is stable; `where` is the state, the move or the policy key; `detail` names what was found there."""

    key: str
    where: str
    detail: str = ""


class _PolicyOnly:
    """A case nobody knows anything about but its policy: asks a row's `when` whether the policy rules it out."""

    def __init__(self, rules: PolicyRules) -> None:
        self.rules = rules


def faults(table: MachineTable, rules: PolicyRules) -> list[Fault]:
    """Everything wrong with one machine under one policy, but for texts (`missing_texts`) and unused periods."""
    try:
        machine = Compiled(table, rules)
    except ValueError as error:
        return [Fault("machine_invalid", table.key, str(error))]
    ours = reachable(machine)
    found = [*_rows(machine), *_reach(machine)]
    for full in ours:
        found += _state(machine, machine.states[full])
    return found


def reachable(machine: Compiled, *, whatever_the_policy: bool = False) -> set[str]:
    """States that a case can come to from its opening; a row that the policy alone rules out leads nowhere."""
    rows = [row for row in machine.moves if whatever_the_policy or not _ruled_out(row, machine.rules)]
    seen, waiting = set[str](), [NEW]
    while waiting:
        here = waiting.pop()
        news = {row.to for row in rows if row.source == here and row.to in machine.states} - seen
        seen |= news
        waiting += sorted(news)
    return seen


def _ruled_out(row: Move, rules: PolicyRules) -> bool:
    if row.when is None:
        return False
    try:
        return not row.when(cast(Facts, _PolicyOnly(rules)))
    except AttributeError:
        return False  # it asks for more than the policy, so it depends on the case


def _reach(machine: Compiled) -> Iterator[Fault]:
    """Every state can be reached, and from every one that is not final a final one can be."""
    known = reachable(machine, whatever_the_policy=True)
    yield from (Fault("unreachable", full) for full in machine.states if full not in known)
    ends = {full for full, state in machine.states.items() if state.kind == "final"}
    while before := {row.source for row in machine.moves if row.to in ends} - ends:
        ends |= before
    yield from (Fault("dead_end", full) for full in machine.states if full not in ends)


def _rows(machine: Compiled) -> Iterator[Fault]:
    for row in machine.moves:
        where = f"{row.source} {row.name}"
        if row.to not in machine.states:
            yield Fault("state_unknown", where, row.to)
        elif row.source in machine.states and machine.states[row.source].kind == "final" and row.to != row.source:
            yield Fault("final_left", where, row.to)
        if row.basis and row.basis not in machine.rules.content.clauses:
            yield Fault("clause_unknown", where, row.basis)
        if row.by not in ANYBODY and not _post(row.by):
            yield Fault("actor_unknown", where, row.by)


def _post(owner: str) -> bool:
    role, _, place = owner.partition("@")
    return role in STEP_ROLES and place in PLACES


def _state(machine: Compiled, state: State) -> Iterator[Fault]:
    if state.kind == "active" and not (state.owner or state.waits or (state.due and state.on_lapse)):
        yield Fault("no_owner", state.full)
    if state.owner and state.owner not in PARTIES and not _post(state.owner):
        yield Fault("owner_unknown", state.full, state.owner)
    if state.due and state.due != CHOSEN and state.due not in machine.rules.content.deadlines:
        yield Fault("due_unknown", state.full, state.due)
    if state.on_lapse:
        yield from _lapse(machine, state)


def _lapse(machine: Compiled, state: State) -> Iterator[Fault]:
    """A lapse moves only a party's step, a period that nobody owes anything in, or a term. It never decides."""
    if state.owner and state.owner not in PARTIES:
        yield Fault("timer_decides", state.full, state.on_lapse)
    if not state.due:
        yield Fault("lapse_without_due", state.full, state.on_lapse)
    rows = [row for row in machine.moves if (row.source, row.name) == (state.full, state.on_lapse)]
    if not rows:
        yield Fault("lapse_unknown", state.full, state.on_lapse)
    yield from (Fault("timer_decides", state.full, row.name) for row in rows if row.by != "system" or row.decides)


def unused(tables: Collection[MachineTable], rules: PolicyRules, heirs: Collection[PolicyRules] = ()) -> list[Fault]:
    """Periods that the policy sets and no machine keeps, neither under it nor under one that extends it."""
    pairs = ((table, policy) for policy in (rules, *heirs) for table in tables if table.key in policy.machines)
    used = {key for table, policy in pairs for key in _used(table, policy)} | _of_rounds(rules)
    return [Fault("deadline_unused", key) for key in rules.content.deadlines if key not in used]


def _of_rounds(rules: PolicyRules) -> set[str]:
    """Kept by the round itself: the day by which papers are handed in (workflow/hand_ins.py)."""
    evaluation = rules.content.evaluation
    return {"hand_in"} if evaluation and evaluation.hand_in else set()


def _used(table: MachineTable, rules: PolicyRules) -> set[str]:
    machine = Compiled(table, rules)
    asked = {key for module in sources.modules(table) for key in sources.deadlines(module)}
    return asked | {machine.states[full].due for full in reachable(machine)}


# --- texts


def text_keys(table: MachineTable, rules: PolicyRules) -> set[str]:
    """The keys of every text that a page may need for this machine under this policy."""
    machine, name = Compiled(table, rules), table.key
    states = machine.states.values()
    fields = [field for row in machine.moves for field in row.form]
    return {
        f"machine.{name}",
        *(f"state.{name}.{state.key}" for state in states),
        *(f"step.{state.step}" for state in states if state.step),
        *(f"due.{state.due}" for state in states if state.due),
        *(f"role.{_role(state.owner)}" for state in states if _role(state.owner)),
        *(f"move.{name}.{row.name}" for row in machine.moves),
        *(f"event.{name}.{row.name}" for row in machine.moves if row.tells),
        *(f"reason.{reason}" for row in machine.moves for guard in row.unless for reason in sources.reasons(guard)),
        *(f"field.{field.name}" for field in fields),
        *(f"choice.{field.name}.{choice}" for field in fields for choice in field.choices),
    }


def missing_texts(table: MachineTable, rules: PolicyRules, known: Container[str]) -> list[Fault]:
    return [Fault("text_missing", key) for key in sorted(text_keys(table, rules)) if key not in known]


def _role(owner: str) -> str:
    return owner.partition("@")[0] if "@" in owner else ""


def all_faults(
    tables: Mapping[str, MachineTable], policies: Sequence[PolicyRules], known: Container[str]
) -> list[tuple[str, str, Fault]]:
    """(policy, machine, fault) for every machine under every policy that runs it; what concerns no one of them has an
    empty key."""
    untold = sorted(
        {*(f"reason.{reason}" for reason in sources.refusals()), *(f"event.{key}" for key in outbox.OF_TIME)}
    )
    found = [("", "", Fault("text_missing", key)) for key in untold if key not in known]
    for rules in policies:
        broken = set()
        for key in rules.machines:
            table = tables[key]
            wrong = faults(table, rules)
            if any(fault.key == "machine_invalid" for fault in wrong):
                broken.add(key)
            else:
                wrong += missing_texts(table, rules, known)
            found += [(rules.key, key, fault) for fault in wrong]
        heirs = [other for other in policies if other.content.policy.extends == rules.key]
        sound = [table for key, table in tables.items() if key not in broken]
        found += [(rules.key, "", fault) for fault in unused(sound, rules, heirs)]
        idle = [machine for machine in rules.content.limits if machine not in rules.machines]
        found += [(rules.key, "", Fault("limit_unused", machine)) for machine in idle]
    return found
