"""What an act will change, as data: decided first, written afterwards in one place."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow.engine.machine import Move
    from workflow.engine.permissions import Actor

Row = dict[str, Any]
STEP = "work"
"""The purpose of a step's own tasks and of its clock; a follow-up's task and clock have the follow-up's."""


@dataclass(frozen=True, slots=True)
class Also:
    """A move on another case in the same transaction; both histories cite each other.

    Made by the system as a consequence, or by the actor himself where his one act covers many cases.
    """

    case_id: int
    move: str
    form: Row
    by_actor: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a new case is about. `ladder` is a list of {"level", "authority"}, its first rung begins the review."""

    policy_id: int
    managing_authority_id: int
    ladder: list[Row]
    institution_id: int | None = None
    round_id: int | None = None
    parent_id: int | None = None
    imported_from: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """A case that the system opens as a consequence, in the same transaction; both histories cite each other."""

    machine: str
    subject: Subject
    move: str
    form: Row


@dataclass(frozen=True, slots=True)
class Issue:
    """A document to issue. `column` of the detail row takes its id; `to` is the institution it is delivered to."""

    cause: str
    kind: str
    title: str
    body: str
    column: str = ""
    to: int | None = None


@dataclass(slots=True)
class Effects:
    """What a move changes beside state, tasks and timers. Pure data, made by a machine file's effect functions.

    `timers` replace those of one clock, the step's or (`clock`) a follow-up's.
    """

    detail: Row = field(default_factory=dict)
    inserts: list[tuple[type[Any], Row]] = field(default_factory=list)
    updates: list[tuple[type[Any], Row, Row]] = field(default_factory=list)
    also: list[Also] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    due_from: date | None = None
    due_at: datetime | None = None
    opens: list["TaskPlan"] = field(default_factory=list)
    ends: tuple[str, ...] = ()
    timers: list["TimerPlan"] | None = None
    clock: str = STEP
    paused: bool | None = None
    policy_id: int | None = None
    material: tuple[str, Row, list[int]] | None = None
    note: Row = field(default_factory=dict)


@dataclass(slots=True)
class TaskPlan:
    """`due`: the deadline of a follow-up's own clock; without one the task is due when its step is."""

    role: str
    authority_id: int | None = None
    office_kind: str = ""
    institution_id: int | None = None
    person_id: int | None = None
    designated: bool = False
    purpose: str = STEP
    due: str = ""
    due_at: datetime | None = None


@dataclass(slots=True)
class TimerPlan:
    kind: str
    move: str
    rule_key: str
    rule: Row
    started_on: date
    due_on: date
    planned_at: datetime
    fire_at: datetime
    provisional: bool
    calendar_version: str
    purpose: str = STEP


@dataclass(slots=True)
class Plan:
    """One move on one case. `others` are the plans of linked cases, made with it in one transaction.

    `fired` is the timer whose lapse the move is, and how late it came. `cancel_timers` ends every clock of the case,
    `end_clocks` those of some purposes.
    """

    case: Row
    move: "Move"
    actor: "Actor"
    at: datetime
    to_state: str
    to_step: str
    turn: int
    authority_id: int
    final: bool
    form: Row
    effects: Effects
    head: tuple[int, str]
    close_tasks: list[int] = field(default_factory=list)
    withdraw_tasks: list[int] = field(default_factory=list)
    open_tasks: list[TaskPlan] = field(default_factory=list)
    cancel_timers: bool = False
    end_clocks: tuple[str, ...] = ()
    timers: list[TimerPlan] = field(default_factory=list)
    fired: int = 0
    late_seconds: int | None = None
    incident: str = ""
    messages: list[Row] = field(default_factory=list)
    others: list["Plan"] = field(default_factory=list)
    cites: list[list[int]] = field(default_factory=list)
    born: list[Row] = field(default_factory=list)

    @property
    def seq(self) -> int:
        return self.head[0] + 1

    @property
    def due_at(self) -> datetime | None:
        """When the step is due, as its clock is set by this move."""
        own = (timer for timer in self.timers if timer.purpose == STEP)
        return next((timer.planned_at for timer in own if timer.kind in ("lapse", "overdue")), None)

    @property
    def turns_step(self) -> bool:
        """Whether the move ends or sets the step's own clock."""
        return self.cancel_timers or STEP in self.end_clocks or any(timer.purpose == STEP for timer in self.timers)
