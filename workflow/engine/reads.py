"""What belongs to a case, read at most once each: what every move needs in one statement, the rest when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Select, Table, and_, bindparam, func, or_, select
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import Session

from models import (
    Appointment,
    Attachment,
    Authority,
    Case,
    Delivery,
    Institution,
    Material,
    MaterialFile,
    Notice,
    Objection,
    Office,
    PublicityEntry,
    Request,
    Round,
    Task,
    Timer,
)
from models.base import CanonicalJson
from models.core import table_of, word
from models.ids import among
from models.prepared import Query
from models.question import Question
from workflow.engine import independence
from workflow.engine.plan import STEP

if TYPE_CHECKING:
    from workflow.engine.machine import MachineTable

# Statements of every move are built once: building one costs more than asking it.
_post, _office, _task, _request = table_of(Appointment), table_of(Office), table_of(Task), table_of(Request)
CLOSING = ("lapse", "overdue")
"""The kinds of timer that end a deadline."""
_DAY, _CASE = bindparam("day", type_=Date()), bindparam("case")
_WORK = [_task.c[name] for name in ("id", "purpose", "role", "authority_id", "office_kind", "institution_id")]
_WORK += [_task.c.person_id, _task.c.designated, _task.c.claimed_at]
_IN_FORCE = _post.c.valid_from <= _DAY, or_(_post.c.valid_to.is_(None), _post.c.valid_to >= _DAY)
_POST = select(_post.c.id).where(_post.c.id == bindparam("post"), *_IN_FORCE)
_ANSWER = select(_request.c.body_hash, _request.c.answer).where(_request.c.id == bindparam("request"))
_HOLDERS = (
    select(_office.c.authority_id, _post.c.role, _post.c.person_id, _office.c.kind)
    .join(_office, _office.c.id == _post.c.office_id)
    .where(*_IN_FORCE)
    .order_by(_post.c.person_id)
)
_TASKS = select(*_WORK).where(_task.c.case_id == _CASE, _task.c.closed_at.is_(None))


def _by_id(table: Table, name: str = "id") -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.id == bindparam(name))


def _of_case(table: Table) -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.case_id == _CASE)


_ARMED = _of_case(table_of(Timer)).where(table_of(Timer).c.status == word("armed"))
_ARMED_TIMERS = Query(_ARMED)
_THERE = Query(_HOLDERS.where(_office.c.authority_id == bindparam("authority"), _post.c.role == bindparam("role")))
_ROUND, _INSTITUTION = Query(_by_id(table_of(Round))), _by_id(table_of(Institution), "institution")


@cache
def _question(detail: Table, parent: bool, siblings: bool, timed: bool) -> Question:
    """What every move needs of a case, in one statement. JSON columns may be long: they are read when looked at."""
    short = [column for column in detail.c if not isinstance(column.type, CanonicalJson)]
    parts = {
        "answer": _ANSWER,
        "post": _POST,
        "tasks": _TASKS,
        "ties": independence.ties(parent=parent, siblings=siblings),
        "near": _HOLDERS.where(among(_office.c.authority_id, "near"), among(_post.c.role, "roles")),
        "institution": _INSTITUTION,
        "detail": select(*short).where(detail.c.case_id == _CASE),
    }
    return Question({**parts, "timers": _ARMED} if timed else parts)


class Detail(dict[str, Any]):
    """The machine's own row of a case, empty before there is one; its JSON columns come when somebody looks."""

    def __init__(self, row: dict[str, Any], session: Session, table: Table) -> None:
        super().__init__(row)
        self._session = session
        self._table = table

    def __missing__(self, name: str) -> Any:
        if not self:
            raise KeyError(name)
        query = select(self._table.c[name]).where(self._table.c.case_id == self["case_id"])
        self[name] = self._session.execute(query).scalar_one()
        return self[name]

    def get(self, name: Any, default: Any = None, /) -> Any:
        return self[name] if self and name in self._table.c else default


@dataclass(frozen=True, slots=True)
class Line:
    """A case as a line of a notice or document; `detail` is what its machine keeps of it."""

    id: int
    machine: str
    state: str
    round_id: int | None
    ladder: list[dict[str, Any]]
    name: str
    credit_code: str
    detail: dict[str, Any]


class Reads:
    """A case row with what hangs on it. `case` and `detail` are row mappings. `known` answers the question's blanks;
    the holders of `roles` in the authorities `near` are asked with everything else.

    `timed`: the running deadlines will be looked at, as whenever one of them has come.
    """

    def __init__(
        self, session: Session, case: dict[str, Any], table: "MachineTable", known: dict[str, Any], *, timed: bool
    ) -> None:
        self.session = session
        self.case = case
        self._table = table
        self._known = known
        self._timed = timed

    @property
    def _here(self) -> dict[str, int]:
        return {"case": self.case["id"]}

    @property
    def id(self) -> int:
        return self.case["id"]

    @cached_property
    def _asked(self) -> dict[str, list[Any]]:
        """In an act this is asked under the lock of the case."""
        table, case = self._table, self.case
        independent = table.independent_of_parent, table.independent_of_siblings
        question = _question(table_of(table.detail), *independent, self._timed)
        about = {"case": case["id"], "parent": case["parent_id"], "institution": case["institution_id"]}
        return question.ask(self.session, {**about, **self._known})

    @property
    def answer(self) -> Any:
        """What the request was answered before, if it was."""
        return next(iter(self._asked["answer"]), None)

    @property
    def holds_post(self) -> bool:
        """Whether the actor's appointment is still in force: asked inside the transaction, not only at login."""
        return bool(self._asked["post"])

    def holders(self, role: str, authority_id: int, kinds: tuple[str, ...] = ()) -> list[int]:
        """Who holds a role there today, in any office or in those of certain kinds."""
        if role in self._known["roles"] and authority_id in self._known["near"]:
            found = [row for row in self._asked["near"] if (row.role, row.authority_id) == (role, authority_id)]
        else:
            asked = {"authority": authority_id, "role": role, "day": self._known["day"]}
            found = _THERE.all(self.session, asked)
        return list(dict.fromkeys(row.person_id for row in found if not kinds or row.kind in kinds))

    @cached_property
    def detail(self) -> Detail:
        found = self._asked["detail"]
        return Detail(found[0]._asdict() if found else {}, self.session, table_of(self._table.detail))

    @property
    def tasks(self) -> list[Any]:
        return self._asked["tasks"]

    @property
    def ties(self) -> list[Any]:
        """Who has spoken about this result before, or is close to its institution."""
        return self._asked["ties"]

    @property
    def decisions(self) -> list[Any]:
        return [row for row in self.ties if row.source == "own"]

    @property
    def institution(self) -> Any:
        return self._asked["institution"][0]

    @cached_property
    def authorities(self) -> dict[int, SqlRow[Any]]:
        return {row.id: row for row in self.session.execute(select(table_of(Authority)))}

    @property
    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the newest history entry; (0, "") for a case that is being opened."""
        return self.case["version"], self.case["head_hash"]

    @cached_property
    def timers(self) -> list[Any]:
        return self._asked["timers"] if self._timed else _ARMED_TIMERS.all(self.session, self._here)

    @property
    def timer(self) -> Any:
        """The running deadline of the present state."""
        return self.clock(STEP)

    def clock(self, purpose: str) -> Any:
        """The running deadline of the step, or of a follow-up."""
        own = (timer for timer in self.timers if timer.purpose == purpose)
        return next((timer for timer in own if timer.kind in CLOSING), None)

    @property
    def pause(self) -> Any:
        """The end of the running pause, with the rule that waits for it."""
        return next((timer for timer in self.timers if timer.kind == "pause"), None)

    @cached_property
    def round(self) -> Any:
        return _ROUND.first(self.session, {"id": self.case["round_id"]})

    @cached_property
    def entry(self) -> SqlRow[Any] | None:
        """The entry under which this case was last shown; what a notice only drafts is shown to nobody."""
        table, notice = table_of(PublicityEntry), table_of(Notice)
        found = select(table).join(notice, notice.c.case_id == table.c.notice_id)
        found = found.where(table.c.subject_id == self.id, table.c.closes_at.is_not(None))
        return self.session.execute(found.order_by(notice.c.opens_at.desc(), table.c.id.desc()).limit(1)).first()

    @cached_property
    def entries(self) -> list[SqlRow[Any]]:
        """The entries of this notice, in order."""
        table = table_of(PublicityEntry)
        return list(self.session.execute(select(table).where(table.c.notice_id == self.id).order_by(table.c.number)))

    def open_children(self, *machines: str, beside: int | None = None) -> int:
        """How many cases about this one are still open, `beside` left out."""
        table = table_of(Case)
        about = and_(table.c.parent_id == self.id, table.c.closed_at.is_(None), table.c.machine.in_(machines))
        return self.session.scalar(select(func.count()).where(about, table.c.id != (beside or 0))) or 0

    @property
    def line(self) -> Line:
        """This case as a line of a notice or document."""
        return lines(self.session, [self.id])[0]

    @property
    def undelivered(self) -> bool:
        """Whether a document of this case has not reached its addressee yet."""
        waiting = (Delivery.case_id == self.id, Delivery.delivered_at.is_(None))
        return bool(self.session.scalar(select(func.count()).select_from(Delivery).where(*waiting)))

    def answered_to(self, institution_id: int | None) -> datetime | None:
        """When the answer to the institution's own objection against this case was delivered, if it was."""
        query = select(func.max(Delivery.delivered_at)).join(Objection, Objection.case_id == Delivery.case_id)
        own = (Objection.subject_id == self.id, Objection.by_institution_id == institution_id)
        return self.session.scalar(query.where(*own, Objection.kind == "objection"))

    def re_reviewed(self) -> bool:
        """Whether a re-review of this case has been decided; its decision is final."""
        query = select(func.count()).select_from(Objection).where(Objection.subject_id == self.id)
        return bool(self.session.scalar(query.where(Objection.kind == "re_review", Objection.outcome.is_not(None))))

    def usable_files(self, ids: list[int]) -> set[int]:
        """Which of these attachments exist and belong to no other case."""
        link = select(MaterialFile.attachment_id).join(Material, Material.id == MaterialFile.material_id)
        elsewhere = link.where(Material.case_id != self.id, MaterialFile.attachment_id.in_(ids))
        found = select(Attachment.id).where(Attachment.id.in_(ids), Attachment.id.not_in(elsewhere))
        return set(self.session.scalars(found))


def lines(session: Session, ids: Sequence[int]) -> list[Line]:
    """Cases of institutions as lines, in the order of their ids."""
    from workflow.engine.load import table_named

    case, who = table_of(Case), table_of(Institution)
    shown = (case.c.id, case.c.machine, case.c.state, case.c.round_id, case.c.ladder, who.c.name, who.c.credit_code)
    query = select(*shown).join(who, who.c.id == case.c.institution_id).where(case.c.id.in_(ids))
    found = session.execute(query.order_by(case.c.id)).all()
    details: dict[int, dict[str, Any]] = {}
    for machine in {row.machine for row in found}:
        kept = table_of(table_named(machine).detail)
        rows = session.execute(select(kept).where(kept.c.case_id.in_(ids))).mappings()
        details |= {row["case_id"]: dict(row) for row in rows}
    return [Line(*row, details.get(row.id, {})) for row in found]
