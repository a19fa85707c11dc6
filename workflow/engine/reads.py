"""What belongs to a case, read at most once each: its detail, work, history, timers, entries, children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, Table, and_, bindparam, func, select
from sqlalchemy.orm import Session

from models import (
    Attachment,
    Authority,
    Case,
    Decision,
    Delivery,
    HistoryEntry,
    Institution,
    Material,
    MaterialFile,
    Notice,
    Objection,
    PublicityEntry,
    Round,
    Task,
    Timer,
)
from models.core import table_of

# Statements of every move are built once: building one costs more than asking it.


@cache
def _of_case(table: Table) -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.case_id == bindparam("case"))


def _by_id(table: Table) -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.id == bindparam("id"))


_entry = table_of(HistoryEntry)
_HEAD = select(_entry.c.seq, _entry.c.hash).where(_entry.c.case_id == bindparam("case"))
_HEAD = _HEAD.order_by(_entry.c.seq.desc()).limit(1)
_OPEN_TASKS = _of_case(table_of(Task)).where(table_of(Task).c.closed_at.is_(None))
_ARMED_TIMERS = _of_case(table_of(Timer)).where(table_of(Timer).c.status == "armed")
_ROUND, _INSTITUTION = _by_id(table_of(Round)), _by_id(table_of(Institution))


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
    """A case row with what hangs on it. `case` and `detail` are row mappings."""

    def __init__(self, session: Session, case: dict[str, Any], detail_table: Table) -> None:
        self.session = session
        self.case = case
        self._detail_table = detail_table

    @property
    def _here(self) -> dict[str, int]:
        return {"case": self.case["id"]}

    @property
    def id(self) -> int:
        return self.case["id"]

    @cached_property
    def detail(self) -> dict[str, Any]:
        found = self.session.execute(_of_case(self._detail_table), self._here).mappings().first()
        return dict(found) if found else {}

    @cached_property
    def tasks(self) -> list[SqlRow[Any]]:
        return list(self.session.execute(_OPEN_TASKS, self._here))

    @cached_property
    def decisions(self) -> list[SqlRow[Any]]:
        return list(self.session.execute(_of_case(table_of(Decision)), self._here))

    @cached_property
    def authorities(self) -> dict[int, SqlRow[Any]]:
        return {row.id: row for row in self.session.execute(select(table_of(Authority)))}

    @cached_property
    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the newest history entry; (0, "") for a case that is being opened."""
        row = self.session.execute(_HEAD, self._here).first()
        return (row.seq, row.hash) if row else (0, "")

    @cached_property
    def timers(self) -> list[SqlRow[Any]]:
        return list(self.session.execute(_ARMED_TIMERS, self._here))

    @property
    def timer(self) -> SqlRow[Any] | None:
        """The running deadline of the present state."""
        return next((timer for timer in self.timers if timer.kind in ("lapse", "overdue")), None)

    @property
    def pause(self) -> SqlRow[Any] | None:
        """The end of the running pause, with the rule that waits for it."""
        return next((timer for timer in self.timers if timer.kind == "pause"), None)

    @cached_property
    def round(self) -> SqlRow[Any]:
        return self.session.execute(_ROUND, {"id": self.case["round_id"]}).one()

    @cached_property
    def institution(self) -> SqlRow[Any]:
        return self.session.execute(_INSTITUTION, {"id": self.case["institution_id"]}).one()

    @cached_property
    def entry(self) -> SqlRow[Any] | None:
        """The entry under which this case was last shown; what a notice only drafts is shown to nobody."""
        table, notice = table_of(PublicityEntry), table_of(Notice)
        found = select(table).join(notice, notice.c.case_id == table.c.notice_id)
        found = found.where(table.c.subject_id == self.id, notice.c.opens_at.is_not(None))
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
