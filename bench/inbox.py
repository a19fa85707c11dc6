"""A reviewer's inbox when it grows: first page with counts, page 50, and a reviewer who has 30 tasks among many."""

from collections.abc import Callable, Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.bare import Driver
from bench.copies import copies
from bench.measure import Figure, Row, in_turn, milliseconds, repeated
from bench.site import kind_of, reviewed
from workflow.demo.play import CITY, Play
from workflow.engine.permissions import Actor
from workflow.engine.queries import inbox, work
from workflow.engine.queries.inbox import Mark
from workflow.engine.queries.inbox_counts import counts
from workflow.engine.queries.inbox_reach import Filters

FEW, FEW_OF_MANY = 1_000, 30
LATER = 49
"""Pages before page 50."""
LIMITS = {"postgres": (1.5, 1.2), "sqlite": (2.5, 1.5)}
BARE = """
SELECT t.id, t.due_at, c.number, i.name FROM task t JOIN "case" c ON c.id = t.case_id
JOIN institution i ON i.id = c.institution_id
WHERE t.authority_id = {0} AND t.role = 'handler' AND t.closed_at IS NULL ORDER BY t.due_at, t.id LIMIT {1}
"""
COUNTED = """
SELECT count(*), count(CASE WHEN due_at < {1} THEN 1 END) FROM (SELECT due_at FROM task
WHERE authority_id = {0} AND role = 'handler' AND closed_at IS NULL LIMIT 1000) one
"""


def measure(small: Play, play: Play, rounds: int, size: int, many: int) -> Iterator[Figure]:
    """`many` open tasks in all; `size` pages a round."""
    kind, reviewer, other = kind_of(play), play.actor(f"{CITY}-handler"), play.actor("411003-handler")
    copies(small.database, reviewed(small), FEW - 1)
    like = reviewed(play)
    _give(play, copies(play.database, like, FEW_OF_MANY), other.authority_id or 0)
    copies(play.database, like, many - FEW_OF_MANY - 1)
    rows = [Row(f"inbox_{many}_tasks", "ms", f"the same at {FEW}", *LIMITS[kind], "lower")]
    rows += [Row(f"inbox_30_of_{many}", "ms", f"the same at {FEW}", *LIMITS[kind], "lower")]
    rows += [Row(f"inbox_page_50_of_{many}", "ms", f"the same at {FEW}", *LIMITS[kind], "lower")]
    shown = [(small, small.actor(f"{CITY}-handler"), None), (play, reviewer, None), (play, other, None)]
    pages = [_shown(*one) for one in (*shown, (play, reviewer, _walked(play, reviewer)))]
    few, *found = map(milliseconds, in_turn(rounds, *(repeated(page, size) for page in pages)))
    for row, one in zip(rows, found, strict=True):
        yield row.figure(kind, one, few)
    yield _beside_bare(play, reviewer, rounds, size, many)


def _page(session: Session, play: Play, actor: Actor, mark: Mark | None = None) -> inbox.Found:
    """What the page asks: counts, the page's ids, and its rows."""
    at = play.clock()
    owed = counts(session, actor, at)
    found = inbox.listed(session, actor, "todo", Filters(), mark, at, owed)
    work.rows(session, actor, "todo", found.ids, at)
    return found


def _shown(play: Play, actor: Actor, mark: Mark | None) -> Callable[[], object]:
    def show() -> object:
        with play.database.glance() as session:
            return _page(session, play, actor, mark)

    show()
    return show


def _walked(play: Play, actor: Actor) -> Mark | None:
    mark = None
    with play.database.read() as session:
        for _ in range(LATER):
            mark = inbox.listed(session, actor, "todo", Filters(), mark, play.clock()).later
    return mark


def _give(play: Play, cases: range, authority: int) -> None:
    with play.database.write() as session:
        given = {"authority": authority, "first": cases[0], "last": cases[-1]}
        moved = "UPDATE task SET authority_id = :authority WHERE case_id BETWEEN :first AND :last AND closed_at IS NULL"
        session.execute(text(moved), given)


def _beside_bare(play: Play, actor: Actor, rounds: int, size: int, many: int) -> Figure:
    driver = Driver(play.database)
    blank = "?" if play.database.is_sqlite else "%s"
    whose = (actor.authority_id,)
    at = play.clock()
    instant = at.replace(tzinfo=None).isoformat(" ") if play.database.is_sqlite else at

    def bare() -> object:
        driver.rows(COUNTED.format(blank, blank), (instant, *whose))
        return driver.rows(BARE.format(blank, inbox.PAGE), whose)

    ours, beside = in_turn(rounds, repeated(_shown(play, actor, None), size), repeated(bare, size))
    driver.close()
    row = Row(f"inbox_bare_{many}", "ms", "bare SQL: a page and a count", 8, 5, "lower")
    return row.figure(kind_of(play), milliseconds(ours), milliseconds(beside))
