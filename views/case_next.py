"""What the actor owes after the case just acted on: the next one is one click away."""

from flask import url_for
from sqlalchemy.orm import Session

from views.inbox_filters import figure
from views.present import Shown
from views.web import actor, at
from workflow.engine.queries import inbox, work
from workflow.engine.queries.inbox_counts import counts
from workflow.engine.queries.inbox_reach import Filters

LOOKED_AT = 6
"""The first few are enough to find one that the actor need not leave to others."""


def following(session: Session, case_id: int) -> Shown:
    """The most urgent work left that the actor may do; `url` leads to the inbox where there is none."""
    owed = counts(session, actor(), at())
    ids = inbox.listed(session, actor(), "todo", Filters(), None, at(), owed).ids[:LOOKED_AT]
    rows = work.rows(session, actor(), "todo", ids, at())
    one = next((row for row in rows if row.case_id != case_id and not row.recusal), None)
    url = url_for("cases.show", number=one.number) if one else url_for("inbox.todo")
    return {"left": figure(owed.todo), "url": url, "name": (one.name or one.number) if one else ""}
