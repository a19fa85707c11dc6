"""Rows of the inbox and of the lists of cases, as templates/inbox/list.html reads them."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from views.meter import days
from views.present import Shown, day_words, done_words, grade, local, state_text
from views.texts import N_, ngettext, spoken, text
from views.texts import gettext as _
from views.web import row_address
from workflow.engine.ladder import level_of
from workflow.engine.queries.inbox_reach import CAME_BACK
from workflow.engine.queries.work import Work

THREE_DAYS = 3
ASKS = {"awaiting_publicity": N_("拟公示"), "ended": N_("公示期满，归档")}
"""What is asked where neither the state's name nor a move's says it."""
GROUPS = ("over", "due", "soon", "later", "held")


def groups(rows: Iterable[Work], today: date) -> list[Shown]:
    """The most urgent first; a group without rows is left out."""
    titles = {
        "over": _("已逾期"),
        "due": _("今天到期"),
        "soon": _("三个工作日内"),
        "later": _("三个工作日以后"),
        "held": _("暂停计时或没有期限"),
    }
    sorted_: dict[str, list[Shown]] = {key: [] for key in GROUPS}
    for row in rows:
        sorted_[_urgency(row)].append(shown(row, today))
    return [{"key": key, "title": titles[key], "note": "", "rows": found} for key, found in sorted_.items() if found]


def one_group(rows: Iterable[Work], today: date) -> list[Shown]:
    found = [shown(row, today) for row in rows]
    return [{"key": "later", "title": "", "note": "", "rows": found}] if found else []


def _urgency(row: Work) -> str:
    left = row.left
    if left is None or left.state == "held":
        return "held"
    if left.state == "over":
        return "over"
    if left.figure == 0:
        return "due"
    return "soon" if left.figure <= THREE_DAYS else "later"


def shown(row: Work, today: date) -> Shown:
    ask, note = _ask(row, today)
    return {
        "url": row_address("cases.show", "number", row.number),
        "task_id": row.task_id,
        "name": row.name or row.number,
        "kind": f"{text('machine.' + row.machine)} · {row.number}",
        "days": days(row.left),
        "tags": list(_tags(row)),
        "grade": grade(row.grade, _grade_state(row)),
        "grade_after": None,
        "mini": mini(row.levels, row.state, row.from_move) if row.machine != "publicity" else None,
        "ask": ask,
        "ask_note": note,
        "button": _button(row),
        "from_": row.from_actor or (text(f"actor.{row.from_kind}") if row.from_kind else ""),
        "from_note": _from_note(row, today),
    }


def _grade_state(row: Work) -> str:
    if row.state == "expired":
        return "expired"
    if row.machine == "objection" or row.state == "contested":
        return "held"
    return "effective" if row.in_force else "proposed"


HEARD_FIRST = ("self_report", "scoring", "prior_notice", "statement", "correction")
BEFORE = (*HEARD_FIRST, "application", "acceptance", "supplement", "new")
"""States of a case that no level reviews yet."""


def mini(levels: Sequence[str], state: str, from_move: str = "") -> Shown | None:
    """The small ladder: 县 市 省, how far the case has climbed."""
    here = level_of(state)
    at = levels.index(here) if here else 0 if state in BEFORE else len(levels)
    back = bool(here) and from_move == "return_down" and at + 1 < len(levels)
    return _mini(spoken.get(), tuple(levels), at, bool(here), back) if levels else None


@cache
def _mini(_language: str, levels: tuple[str, ...], at: int, here: bool, back: bool) -> Shown:
    """There are few ladders and places on them, and a list draws one a row."""
    looks = [*["done"] * at, *["now"] * here, *["back"] * back, *[""] * len(levels)][: len(levels)]
    said = {"done": _("已过"), "now": _("现在"), "back": _("退回"), "": _("未到")}
    names = [text(f"level.{level}") for level in levels]
    words = [f"{name}{_('：')}{said[look]}" for name, look in zip(names, looks, strict=True)]
    return {"label": _("，").join(words), "steps": list(zip(names, looks, strict=True))}


def _ask(row: Work, today: date) -> tuple[str, str]:
    state = state_text(row.machine, row.state, row.step)
    if row.task_id is None:
        return state, ""
    if row.closed_at is not None:
        at = local(row.closed_at)
        on = f"{day_words(at.date(), today)} {at:%H:%M}"
        return done_words(row.machine, row.outcome), _("%(on)s，现在：%(state)s", on=on, state=state)
    if row.purpose != "work":
        return text(f"move.{row.machine}.{row.purpose}"), state
    notes = [_("%(who)s已签收", who=row.claimed_by)] if row.claimed_by else []
    if row.why and row.from_move in CAME_BACK:
        notes.insert(0, _("理由：%(text)s", text=row.why))
    return _asked(row) or state, _("，").join(notes)


def _asked(row: Work) -> str:
    """The act by its name, where the state names only the stage."""
    if row.state == "cleared":
        return text(f"move.{row.machine}.confirm")
    if row.machine == "evaluation" and row.step == "handler" and level_of(row.state) == row.levels[0]:
        return text("move.evaluation.propose")
    return _(ASKS[row.state]) if row.state in ASKS else ""


def _tags(row: Work) -> Iterable[Shown]:
    if row.drafted and row.closed_at is None:
        yield {"kind": "accent", "text": _("有暂存"), "icon": "clock"}
    if row.nudges:
        yield {"kind": "over", "text": ngettext("已催办 %(num)s 次", "已催办 %(num)s 次", row.nudges), "icon": "alert"}
    if row.recusal:
        yield {"kind": "over", "text": text(f"reason.{row.recusal}").partition("：")[2], "icon": "stop"}
    if row.from_move in ("rework", "return_down", "disagree") and row.closed_at is None:
        yield {"kind": "over", "text": _("退回重办"), "icon": "back"}
    elif row.from_move == "correct":
        yield {"kind": "due", "text": _("补正后再报"), "icon": "again"}
    elif row.from_move == "settle" and row.task_id and row.closed_at is None:
        yield {"kind": "due", "text": _("异议核查后办理"), "icon": "again"}
    if row.state == "contested":
        yield {"kind": "held", "text": _("公示中有异议"), "icon": "pause"}
    if row.machine == "objection":
        yield {"kind": "held", "text": _("异议人信息已封存"), "icon": "seal"}
    if row.purpose == "designate":
        yield {"kind": "over", "text": _("本环节无人可办"), "icon": "alert"}


def _button(row: Work) -> dict[str, Any] | None:
    if row.task_id is None or row.closed_at is not None or row.recusal:
        return None
    if row.claimable:
        return {"label": _("签收"), "url": row_address("inbox.claim", "task_id", row.task_id)}
    if row.claimed_by_me:
        return {"label": _("退签"), "url": row_address("inbox.release", "task_id", row.task_id)}
    return None


def _from_note(row: Work, today: date) -> str:
    on = day_words(local(row.from_at).date(), today)
    if not row.from_move:
        return _("%(day)s 开始", day=on)
    return f"{on} {text(f'move.{row.machine}.{row.from_move}')}"


def pages(page: int, total: int, size: int, url: Any) -> Shown:
    """`url` gives the address of a page by its number."""
    last = min(page * size, total)
    return {
        "first": (page - 1) * size + 1 if total else 0,
        "last": last,
        "total": total,
        "prev_url": url(page - 1) if page > 1 else None,
        "next_url": url(page + 1) if last < total else None,
    }
