"""The text of what is sent: one letter for one message, or one for a day's digest."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Case, Channel, Institution, Notice, OutboxMessage, User
from models.core import table_of
from workflow.engine.load import rules_of

Text = Callable[..., str]
"""`text(key, language, **details)`: the catalogues, which belong to the doors."""

RIGHTS = {"evaluation.confirm": "re_review_window", "evaluation.settle": "re_review_window"}
"""What an institution is told together with the right that follows, and the period of that right."""
HOME = "zh_Hans_CN"

_message, _case = table_of(OutboxMessage), table_of(Case)


def messages(session: Session, ids: Sequence[int]) -> list[Any]:
    """The messages with their cases, in order."""
    name = func.coalesce(Institution.name, Notice.title, "").label("name")
    case = (_case.c.number, _case.c.machine, _case.c.policy_id, name)
    query = select(_message, *case).join(_case, _case.c.id == _message.c.case_id)
    query = query.outerjoin(Institution, Institution.id == _case.c.institution_id)
    query = query.outerjoin(Notice, Notice.case_id == _case.c.id).where(_message.c.id.in_(ids))
    return list(session.execute(query.order_by(_message.c.id)).mappings())


def language_of(session: Session, channel: Channel) -> str:
    own = select(User.language).where(User.person_id == channel.person_id, User.active).order_by(User.id).limit(1)
    return (session.scalar(own) if channel.person_id else None) or HOME


def letter(session: Session, rows: Sequence[Any], text: Text, language: str) -> tuple[str, str]:
    """Title and body."""
    if len(rows) == 1:
        title = heading(rows[0], text, language)
        return title, "\n".join(
            [
                text("letter.case", language, **_details(rows[0], text, language)),
                *_rights(session, rows[0], text, language),
            ]
        )
    lines = [f"{place}. {heading(row, text, language)}" for place, row in enumerate(rows, 1)]
    rights = dict.fromkeys(line for row in rows for line in _rights(session, row, text, language))
    return text("letter.digest", language, count=len(rows)), "\n".join([*lines, *rights])


def heading(row: Any, text: Text, language: str) -> str:
    return text(f"event.{row['event']}", language, **_details(row, text, language))


def _details(row: Any, text: Text, language: str) -> dict[str, Any]:
    what, payload = text(f"machine.{row['machine']}", language), row["payload"]
    if payload.get("task"):
        what += f" · {text('move.' + row['machine'] + '.' + payload['task'], language)}"
    if payload.get("provisional"):
        payload = payload | {"due_on": payload["due_on"] + text("letter.provisional", language)}
    return {"what": what, "name": row["name"] or row["number"], "number": row["number"], **payload}


def _rights(session: Session, row: Any, text: Text, language: str) -> list[str]:
    key = RIGHTS.get(row["event"])
    if key is None or row["institution_id"] is None:
        return []
    rule = rules_of(session, row["policy_id"]).period(key)
    unit = text(f"unit.{rule.unit}", language)
    return [text("letter.rights", language, count=rule.count, unit=unit)]
