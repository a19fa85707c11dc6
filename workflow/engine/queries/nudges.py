"""催办: how often the open work of cases has been pressed."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Nudge, Task
from models.core import table_of

_task, _nudge = table_of(Task), table_of(Nudge)


def counts(session: Session, case_ids: Collection[int]) -> dict[int, int]:
    """How often each case has been pressed since its open work began."""
    since = select(func.min(_task.c.opened_at)).where(_task.c.case_id == _nudge.c.case_id, _task.c.closed_at.is_(None))
    query = select(_nudge.c.case_id, func.count().label("times")).where(
        _nudge.c.case_id.in_(case_ids), _nudge.c.at >= since.scalar_subquery()
    )
    return {row.case_id: row.times for row in session.execute(query.group_by(_nudge.c.case_id))}
