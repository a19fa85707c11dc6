"""What an address of the inbox asks for: filters, the place in the list; and the boxes and chips that lead there."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from models import SavedFilter
from views.present import Shown
from views.texts import gettext as _
from views.texts import text
from workflow.engine.permissions import Actor
from workflow.engine.queries import inbox as query
from workflow.engine.queries import inbox_choices
from workflow.engine.queries.inbox_counts import Counts
from workflow.engine.queries.inbox_reach import MOST, SPELLS, Filters, Scope, Spell
from workflow.machines import MACHINES

LONGEST_WORDS = 100
GRADES = "ABCD"
MARK = re.compile(r"(\d{20})?_(\d{1,18})", re.ASCII)
STAMP = "%Y%m%d%H%M%S%f"


def asked() -> Filters:
    """The filters in the address. What they cannot be is left out, not refused: an old bookmark still opens."""
    sent = request.args
    machine, grade = sent.get("machine", ""), sent.get("grade", "")
    return Filters(
        machine=machine if machine in MACHINES else "",
        round_id=_id(sent.get("round", "")),
        authority_id=_id(sent.get("from", "")),
        grade=grade if grade in tuple(GRADES) else "",
        due=next((spell for spell in SPELLS if spell == sent.get("due")), ""),
        back=sent.get("back") == "1",
        words=sent.get("q", "")[:LONGEST_WORDS].strip(),
    )


def _id(sent: str) -> int:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < len(str(2**63)) else 0


def address(filters: Filters) -> dict[str, Any]:
    """The same as the parts of an address; what is not set is left out."""
    parts = {
        "machine": filters.machine,
        "round": filters.round_id,
        "from": filters.authority_id,
        "grade": filters.grade,
        "due": filters.due,
        "back": int(filters.back),
        "q": filters.words,
    }
    return {name: str(value) for name, value in parts.items() if value}


def mark() -> query.Mark | None:
    """Where the page begins (`after`) or ends (`before`); without either, the beginning of the list."""
    for name in ("after", "before"):
        found = MARK.fullmatch(request.args.get(name, ""))
        if found:
            at = _instant(found[1]) if found[1] else None
            return query.Mark(at, int(found[2]), backward=name == "before") if at or not found[1] else None
    return None


def _instant(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def turns(found: query.Found, filters: Filters, scope: Scope) -> Shown:
    """The pages beside this one, and how many rows there are in all."""
    here = f"inbox.{scope}"
    kept = address(filters)
    return {
        "shown": len(found.ids),
        "total": figure(found.total),
        "first_url": url_for(here, **kept) if found.earlier else "",
        "prev_url": url_for(here, **kept, before=_stamp(found.earlier)) if found.earlier else "",
        "next_url": url_for(here, **kept, after=_stamp(found.later)) if found.later else "",
    }


def _stamp(mark: query.Mark) -> str:
    return f"{mark.at.astimezone(UTC).strftime(STAMP) if mark.at else ''}_{mark.id}"


def figure(count: int) -> str:
    """Counting stops at a thousand: more than that nobody reads."""
    return f"{MOST}+" if count >= MOST else str(count)


def boxes(session: Session, actor: Actor, filters: Filters, scope: Scope) -> list[Shown]:
    all_ = ("", _("全部"))
    below = inbox_choices.authorities(session, actor)
    found = [
        _box("machine", _("事项"), filters.machine, [all_, *((key, text(f"machine.{key}")) for key in MACHINES)]),
        _box("round", _("批次"), filters.round_id, [all_, *inbox_choices.rounds(session, actor)]),
        _box("from", _("管理机关"), filters.authority_id, [all_, *below]) if len(below) > 1 else None,
        _box("grade", _("等级"), filters.grade, [all_, *((one, _("%(letter)s 级", letter=one)) for one in GRADES)]),
        _box("due", _("期限"), filters.due, [("", _("不限")), *_spells()]) if scope != "done" else None,
    ]
    return [one for one in found if one]


def _box(name: str, label: str, value: Any, options: list[Any]) -> Shown:
    shown = [(str(key), words) for key, words in options]
    return {"name": name, "label": label, "value": str(value or ""), "options": shown}


def _spells() -> list[tuple[Spell, str]]:
    return [("over", _("已逾期")), ("today", _("今天到期")), ("week", _("本周到期"))]


def chips(filters: Filters, counts: Counts, kept: list[SavedFilter]) -> list[Shown]:
    """One click each: what presses, what came back, and what the person has saved."""
    figures = {"over": counts.overdue, "today": counts.today, "week": counts.week}
    found = [_chip(_("全部"), {}, filters, counts.todo)]
    found += [_chip(words, {"due": due}, filters, figures[due]) for due, words in _spells()]
    found.append(_chip(_("退回与再报"), {"back": "1"}, filters))
    return found + [_chip(one.name, one.asked, filters, saved=one.id) for one in kept]


def _chip(label: str, parts: dict[str, Any], filters: Filters, count: int | None = None, saved: int = 0) -> Shown:
    return {
        "label": label,
        "count": figure(count) if count is not None else None,
        "over": bool(count) and parts.get("due") == "over",
        "url": url_for("inbox.todo", **parts),
        "current": parts == address(filters),
        "forget_url": url_for("inbox.forget_filter", filter_id=saved) if saved else "",
    }
