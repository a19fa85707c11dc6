"""The running deadline on the page of its case: in one line, and as a strip of days."""

from datetime import date, datetime
from typing import Any

from flask import url_for

from views.present import Shown, day_words, deadline_law, proof_days, until
from views.terms import span
from views.texts import gettext as _
from views.texts import ngettext, text
from workflow.engine.queries import due
from workflow.engine.queries.case_page import CasePage
from workflow.engine.queries.due import DaysLeft
from workflow.rules.calendar import Calendar


def proof(page: CasePage, timer: Any, left: DaysLeft | None, calendar: Calendar) -> Shown | None:
    """The short form, and the strip of days. A clock that stands still shows no days here."""
    if timer is None or left is None or not timer.rule:
        return None
    clause = deadline_law(page.facts.rules, timer.rule["clause"])
    return {
        "short": short(timer, left, clause),
        "days": proof_days(due.proof(timer, calendar), timer, page.facts.today),
        "text": "" if left.state == "held" else sentence(timer, page.facts.today),
        "clause": clause,
        "url": url_for("cases.proof", number=page.facts.case["number"]),
    }


def follow_up(page: CasePage, timer: Any, calendar: Calendar, at: datetime) -> Shown:
    """What is still to be done beside the step, in one line, with its own proof."""
    case, rules = page.facts.case, page.facts.rules
    left = due.days_left(timer, calendar, at)
    return {
        "title": text(f"move.{case['machine']}.{timer.purpose}"),
        "short": short(timer, left, deadline_law(rules, timer.rule["clause"])),
        "url": url_for("cases.proof", number=case["number"], of=timer.id),
    }


def short(timer: Any, left: DaysLeft, clause: Shown) -> str:
    """`还剩 3 个工作日 · 2026-12-04 24:00 止 · 依据 …`."""
    basis = _("依据 %(law)s", law=_("本地规则设定") if clause["local"] else clause["cite"])
    if left.state == "held":
        kept = _("计时已停止，余 %(left)s", left=span(timer.rule))
        return " · ".join([kept, _("最迟 %(day)s 恢复", day=timer.due_on.isoformat()), basis])
    days = ngettext("天", "天", left.figure)
    figure = f"{left.figure} {ngettext('个工作日', '个工作日', left.figure) if left.unit == 'working' else days}"
    if left.state == "over":
        head = _("逾期 %(figure)s", figure=figure)
    else:
        head = _("还剩 %(figure)s", figure=figure) if left.figure else _("今天到期")
    end = _("%(day)s %(hour)s 止", day=timer.due_on.isoformat(), hour=left.closes)
    return " · ".join([head, end + (_("（暂定）") if left.state == "maybe" else ""), basis])


def sentence(timer: Any, today: date) -> str:
    if "month" in timer.rule:
        begins = _("至规定日期")
    else:
        begins = _("当日计入") if timer.rule["start_day"] == "counted" else _("当日不计")
    start = day_words(timer.started_on, today)
    return _("%(start)s 起算，%(begins)s；%(span)s，至 %(end)s。", start=start, begins=begins, span=span(timer.rule),
             end=until(timer.planned_at, today) + (_("（暂定）") if timer.provisional else ""))  # fmt: skip
