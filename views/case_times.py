"""时间: what a case has used, when it can end at the latest, and what happens if nobody acts."""

from collections.abc import Sequence
from typing import Any

from views.present import Shown, day_words, state_text
from views.texts import gettext as _
from views.texts import text
from workflow.engine.queries.case_page import CasePage
from workflow.forecast import Ahead, Forecast, Silence, forecast
from workflow.ledger import Used, ledger
from workflow.rules.calendar import Calendar


def times(page: CasePage, timer: Any, others: Sequence[Any], calendar: Calendar) -> Shown | None:
    """`others`: the clocks of the follow-ups."""
    facts, today = page.facts, page.facts.today
    closed = facts.case["closed_at"] is not None
    used = ledger(facts.machine, reversed(page.acts), calendar, today, closed=closed)
    ahead = None if closed else forecast(facts.machine, facts.levels, facts.full_state, timer, others, calendar, today)
    if not used and ahead is None:
        return None
    return {
        "used": [_used(one, page) for one in used],
        "total": sum(one.days for one in used),
        "paused": sum(one.paused for one in used),
        "ahead": [_ahead(one, page) for one in ahead.path] if ahead else [],
        "latest": _latest(ahead, page) if ahead and ahead.path else "",
        "silence": list(_silence(ahead, page)) if ahead else [],
    }


def _used(one: Used, page: CasePage) -> Shown:
    by = " · ".join(word for word in (one.authority, one.person) if word)
    return {
        "step": state_text(page.facts.machine.table.key, one.state, one.step),
        "by": _("在办") if one.open else by or _("期满"),
        "days": one.days,
        "paused": one.paused,
    }


def _ahead(one: Ahead, page: CasePage) -> tuple[str, str]:
    unsure = _("（暂定）") if one.provisional else ""
    on = day_words(one.ends_on, page.facts.today) + unsure if one.ends_on else _("没有期限")
    return state_text(page.facts.machine.table.key, one.state, one.step), on


def _latest(found: Forecast, page: CasePage) -> str:
    if found.ends_on is None:
        return _("最迟何时办结还不能确定。")
    goal = state_text(page.facts.machine.table.key, found.goal)
    day = day_words(found.ends_on, page.facts.today) + (_("（暂定）") if found.provisional else " ")
    return _("各环节都用满期限的，最迟 %(day)s进入“%(goal)s”。", day=day, goal=goal)


def _silence(found: Forecast, page: CasePage) -> list[str]:
    machine = page.facts.machine.table.key

    def told(one: Silence) -> str:
        day = day_words(one.on, page.facts.today) + (_("（暂定）") if one.provisional else "")
        if one.move:
            return _("%(day)s 期满，系统办理“%(move)s”", day=day, move=text(f"move.{machine}.{one.move}"))
        what = text(f"move.{machine}.{one.follow_up}") if one.follow_up else ""
        return what + _("%(day)s 期满，列为超期，告知承办人和分管领导", day=day)

    return [told(one) for one in found.silence]
