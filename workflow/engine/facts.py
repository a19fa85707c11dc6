"""Everything a move may look at: one case, its actor, one instant, and the rules it runs under."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Appointment
from workflow.clock import legal_day
from workflow.engine import calendars, permissions, quota, scores, scoresheet
from workflow.engine.forms import Field, checked
from workflow.engine.independence import barred
from workflow.engine.ladder import PANEL, full, level_of, within_reach
from workflow.engine.panel import Count
from workflow.engine.permissions import KEEPERS, Actor
from workflow.engine.reads import Line, Reads, lines
from workflow.engine.refusal import Refused
from workflow.rules import grading
from workflow.rules.deadline import Deadline
from workflow.rules.eligibility import Eligible
from workflow.rules.findings import Findings
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_scoring import Item
from workflow.rules.scoring import combined

if TYPE_CHECKING:
    from workflow.engine.machine import Compiled, Move, Publicity


class Facts(Reads):
    """A case as decided upon. `case` and `detail` are row mappings; `form` is the checked form of the move.

    `move` is what will be asked, where that is known.

    `trusted`: the form comes from the engine itself (the system, or one act over many cases), not from a door.
    """

    row: "Move"
    fitting: bool

    def __init__(
        self,
        session: Session,
        machine: "Compiled",
        case: dict[str, Any],
        actor: Actor,
        at: datetime,
        form: Mapping[str, Any] | None = None,
        family: Mapping[int, dict[str, Any]] | None = None,
        request_id: str = "",
        move: str = "",
    ) -> None:
        levels, roles = machine.posts_behind(full(case), move)
        known = {"post": actor.appointment_id, "day": legal_day(at), "request": request_id}
        near = {"near": within_reach(case, levels), "roles": roles}
        super().__init__(session, case, machine.table, {**known, **near}, timed=actor.kind == "system")
        self.machine = machine
        self.actor = actor
        self.at = at
        self.form: dict[str, Any] = dict(form or {})
        self.family = family
        self.preview = False
        self.trusted = actor.kind == "system"

    @property
    def rules(self) -> PolicyRules:
        return self.machine.rules

    @property
    def today(self) -> date:
        return legal_day(self.at)

    @property
    def full_state(self) -> str:
        return full(self.case)

    # --- the ladder

    @property
    def levels(self) -> list[str]:
        return [rung["level"] for rung in self.case["ladder"]]

    @property
    def level(self) -> str:
        return level_of(self.case["state"])

    @property
    def level_above(self) -> str:
        following = self.levels[self.levels.index(self.level) + 1 :]
        return following[0] if following else ""

    @property
    def level_below(self) -> str:
        place = self.levels.index(self.level)
        return self.levels[place - 1] if place else ""

    @property
    def publishes_here(self) -> bool:
        """Whether the level under review is the one where the ladder pauses for publicity."""
        return bool(self.case["ladder"][self.levels.index(self.level)].get("publishes"))

    @property
    def level_after_publicity(self) -> str:
        """The level that reviews on once a result has been shown and confirmed; empty where none does."""
        place = next((n for n, rung in enumerate(self.case["ladder"]) if rung.get("publishes")), len(self.levels))
        return self.levels[place + 1] if place + 1 < len(self.levels) else ""

    @property
    def climbs_on(self) -> bool:
        """Whether the move that applies stays within the review."""
        return bool(level_of(self.row.to))

    def rung(self, level: str) -> int:
        return next(rung["authority"] for rung in self.case["ladder"] if rung["level"] == level)

    # --- people and places

    @cached_property
    def my_tasks(self) -> list[Any]:
        return [task for task in self.tasks if task.purpose != "designate" and permissions.owes(task, self.actor)]

    @cached_property
    def barred(self) -> dict[int, str]:
        """Persons who may not decide at this step, each with the reason."""
        return barred(self, self.case["state"], self.case["step"], self.case["turn"])

    def place(self, name: str) -> int | None:
        """The authority a place name of the machine file means for this case."""
        match name:
            case "level":
                return self.case["authority_id"]
            case "home":
                return self.case["managing_authority_id"]
            case "publisher":
                return self.publisher_id
            case "round":
                return self.round.authority_id
            case "above":
                return self.authorities[self.case["authority_id"]].reports_to_id
        raise KeyError(name)

    @cached_property
    def publisher_id(self) -> int:
        """Who publishes, confirms and notifies."""
        return self.publisher_of(self.case["ladder"])

    def publisher_of(self, ladder: list[dict[str, Any]]) -> int:
        """Who publishes a result of this kind and round with that ladder."""
        return self.showing.by(self, ladder)

    @cached_property
    def showing(self) -> "Publicity":
        """How results of this kind are shown: the case's own, a notice's entries, or the case it is about."""
        from workflow.engine.load import table_named

        subject = self.listed[0].machine if self.case["machine"] == "publicity" else self.case["machine"]
        return table_named(subject).publicity or self.parent.showing

    @property
    def line_up(self) -> Iterator[int]:
        """The managing authority and all above it: those that keep the institution's archive."""
        here: int | None = self.case["managing_authority_id"]
        while here is not None:
            yield here
            here = self.authorities[here].reports_to_id

    def actor_is(self, row: "Move") -> bool:
        """Whether the actor is what a row's `by` asks for: a key below, or `role@place`."""
        actor = self.actor
        match row.by:
            case "system":
                return actor.kind == "system"
            case "public":
                return actor.kind == "outsider" or actor.institution_id is not None
            case "institution":
                return actor.institution_id is not None and actor.institution_id == self.case["institution_id"]
            case "objector":
                return self._objected(actor)
            case "owner" | "task":
                purpose = "work" if row.by == "owner" else row.name
                return any(task.purpose == purpose for task in self.my_tasks)
            case "keeper":
                return actor.role in KEEPERS and actor.authority_id in self.line_up
            case "panel_member" | "panel_leader":
                wanted = row.by.replace("panel_leader", "leader")
                return any(task.role == wanted for task in self.my_tasks)
        role, _, place = row.by.partition("@")
        return actor.role == role and actor.authority_id == self.place(place)

    def _refuse_foreign_files(self) -> None:
        """Evidence was received for this case; an id of nothing, or of another case's file, is the form's fault."""
        files = self.form.get("files")
        if files and set(files) - self.usable_files(files):
            raise Refused("form_invalid", fields={"files": ("field_ids", {"field": "files"})})

    def _objected(self, actor: Actor) -> bool:
        """An institution by its account, anybody else by the receipt."""
        if actor.kind == "outsider":
            return bool(actor.receipt) and actor.receipt == self.detail["receipt_hash"]
        return actor.institution_id is not None and actor.institution_id == self.detail["by_institution_id"]

    def refuse_if(self, row: "Move") -> None:
        """The guards of a row that fits. Raises Refused with the first reason."""
        if row.decides and self.actor.person_id in self.barred:
            raise Refused(self.barred[self.actor.person_id])
        if self.preview:
            self.form = dict.fromkeys(field.name for field in self.fields(row))
        elif not self.trusted:
            self.form = checked(self.fields(row), self.form)
            self._refuse_foreign_files()
        if self.case["paused_at"] and row.decides:
            raise Refused("paused")
        for guard in row.unless:
            if reason := guard(self):
                raise Refused(reason)

    @property
    def panel(self) -> Count:
        """How the panel of the present step stands in the present turn."""
        here = (self.case["state"], PANEL, self.case["turn"])
        voices = [d.voice for d in self.decisions if (d.state, d.step, d.turn) == here]
        seats = sum(task.role == "panel_member" for task in self.tasks)
        agreed = voices.count("agree")
        return Count(self.rules.panel.rule, self.rules.panel.quorum, agreed, len(voices) - agreed, seats)

    # --- what follows from policy and archive

    @cached_property
    def parent(self) -> "Facts":
        """The case this one is about, as the system sees it."""
        from workflow.engine.load import facts_of

        return facts_of(self.session, self.case["parent_id"], permissions.SYSTEM, self.at, family=self.family)

    def deadline(self, key: str, start: date) -> Deadline:
        """A deadline of the policy, provisional where its year is not announced."""
        return calendars.deadline(self.rules.deadline(key), start, calendars.current(self.session))

    @cached_property
    def findings(self) -> Findings:
        """What the archive says about the institution now, on the round's reference date."""
        # The institution's archive_version is read first: a fact that arrives between the two reads then shows as new.
        institution, on = self.institution.id, self.detail.get("reference_date") or self.round.reference_date
        found = grading.explain(self.session.connection(), self.rules, institution, on)
        return combined(self.rules, found, scores.result(self)) if self.rules.scored else found

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The lines of a sheet in the round's year."""
        return self.rules.scoring.items(self.round.year)

    @cached_property
    def sheets(self) -> list[SqlRow[Any]]:
        """The sheets that count: each evaluator's newest, and the authority's."""
        return scores.sheets(self)

    @cached_property
    def experts(self) -> list[int]:
        """Persons who may be asked to score this case: appointed as experts where it is managed, and not barred."""
        return scores.experts(self)

    def fields(self, row: "Move") -> tuple[Field, ...]:
        """What a move asks for, a sheet spelled out line by line."""
        if not any(field.kind == "sheet" for field in row.form):
            return row.form
        return tuple(one for field in row.form for one in self._lines(field))

    def row_asks(self, source: str) -> bool:
        """Whether the move that applies takes a sheet of this source."""
        row = getattr(self, "row", None)
        return row is not None and any(field.source == source for field in row.form)

    def _lines(self, field: Field) -> Iterable[Field]:
        if field.kind != "sheet":
            return (field,)
        return scoresheet.spelled_out(field, self.rules.scoring, self.items)

    @cached_property
    def eligible(self) -> Eligible:
        """The basic conditions of a recommendation, by what the archive says now."""
        return quota.eligible(self)

    @cached_property
    def listed(self) -> list[Line]:
        """The cases this notice's form or entries name, with what a notice shows of each."""
        return lines(self.session, self.form.get("cases") or [entry.subject_id for entry in self.entries])

    def may_decide_here(self, person_id: int) -> bool:
        """Whether somebody could be designated for the present step: appointed somewhere, and independent."""
        posts = select(func.count()).select_from(Appointment).where(Appointment.person_id == person_id)
        posts = posts.where(Appointment.office_id.is_not(None), permissions.in_force(self.today))
        return person_id not in self.barred and bool(self.session.scalar(posts))
