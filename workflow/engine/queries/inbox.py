"""待办: which tasks a person owes, which their office has, what they have done and begun; how many, and page by page.

Written for pools of a hundred thousand open tasks. A list reads only the ids of one page, walking an index from where
the last page ended (no OFFSET), and `work` fills in those rows. A count stops at MOST. Which index serves:

    todo, office   ix_task_pool (authority, role, due_at, id) WHERE open
    todo           ix_task_person (person, due_at, id) WHERE open: work that the person was designated for
    done           ix_task_closed_by (person, closed_at, id)
    started        ix_history_entry_begun (person, case) WHERE seq = 1

Every other condition is checked row by row along that index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, null, select, tuple_
from sqlalchemy.orm import Session

from models import Case, HistoryEntry, Task
from models.base import Instant
from models.prepared import Query
from workflow.engine import permissions
from workflow.engine.permissions import Actor, sees
from workflow.engine.queries.inbox_counts import Counts, bounded
from workflow.engine.queries.inbox_reach import BLANK_ENDS, MOST, Filters, Scope, ends_at, matching, mine, narrowed

PAGE = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """The row that a page follows (or, `backward`, comes before): its instant (None: no deadline) and its id."""

    at: datetime | None
    id: int
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of a page in order; `earlier` and `later` mark the pages beside it. `total` counts to MOST at most."""

    ids: list[int]
    total: int
    earlier: Mark | None
    later: Mark | None


@dataclass(frozen=True, slots=True, eq=False)
class _List:
    """How a list runs: its sources, merged by `moment` and id. The rows of a stretch have moments (True) or none.
    `plain`: the scope of a list that is not narrowed, whose statements are built once for everybody."""

    sources: tuple[Select[Any], ...]
    moment: Any
    id: Any
    down: bool
    stretches: tuple[bool, ...]
    plain: Scope | None = None


@dataclass(frozen=True, slots=True)
class _Leg:
    """What distinguishes the statements of one source: which stretch, from a mark or its end, which way."""

    dated: bool
    marked: bool
    onward: bool


def listed(
    session: Session,
    actor: Actor,
    scope: Scope,
    filters: Filters,
    mark: Mark | None,
    at: datetime,
    owed: Counts | None = None,
) -> Found:
    """One page, the most urgent first; what is closed or begun, newest first. `owed`: what was counted already."""
    plain = filters == Filters() and scope != "started"
    hit = matching(session, filters.words) if filters.words.strip() else None
    whole = _plain(scope) if plain else _list(actor, scope, filters, ends_at(at), hit)
    rows = _walk(session, whole, actor, mark)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if mark and mark.backward:
        if not more:
            return listed(session, actor, scope, filters, None, at, owed)
        rows.reverse()
        earlier, later = True, True
    else:
        earlier, later = mark is not None and bool(rows), more
    return Found(
        [row.id for row in rows],
        _count(session, whole, actor, owed),
        Mark(rows[0].moment, rows[0].id, backward=True) if earlier else None,
        Mark(rows[-1].moment, rows[-1].id) if later else None,
    )


def _walk(session: Session, whole: _List, actor: Actor, mark: Mark | None) -> list[Any]:
    """Up to one row more than a page, onward (or backward) from the mark."""
    onward = not (mark and mark.backward)
    stretches = whole.stretches if onward else whole.stretches[::-1]
    start = stretches.index(mark.at is not None) if mark else 0
    found: list[Any] = []
    for place, dated in enumerate(stretches[start:]):
        here = mark if place == 0 else None
        values = {**permissions.filled(actor), "most": PAGE + 1 - len(found)}
        values |= {"mark_at": here.at, "mark_id": here.id} if here else {}
        found += _stretch(session, whole, _Leg(dated, here is not None, onward), values)
        if len(found) > PAGE:
            break
    return found


def _stretch(session: Session, whole: _List, leg: _Leg, values: dict[str, Any]) -> list[Any]:
    """The next rows of one stretch, each source read in the order of its index, then merged."""
    rows: list[Any] = []
    for number in range(len(whole.sources)):
        if whole.plain:
            rows += _prepared(whole.plain, number, leg).all(session, values)
        else:
            rows += session.execute(_next(whole, number, leg), values)
    rows.sort(key=lambda row: (row.moment, row.id) if leg.dated else (row.id,), reverse=whole.down is leg.onward)
    return rows[: values["most"]]


@cache
def _prepared(scope: Scope, number: int, leg: _Leg) -> Query:
    return Query(_next(_plain(scope), number, leg))


def _next(whole: _List, number: int, leg: _Leg) -> Select[Any]:
    """The next rows of one source, `most` of them, beyond the mark."""
    down = whole.down is leg.onward
    keys = (whole.moment, whole.id) if leg.dated else (whole.id,)
    query = whole.sources[number].where(whole.moment.is_not(None) if leg.dated else whole.moment.is_(None))
    if leg.marked:
        mark = tuple_(*(bindparam("mark_at", type_=Instant()), bindparam("mark_id", type_=BigInteger()))[-len(keys) :])
        query = query.where(tuple_(*keys) < mark if down else tuple_(*keys) > mark)
    return query.order_by(*(key.desc() if down else key.asc() for key in keys)).limit(bindparam("most"))


@cache
def _plain(scope: Scope) -> _List:
    return replace(_list(permissions.anybody(), scope, Filters(), BLANK_ENDS), plain=scope)


def _list(
    actor: Actor, scope: Scope, filters: Filters, ends: Mapping[str, Any], hit: ColumnElement[bool] | None = None
) -> _List:
    """`hit`: what the filter's words are found by."""
    if scope == "started":
        begun = _walked(HistoryEntry.case_id, null()).select_from(HistoryEntry)
        begun = begun.join(Case, Case.id == HistoryEntry.case_id)
        begun = begun.where(HistoryEntry.person_id == actor.person_id, HistoryEntry.seq == 1, sees(actor))
        begun = narrowed(begun, filters, Case.due_at, ends, hit)
        return _List((begun,), null(), HistoryEntry.case_id, down=True, stretches=(False,))
    moment = Task.closed_at if scope == "done" else Task.due_at
    tasks = _walked(Task.id, moment)
    if filters != Filters(due=filters.due):
        tasks = tasks.join(Case, Case.id == Task.case_id)
    sources = tuple(narrowed(tasks.where(one), filters, Task.due_at, ends, hit) for one in mine(actor, scope))
    done = scope == "done"
    return _List(sources, moment, Task.id, down=done, stretches=(True,) if done else (True, False))


def _walked(id: Any, moment: Any) -> Select[Any]:
    return select(*(id.label("id"), moment.label("moment")))


def _count(session: Session, whole: _List, actor: Actor, owed: Counts | None) -> int:
    if owed and whole.plain in ("todo", "office"):
        return owed.todo if whole.plain == "todo" else owed.office
    if whole.plain:
        found = _counted(whole.plain).first(session, permissions.filled(actor))[0]
    else:
        found = session.scalar(select(bounded(whole.sources, *_keys(whole)))) or 0
    return min(found, MOST)


@cache
def _counted(scope: Scope) -> Query:
    return Query(select(bounded(_plain(scope).sources, *_keys(_plain(scope)))))


def _keys(whole: _List) -> tuple[Any, ...]:
    return (whole.moment, whole.id) if True in whole.stretches else (whole.id,)
