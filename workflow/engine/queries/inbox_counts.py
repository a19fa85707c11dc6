"""How much open work there is: the figures on every page of an official."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from models import Task
from models.prepared import Query
from workflow.engine import permissions
from workflow.engine.permissions import Actor
from workflow.engine.queries.inbox_reach import (
    BLANK_ENDS,
    MOST,
    SPELLS,
    Scope,
    at_post,
    elsewhere,
    ends_at,
    mine,
    within,
)

_OPEN: tuple[Scope, ...] = ("todo", "office")
_KEYS = (Task.due_at, Task.id)
FREE, OWN, SIGNED, TAKEN, OTHERS, ELSEWHERE = range(6)
"""Whose a task is: nobody's yet, the actor's seat, signed for by the actor, or by a colleague, a colleague's seat, the
actor's at another post."""
_TODO, _OFFICE, _POST = (FREE, OWN, SIGNED, ELSEWHERE), (FREE, SIGNED, TAKEN), (FREE, OWN, SIGNED, TAKEN, OTHERS)
_OVER, _TODAY, _WEEK, _LATER, _UNDATED = range(5)


@dataclass(frozen=True, slots=True)
class Counts:
    """Open work, each figure up to MOST. `today` and `week` have not yet run out."""

    todo: int = 0
    overdue: int = 0
    today: int = 0
    week: int = 0
    office: int = 0


def counts(session: Session, actor: Actor, at: datetime) -> Counts:
    """What the post owes is gone through once, the most urgent first, and told apart by whose and how urgent it is.
    That is all, unless there is more than was gone through and not all of it is both the actor's and the office's."""
    values = {**permissions.filled(actor), **ends_at(at)}
    found = {divmod(row.kind, _UNDATED + 1): row.number for row in _sorts().all(session, values)}
    dated = _sum(found, _POST, (_OVER, _TODAY, _WEEK, _LATER))
    whole = max(dated, _sum(found, _POST, (_UNDATED,))) < MOST
    if not whole and _sum(found, (OWN, TAKEN, OTHERS)):
        return _capped(_all_counts().first(session, values))
    today = _sum(found, _TODO, (_TODAY,))
    spells = (_sum(found, _TODO, (_OVER,)), today, today + _sum(found, _TODO, (_WEEK,)))
    return _capped((_sum(found, _TODO), *spells, _sum(found, _OFFICE)))


def _sum(found: dict[tuple[int, int], int], whose: Iterable[int], spells: Iterable[int] = range(_UNDATED + 1)) -> int:
    return sum(found.get((one, spell), 0) for one in whose for spell in spells)


def _capped(figures: Iterable[int]) -> Counts:
    return Counts(*(min(figure, MOST) for figure in figures))


@cache
def _sorts() -> Query:
    """How many of each kind: whose, and how urgent."""
    me, constant = permissions.anybody(), [literal_column(str(number)) for number in range(len(_POST) + 1)]
    own, claimed = Task.person_id == me.person_id, Task.claimed_at.is_not(None)
    signed = ((own & claimed, constant[SIGNED]), (own, constant[OWN]), (claimed, constant[TAKEN]))
    whose = case((Task.person_id.is_(None), constant[FREE]), *signed, else_=constant[OTHERS])
    ends = [(Task.due_at <= BLANK_ENDS[spell], constant[place]) for place, spell in enumerate(SPELLS)]
    urgent = case(*ends, (Task.due_at.is_(None), constant[_UNDATED]), else_=constant[_LATER])
    walks = [(whose, at_post(me)), (constant[ELSEWHERE], elsewhere(me))]
    parts = [
        _first(select((one * len(constant[:-1]) + urgent).label("kind")).where(where, stretch), *_KEYS)
        for one, where in walks
        for stretch in (Task.due_at.is_not(None), Task.due_at.is_(None))
    ]
    kinds = union_all(*(select(part.c.kind) for part in parts)).subquery()
    return Query(select(kinds.c.kind, func.count().label("number")).group_by(kinds.c.kind))


@cache
def _all_counts() -> Query:
    """The most urgent are gone through once, and told apart by when they are due."""
    todo, office = ([select(Task.id).where(one) for one in mine(permissions.anybody(), scope)] for scope in _OPEN)
    urgent = [one.with_only_columns(Task.due_at).where(Task.due_at.is_not(None)) for one in todo]
    dated = union_all(*(select(_first(one, *_KEYS).c.due_at) for one in urgent)).subquery()
    whole = func.count() + bounded([one.where(Task.due_at.is_(None)) for one in todo], *_KEYS)
    timed = [func.count().filter(*within(dated.c.due_at, spell, BLANK_ENDS)) for spell in SPELLS]
    return Query(select(whole, *timed, bounded(office, *_KEYS)).select_from(dated))


def bounded(sources: Sequence[Select[Any]], *keys: Any) -> ColumnElement[int]:
    """How many rows the sources have together, each read to MOST and no further. In the order of its index, though
    none is asked for: else PostgreSQL, which plans for nobody in particular, goes through all tasks of all people."""
    parts = [select(func.count()).select_from(_first(one, *keys)).scalar_subquery() for one in sources]
    return sum(parts[1:], start=parts[0])


def _first(source: Select[Any], *keys: Any) -> Subquery:
    return source.order_by(*keys).limit(literal_column(str(MOST))).subquery()
