"""等级评定: the policy's conditions as SQL over the archive, so that a whole city is graded in a few statements.

There is one evaluator. A past grade is proved by loading its frozen facts into a table in memory and asking again.
"""

import operator
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Protocol

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Label,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    create_engine,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.pool import NullPool

from models.archive import ArchiveRecord
from workflow.rules.conditions import Asked, Count, Exists, Lasting, NoneOf, NoneOfGrades, When, YearsInARow
from workflow.rules.findings import NAMES, Fact, Findings, Met, conclude
from workflow.rules.policy import PolicyRules

ARCHIVE = ArchiveRecord.__table__
_STORED = {"judged_by": "judged_by_id"}
_COLUMNS = [ARCHIVE.c[_STORED.get(name, name)].label(name) for name in NAMES]
_COMPARE = {">=": operator.ge, ">": operator.gt}
# The archive's constraints guard what is recorded; to recompute, only its columns are needed.
_BARE = Table(
    ArchiveRecord.__tablename__, MetaData(), *(Column(column.name, column.type) for column in ARCHIVE.columns)
)
# Far below what either database takes as parameters of one statement.
_CHUNK = 5_000
_ONE_DAY = timedelta(days=1)
_HIT, _OPEN = "hit", "open"


class Asking(Protocol):
    """A condition: of a grade, or of eligibility."""

    @property
    def id(self) -> str: ...
    @property
    def when(self) -> When | None: ...
    def __hash__(self) -> int: ...


def grade_many(
    connection: Connection, rules: PolicyRules, institution_ids: Sequence[int] | Select, on: date
) -> dict[int, Findings]:
    """Findings of each institution on the day `on`: one statement for every 5000 institutions."""
    ids = _ids(connection, institution_ids)
    chunks = (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
    return {entry.institution_id: entry for chunk in chunks for entry in _graded(connection, rules, chunk, on)}


def explain(connection: Connection, rules: PolicyRules, institution_id: int, on: date) -> Findings:
    return grade_many(connection, rules, [institution_id], on)[institution_id]


def regrade(rules: PolicyRules, facts: Sequence[Fact], on: date, institution_id: int = 0) -> Findings:
    """The findings that these facts alone give: equal to those they were frozen with, or those were wrong."""
    rows = [
        {"institution_id": institution_id, **{_STORED.get(name, name): getattr(fact, name) for name in NAMES}}
        for fact in facts
    ]
    with _memory().begin() as connection:
        _BARE.create(connection)
        if rows:
            connection.execute(_BARE.insert(), rows)
        return explain(connection, rules, institution_id, on)


@cache
def _memory() -> Engine:
    """Every connection is an empty database of its own; only the compiled SQL is shared."""
    return create_engine("sqlite://", poolclass=NullPool)


def next_better(rules: PolicyRules, findings: Findings) -> tuple[Met, ...]:
    """The conditions that must fall away before a better grade can hold; none for the best grade or without one."""
    if findings.grade == rules.evaluation.grades[0]:
        return ()
    return tuple(entry for entry in findings.met if entry.grade == findings.grade)


def _ids(connection: Connection, institution_ids: Sequence[int] | Select) -> list[int]:
    if isinstance(institution_ids, Select):
        return list(connection.scalars(institution_ids))
    return list(institution_ids)


def _graded(connection: Connection, rules: PolicyRules, ids: list[int], on: date) -> Iterator[Findings]:
    for id, facts, hits, undecided in ask(connection, rules, rules.conditions, ids, on):
        yield conclude(rules, id, on, facts, hits, undecided)


def ask(
    connection: Connection, rules: PolicyRules, conditions: Sequence[Asking], ids: list[int], on: date
) -> Iterator[tuple[int, list[Fact], dict[str, set[int]], set[int]]]:
    """What the archive answers to conditions: for each institution its facts, those that each condition touches, and
    those that a person must judge first."""
    hits: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    undecided: dict[int, set[int]] = defaultdict(set)
    facts: dict[int, dict[int, Fact]] = defaultdict(dict)
    rows = connection.execute(_statement(rules, tuple(conditions), on), {"ids": ids}).all()
    for condition, outcome, institution, record, *values in rows:
        if record not in facts[institution]:
            facts[institution][record] = Fact(record, *values)
        if outcome == _HIT:
            hits[institution][condition].add(record)
        elif outcome == _OPEN:
            undecided[institution].add(record)
    for id in ids:
        yield id, list(facts[id].values()), hits[id], undecided[id]


@lru_cache(maxsize=100)
def _statement(rules: PolicyRules, conditions: tuple[Asking, ...], on: date) -> Select:
    """The facts with the conditions they touch: read at once, so that findings always follow from their own facts."""
    known = _known(rules, on)
    asked = _questions(conditions, known, on).subquery("asked")
    return (
        select(asked.c.condition, asked.c.outcome, known)
        .select_from(known.outerjoin(asked, asked.c.id == known.c.id))
        .order_by(known.c.id)
    )


def _known(rules: PolicyRules, on: date) -> CTE:
    """What the archive knew on the day: begun and, if there is a decision, decided by then, and never voided.

    What was remedied by then, as verified in a repair, is no longer used."""
    return (
        select(ARCHIVE.c.institution_id, *_COLUMNS)
        .where(
            ARCHIVE.c.institution_id.in_(bindparam("ids", expanding=True)),
            ARCHIVE.c.kind.in_(sorted(rules.record_kinds)),
            ARCHIVE.c.voided_on.is_(None),
            or_(ARCHIVE.c.remedied_on.is_(None), ARCHIVE.c.remedied_on > on),
            ARCHIVE.c.acted_on <= on,
            or_(ARCHIVE.c.decided_on.is_(None), ARCHIVE.c.decided_on <= on),
        )
        .cte("known")
    )


def _questions(conditions: Sequence[Asking], known: CTE, on: date) -> CompoundSelect:
    """Every condition's records: institution_id, id, condition, outcome."""
    parts = []
    for condition in conditions:
        when = condition.when
        if when is None or isinstance(when, NoneOfGrades):
            continue
        parts.append(_records(when, known, on).add_columns(*_labels(condition.id, _HIT)))
        if isinstance(when, Asked) and _judgement(when, known):
            parts.append(_unjudged(when, known, on).add_columns(*_labels(condition.id, _OPEN)))
    return union_all(*(parts or [_pairs(known).where(false()).add_columns(*_labels("", _HIT))]))


def _labels(condition: str, outcome: str) -> tuple[Label[str], Label[str]]:
    return literal(condition, String()).label("condition"), literal(outcome, String()).label("outcome")


def _records(when: Exists | Count | NoneOf | YearsInARow | Lasting, known: CTE, on: date) -> Select:
    if isinstance(when, YearsInARow):
        return _in_a_row(when, known)
    if isinstance(when, Lasting):
        latest = begun_by(on if when.op == ">=" else on - _ONE_DAY, when.value)
        return _pairs(known).where(known.c.kind.in_(when.kinds), _standing(known, on), known.c.acted_on <= latest)
    judged = [column == value for column, value in _judgement(when, known)]
    if isinstance(when, Count):
        return _counted(when, _pairs(known).where(*_asked(when, known, on), *judged))
    return _pairs(known).where(*_asked(when, known, on), *judged)


def _pairs(known: CTE) -> Select:
    return select(known.c.institution_id, known.c.id)


def _asked(when: Asked, known: CTE, on: date) -> Iterator[ColumnElement[bool]]:
    """What can be read from the record, all but a person's judgement."""
    yield known.c.kind.in_(when.kinds)
    if when.decided:
        yield known.c.decided_on.is_not(None)
    if when.standing:
        yield _standing(known, on)
    if when.public:
        yield or_(known.c.public_from.is_(None), known.c.public_from <= on)
        yield or_(known.c.public_to.is_(None), known.c.public_to >= on)
    if when.within and when.by:
        yield known.c[when.by] >= _since(on, when.within)


def _standing(known: CTE, on: date) -> ColumnElement[bool]:
    # `acted_to` is the day on which the state ended or the entry was removed: on that day it no longer stands.
    return or_(known.c.acted_to.is_(None), known.c.acted_to > on)


def _judgement(when: Asked, known: CTE) -> list[tuple[ColumnElement, str | bool]]:
    asked = ((known.c.severity, when.severity), (known.c.corrected_in_time, when.corrected_in_time))
    return [(column, value) for column, value in asked if value is not None]


def _unjudged(when: Asked, known: CTE, on: date) -> Select:
    """Records that the missing judgement could still bring under the condition."""
    judgement = _judgement(when, known)
    return _pairs(known).where(
        *_asked(when, known, on),
        *(or_(column.is_(None), column == value) for column, value in judgement),
        or_(*(column.is_(None) for column, _ in judgement)),
    )


def _counted(when: Count, records: Select) -> Select:
    # The ids are unique in the archive, so a window of the whole institution is its number of records.
    inner = records.subquery()
    number = func.count().over(partition_by=inner.c.institution_id).label("number")
    counted = select(inner.c.institution_id, inner.c.id, number).subquery()
    return select(counted.c.institution_id, counted.c.id).where(_COMPARE[when.op](counted.c.number, when.value))


def _in_a_row(when: YearsInARow, known: CTE) -> Select:
    """Gaps and islands: consecutive years less their rank share one number; two records of a year are one year."""
    place = func.dense_rank().over(partition_by=known.c.institution_id, order_by=known.c.period_year)
    ranked = (
        select(known.c.institution_id, known.c.id, known.c.period_year, (known.c.period_year - place).label("island"))
        .where(known.c.kind.in_(when.kinds), known.c.period_year.is_not(None))
        .subquery()
    )
    island = (ranked.c.institution_id, ranked.c.island)
    first = func.min(ranked.c.period_year).over(partition_by=island)
    length = (func.max(ranked.c.period_year).over(partition_by=island) - first + 1).label("length")
    rows = select(ranked.c.institution_id, ranked.c.id, length).subquery()
    return select(rows.c.institution_id, rows.c.id).where(_COMPARE[when.op](rows.c.length, when.value))


def _since(on: date, months: int) -> date:
    """The first day from which the period has not run out before `on`; the corresponding day counts (民法典 202)."""
    year, month = _months_before(on, months)
    last = monthrange(year, month)[1]
    return date(year, month, on.day) if on.day <= last else date(year, month, last) + _ONE_DAY


def begun_by(on: date, months: int) -> date:
    """The last day from which the period is full by `on`; a month without the day ends it (民法典 202)."""
    year, month = _months_before(on, months)
    last = monthrange(year, month)[1]
    month_end = on.day == monthrange(on.year, on.month)[1]
    return date(year, month, last if month_end else min(on.day, last))


def _months_before(on: date, months: int) -> tuple[int, int]:
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return year, month + 1
