"""A machine as two tables, states and moves, and its compiled form. The only importer of `transitions`.

`transitions` decides which row of the table applies; the engine writes. The compiled machine is shared by all cases,
never bound to one, and has no callbacks with effects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Literal

from transitions import EventData, MachineError
from transitions import Machine as Transitions

from workflow.engine import clockwork, repolicy
from workflow.engine.designation import candidate_barred, designation, not_asked_for
from workflow.engine.facts import Facts, Line
from workflow.engine.forms import REASON, Field
from workflow.engine.ladder import NO_POSTS, REVIEW, Posts, expand_states, lift, posts_behind, review_steps
from workflow.engine.plan import Effects, Row
from workflow.engine.refusal import Refused
from workflow.engine.timers import CHOSEN
from workflow.rules.policy import PolicyRules

Guard = Callable[[Facts], str | None]
NEW = "new"


@dataclass(frozen=True, slots=True)
class State:
    """`owner` is who owes the work (`role@place`), empty when the case only waits for a timer or a child.

    `due` is the policy key of the deadline armed on arrival; `on_lapse` the move its lapse makes. Without one, the
    lapse of an authority's step only reminds and shows it overdue. `waits` names what an ownerless state waits for.
    `asks`: the source of scores without which the policy leaves the state out, and with it every move from or to it.
    """

    key: str
    kind: Literal["active", "standing", "final"] = "active"
    owner: str = ""
    due: str = ""
    on_lapse: str = ""
    waits: str = ""
    step: str = ""
    asks: str = ""

    @property
    def full(self) -> str:
        return f"{self.key}.{self.step}" if self.step else self.key


@dataclass(frozen=True, slots=True)
class Move:
    """One row: everything about a move. Several rows may share a name; the first that fits actor and case applies.

    `by`: who may make it (workflow.engine.actors). `when`: picks this row. `unless`: guards that refuse, each gives a
    reason code or None. `decides`: a voice on the merits, subject to independence. `again`: begins a new turn.
    `closes`: a move that stays at its step still ends the actor's own task there. `effect`: what else changes, as
    data. `tells`: who gets a message. `basis`: the clause it rests on.
    """

    name: str
    source: str
    to: str
    by: str
    when: Callable[[Facts], bool] | None = None
    unless: tuple[Guard, ...] = ()
    decides: bool = False
    form: tuple[Field, ...] = ()
    effect: Callable[[Facts], Effects] | None = None
    tells: tuple[str, ...] = ()
    basis: str = ""
    again: bool = False
    closes: bool = True
    public: bool = False


@dataclass(frozen=True, slots=True)
class Publicity:
    """What makes a machine's cases entries of a notice (rows: machines/entry.py). The `confirmation_id` of its detail
    is the document that confirmed it.

    `by`: which authority shows and confirms a case with that ladder. `shows`: what the public reads of a case beside
    its institution. `title`: what the result is called in documents. `decision`: title and body of the one document
    over many confirmed cases. `result`: the column of the proposed result; `result_now`: what it would be by the facts
    of today, None for now when somebody must judge first, and no function where a result is never amended. `order`:
    the order of a list, that of the cases without one.
    """

    by: Callable[[Facts, list[Row]], int]
    shows: Callable[[Line], Row]
    title: str
    decision: Callable[[Facts, Sequence[Line]], tuple[str, str]]
    result: str = ""
    result_now: Callable[[Facts], str | None] | None = None
    order: Callable[[Facts, Line], tuple[object, ...]] = lambda _facts, line: (line.id,)

    def snapshot(self, line: Line) -> Row:
        return {"name": line.name, "credit_code": line.credit_code, **self.shows(line)}


@dataclass(frozen=True, slots=True, eq=False)
class MachineTable:
    """A machine file. `ladder_from` names the signing list used at every level ("" = the level's own);
    `review_due` the deadline key of a review ("" = `<level>_review`)."""

    key: str
    prefix: str
    detail: type[Any]
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    ladder_from: str = ""
    review_due: str = ""
    publicity: Publicity | None = None
    independent_of_parent: bool = False
    independent_of_siblings: bool = False
    independent_of_finders: bool = False


class Compiled:
    """A machine under one policy: every state spelled out, every move between full states.

    `deciding` are the full states in which somebody gives a voice on the merits.
    """

    def __init__(self, table: MachineTable, rules: PolicyRules) -> None:
        self.table = table
        self.rules = rules
        climbs = any(state.key == REVIEW for state in table.states)
        self.steps = review_steps(table.ladder_from, rules) if climbs else {}
        sources = rules.scored_by(table.key)
        left_out = {state.key for state in table.states if state.asks and state.asks not in sources}
        states = tuple(state for state in table.states if state.key not in left_out)
        self.states = {s.full: s for s in expand_states(states, self.steps, table.review_due)}
        moves = (*table.moves, *_designations(self.states), *_repolicies(self.states), *_turns(self.states))
        rows = (row for move in moves for row in lift(move, self.steps, self.states))
        self.moves = tuple(_asked(row, rules, sources) for row in rows if not {row.source, row.to} & left_out)
        self.deciding = frozenset(row.source for row in self.moves if row.decides)
        self._behind = posts_behind(self.moves, self.states)
        self._machine = Transitions(
            model=None,
            states=[NEW, *self.states],
            initial=NEW,
            transitions=[_transition(row) for row in self.moves],
            auto_transitions=False,
            send_event=True,
            queued=False,
            ignore_invalid_triggers=False,
        )

    def state(self, full: str) -> State:
        return self.states[full]

    def posts_behind(self, full: str, move: str) -> Posts:
        """The levels and the roles that a move may lead to."""
        return self._behind.get((full, move), NO_POSTS)

    def moves_from(self, full: str) -> Iterator[str]:
        """Names of the moves that leave a state, in table order, each once."""
        return iter(dict.fromkeys(row.name for row in self.moves if row.source == full))

    def fire(self, name: str, facts: Facts) -> Move:
        """The row that applies now. Raises Refused: `not_from_here`, `not_yours`, or the guard's own reason."""
        holder = _Holder(facts.full_state)
        event = self._machine.events.get(name)
        if event is None:
            raise Refused("not_from_here", move=name)
        facts.fitting = False
        try:
            moved = event.trigger(holder, facts=facts)
        except MachineError:
            raise Refused("not_from_here", move=name) from None
        if not moved:
            raise Refused("not_now" if facts.fitting else "not_yours", move=name)
        return facts.row


def _asked(row: Move, rules: PolicyRules, sources: frozenset[str]) -> Move:
    """The row without the sheets that its policy does not ask for, and on the clause that holds there."""
    form = tuple(field for field in row.form if field.kind != "sheet" or field.source in sources)
    return replace(row, form=form, basis=rules.basis(row.basis))


def _designations(states: Mapping[str, State]) -> Iterator[Move]:
    """指定办理: where nobody is eligible, the leader of the authority above names who handles the step."""
    for state in states.values():
        if state.kind == "active" and "@" in state.owner:
            yield Move(
                "designate",
                state.full,
                "stay",
                by="leader@above",
                unless=(not_asked_for, candidate_barred),
                form=(Field("person", "whole"), REASON),
                effect=designation,
                closes=False,
            )


def _repolicies(states: Mapping[str, State]) -> Iterator[Move]:
    """换用规则: as long as nothing rests on the old rules."""
    for state in states.values():
        if state.kind == "active":
            yield Move(
                "change_policy",
                state.full,
                "stay",
                by="leader@home",
                unless=(clockwork.must_recuse, repolicy.misfit),
                form=(Field("policy", "text", longest=128), REASON),
                effect=repolicy.changed,
                closes=False,
            )


def _turns(states: Mapping[str, State]) -> Iterator[Move]:
    """停表、续算、延长 of a step that an authority owes; recomputing is the system's."""
    for state in states.values():
        if state.due in ("", CHOSEN) or state.kind == "final" or state.waits:
            continue
        here, rows = state.full, partial(Move, source=state.full, to="stay", closes=False)
        yield rows("recompute", by="system", unless=(clockwork.no_clock,), effect=clockwork.recomputed)
        if "@" not in state.owner:
            continue
        leader = f"leader@{state.owner.partition('@')[2]}"
        count = Field("count", "whole", least=1, most=365)
        yield rows(
            "pause",
            by="owner",
            unless=(clockwork.must_recuse, clockwork.not_pausable),
            form=(REASON,),
            effect=clockwork.paused,
        )
        yield rows(
            "resume",
            by="owner",
            unless=(clockwork.not_paused, clockwork.must_recuse),
            form=(REASON,),
            effect=clockwork.resumed,
        )
        yield Move("resume", here, "stay", "system", unless=(clockwork.not_paused,), effect=clockwork.resumed)
        yield rows(
            "extend",
            by=leader,
            unless=(clockwork.must_recuse, clockwork.not_extendable),
            form=(count, REASON),
            effect=clockwork.extended,
        )
        yield rows("undo_extension", by=leader, unless=(clockwork.no_extension, clockwork.must_recuse), form=(REASON,),
                   effect=clockwork.extension_undone)  # fmt: skip


class _Holder:
    """What `transitions` moves instead of a case: it can decide, it cannot change anything."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _transition(row: Move) -> dict[str, Any]:
    def applies(event: EventData) -> bool:
        facts: Facts = event.kwargs["facts"]
        if not facts.actor_is(row):
            return False
        facts.fitting = True
        if row.when is not None and not row.when(facts):
            return False
        facts.row = row
        facts.refuse_if(row)
        return True

    return {"trigger": row.name, "source": row.source, "dest": row.to, "conditions": [applies]}


@cache
def compiled(table: MachineTable, rules: PolicyRules) -> Compiled:
    """Compiled once per machine and policy, then shared."""
    return Compiled(table, rules)


__all__ = ["NEW", "REVIEW", "Compiled", "Field", "Guard", "MachineTable", "Move", "Publicity", "State", "compiled"]
