"""催办: how often the open work of cases has been pressed."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import Nudge, Task
from models.core import table_of
from models.ids import among
from models.prepared import Query

_task, _nudge = table_of(Task), table_of(Nudge)


def _pressed() -> Select[*tuple[Any, ...]]:
    since = select(func.min(_task.c.opened_at)).where(_task.c.case_id == _nudge.c.case_id, _task.c.closed_at.is_(None))
    query = select(_nudge.c.case_id, func.count().label("times"))
    query = query.where(among(_nudge.c.case_id, "ids"), _nudge.c.at >= since.scalar_subquery())
    return query.group_by(_nudge.c.case_id)


_PRESSED = Query(_pressed())


def counts(session: Session, case_ids: Collection[int]) -> dict[int, int]:
    """How often each case has been pressed since its open work began."""
    return {row.case_id: row.times for row in _PRESSED.all(session, {"ids": list(case_ids)})}
