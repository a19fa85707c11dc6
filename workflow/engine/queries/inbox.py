"""待办: which tasks a person owes, which their office has, what they have done and begun; how many, and page by page.

Written for pools of a hundred thousand open tasks. A list reads only the ids of one page, walking an index from where
the last page ended (no OFFSET), and `work` fills in those rows. A count stops at MOST. Which index serves:

    todo, office   ix_task_pool (authority, role, due_at, id) WHERE open
    todo           ix_task_person (person, due_at, id) WHERE open: work that the person was designated for
    done           ix_task_closed_by (person, closed_at, id)
    started        ix_history_entry_begun (person, case) WHERE seq = 1

Every other condition is checked row by row along that index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from models import Case, Evaluation, HistoryEntry, Institution, Notice, OutboxMessage, Task
from models.base import Instant
from models.prepared import Query
from workflow.clock import SHANGHAI, legal_day
from workflow.engine import permissions
from workflow.engine.permissions import Actor, sees

PAGE = 20
MOST = 1000
Scope = Literal["todo", "office", "done", "started"]
Spell = Literal["", "over", "today", "week"]
_OPEN: tuple[Scope, ...] = ("todo", "office")
_SPELLS: tuple[Spell, ...] = ("over", "today", "week")
_BLANK_ENDS: dict[str, Any] = {spell: bindparam(spell, type_=Instant()) for spell in _SPELLS}
CAME_BACK = ("rework", "return_down", "disagree", "correct", "supply", "settle")
"""Moves that bring work to somebody for the second time."""


@dataclass(frozen=True, slots=True)
class Filters:
    machine: str = ""
    round_id: int = 0
    authority_id: int = 0
    grade: str = ""
    due: Spell = ""
    back: bool = False
    words: str = ""


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


@dataclass(frozen=True, slots=True)
class Counts:
    """Open work, each figure up to MOST. `today` and `week` have not yet run out."""

    todo: int = 0
    overdue: int = 0
    today: int = 0
    week: int = 0
    office: int = 0


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


def listed(session: Session, actor: Actor, scope: Scope, filters: Filters, mark: Mark | None, at: datetime) -> Found:
    """One page, the most urgent first; what is closed or begun, newest first."""
    plain = filters == Filters() and scope != "started"
    hit = matching(session, filters.words) if filters.words.strip() else None
    whole = _plain(scope) if plain else _list(actor, scope, filters, _ends(at), hit)
    rows = _walk(session, whole, actor, mark)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if mark and mark.backward:
        if not more:
            return listed(session, actor, scope, filters, None, at)
        rows.reverse()
        earlier, later = True, True
    else:
        earlier, later = mark is not None and bool(rows), more
    return Found(
        [row.id for row in rows],
        _count(session, whole, actor),
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
    return replace(_list(permissions.anybody(), scope, Filters(), _BLANK_ENDS), plain=scope)


def _list(
    actor: Actor, scope: Scope, filters: Filters, ends: Mapping[str, Any], hit: ColumnElement[bool] | None = None
) -> _List:
    """`hit`: what the filter's words are found by."""
    if scope == "started":
        begun = _walked(HistoryEntry.case_id, null()).select_from(HistoryEntry)
        begun = begun.join(Case, Case.id == HistoryEntry.case_id)
        begun = begun.where(HistoryEntry.person_id == actor.person_id, HistoryEntry.seq == 1, sees(actor))
        begun = _narrowed(begun, filters, Case.due_at, ends, hit)
        return _List((begun,), null(), HistoryEntry.case_id, down=True, stretches=(False,))
    moment = Task.closed_at if scope == "done" else Task.due_at
    tasks = _walked(Task.id, moment)
    if filters != Filters(due=filters.due):
        tasks = tasks.join(Case, Case.id == Task.case_id)
    sources = tuple(_narrowed(tasks.where(one), filters, Task.due_at, ends, hit) for one in mine(actor, scope))
    done = scope == "done"
    return _List(sources, moment, Task.id, down=done, stretches=(True,) if done else (True, False))


def _walked(id: Any, moment: Any) -> Select[Any]:
    return select(*(id.label("id"), moment.label("moment")))


def mine(actor: Actor, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Which tasks a list shows, one condition for each index. A colleague's panel seat is theirs alone; work that a
    colleague has signed for stands in the office's list."""
    if scope == "done":
        return (Task.closed_by_id == actor.person_id,)
    at_post = and_(Task.closed_at.is_(None), permissions.post_matches(Task, actor))
    if scope == "office":
        return (and_(at_post, or_(Task.person_id.is_(None), Task.claimed_at.is_not(None))),)
    free_or_own = or_(Task.person_id.is_(None), Task.person_id == actor.person_id)
    elsewhere = and_(Task.person_id == actor.person_id, Task.designated, not_(permissions.post_matches(Task, actor)))
    return and_(at_post, free_or_own), and_(Task.closed_at.is_(None), elsewhere)


def _narrowed(
    query: Select[Any], filters: Filters, due: Any, ends: Mapping[str, Any], hit: ColumnElement[bool] | None
) -> Select[Any]:
    exact = {
        Case.machine: filters.machine,
        Case.round_id: filters.round_id,
        Case.managing_authority_id: filters.authority_id,
    }
    query = query.where(*(column == value for column, value in exact.items() if value))
    query = query.where(*_spell(due, filters.due, ends))
    if filters.grade:
        parent = aliased(Evaluation)
        query = query.outerjoin(Evaluation, Evaluation.case_id == Case.id)
        query = query.outerjoin(parent, parent.case_id == Case.parent_id)
        query = query.where(func.coalesce(*grades(Evaluation), *grades(parent)) == filters.grade)
    if filters.back and due is Task.due_at:
        came = (HistoryEntry.case_id == Task.case_id, HistoryEntry.seq == Task.seq, HistoryEntry.move.in_(CAME_BACK))
        query = query.where(exists().where(*came))
    return query if hit is None else query.where(hit)


def grades(evaluation: Any) -> tuple[Any, Any]:
    """The grade in force, else the one proposed."""
    return evaluation.grade, evaluation.proposed_grade


def _spell(due: Any, spell: Spell, ends: Mapping[str, Any]) -> tuple[ColumnElement[bool], ...]:
    if not spell:
        return ()
    return (due <= ends["over"],) if spell == "over" else (due > ends["over"], due <= ends[spell])


def _ends(at: datetime) -> dict[str, datetime]:
    """By spell, the instant up to which work is due in it."""
    today = legal_day(at)
    return {"over": at, "today": _end_of(today), "week": _end_of(today + timedelta(days=6 - today.weekday()))}


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def matching(session: Session, words: str) -> ColumnElement[bool]:
    """Cases by a part of the name, of its pinyin (initials, or in full), of the code, of the notice's title or of the
    case number. Names are looked up once for a page and all its counts, unless nearly everybody has such a one."""
    like = f"%{words.strip().replace('%', '').replace('_', '')}%"
    spelt = (Institution.pinyin, Institution.credit_code) if words.isascii() else ()
    named = (Institution.name, *spelt)
    institutions = select(Institution.id).where(or_(*(column.ilike(like) for column in named)))
    notices = select(Notice.case_id).where(Notice.title.ilike(like))
    known = session.scalars(institutions.limit(MOST + 1)).all()
    theirs = Case.institution_id.in_(known if len(known) <= MOST else institutions)
    return or_(theirs, Case.id.in_(notices), Case.number.ilike(like))


# --- counts


def _count(session: Session, whole: _List, actor: Actor) -> int:
    if whole.plain:
        found = _counted(whole.plain).first(session, permissions.filled(actor))[0]
    else:
        found = session.scalar(select(_bounded(whole.sources, *_keys(whole)))) or 0
    return min(found, MOST)


@cache
def _counted(scope: Scope) -> Query:
    return Query(select(_bounded(_plain(scope).sources, *_keys(_plain(scope)))))


def _keys(whole: _List) -> tuple[Any, ...]:
    return (whole.moment, whole.id) if True in whole.stretches else (whole.id,)


def _bounded(sources: Sequence[Select[Any]], *keys: Any) -> ColumnElement[int]:
    """How many rows the sources have together, each read to MOST and no further. In the order of its index, though
    none is asked for: else PostgreSQL, which plans for nobody in particular, goes through all tasks of all people."""
    parts = [select(func.count()).select_from(_first(one, *keys)).scalar_subquery() for one in sources]
    return sum(parts[1:], start=parts[0])


def _first(source: Select[Any], *keys: Any) -> Subquery:
    return source.order_by(*keys).limit(literal_column(str(MOST))).subquery()


def counts(session: Session, actor: Actor, at: datetime) -> Counts:
    """One statement: every page of an official asks it."""
    row = _all_counts().first(session, {**permissions.filled(actor), **_ends(at)})
    return Counts(*(min(figure, MOST) for figure in row))


@cache
def _all_counts() -> Query:
    """The most urgent are gone through once, and told apart by when they are due."""
    todo, office = ([select(Task.id).where(one) for one in mine(permissions.anybody(), scope)] for scope in _OPEN)
    urgent = [one.with_only_columns(Task.due_at).where(Task.due_at.is_not(None)) for one in todo]
    keys = (Task.due_at, Task.id)
    dated = union_all(*(select(_first(one, *keys).c.due_at) for one in urgent)).subquery()
    whole = func.count() + _bounded([one.where(Task.due_at.is_(None)) for one in todo], *keys)
    timed = [func.count().filter(*_spell(dated.c.due_at, spell, _BLANK_ENDS)) for spell in _SPELLS]
    return Query(select(whole, *timed, _bounded(office, *keys)).select_from(dated))


def addressed(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """In-app messages to the person, and to their post: one condition for each index."""
    post = and_(OutboxMessage.authority_id == actor.authority_id, OutboxMessage.role == actor.role)
    return OutboxMessage.person_id == actor.person_id, post
