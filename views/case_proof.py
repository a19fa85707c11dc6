"""Why a deadline is that day; and a document as it was issued."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from models import Authority, Document, Person
from views import case_file
from views.case_context import facts_line
from views.present import Shown, day_words, deadline_law, local, proof_days, span
from views.texts import text
from views.web import actor, at
from workflow.engine import calendars
from workflow.engine.queries import due
from workflow.engine.queries.case_page import CasePage, case_page
from workflow.engine.refusal import NotFound
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import CountedDay


def proof(session: Session, case_id: int) -> Shown:
    """Why the deadline is that day: the running one, or the last one of a case that has ended."""
    page = case_page(session, case_id, actor(), at())
    timers = [one for one in due.timers_of(session, case_id) if one.rule]
    running = due.running(session, [case_id]).get(case_id)
    timer = running if running is not None and running.rule and running.kind != "pause" else next(iter(timers), None)
    if timer is None:
        raise NotFound
    calendar = calendars.current(session)
    proved = due.proof(timer, calendar)
    rule, today, machine = timer.rule, page.facts.today, page.facts.machine.table.key
    what = text(f"due.{timer.rule_key}")
    clause = deadline_law(page.facts.rules, rule["clause"])
    number = page.facts.case["number"]
    closes = due.days_left(timer, calendar, at()).closes
    return {
        "crumbs": [(text(f"machine.{machine}"), url_for("cases.index", machine=machine)),
                   (number, url_for("cases.show", number=number)), (_("时限证明"), None)],
        "heading": _("“%(what)s”的期限，为什么是 %(month)s 月 %(day)s 日",
                     what=what, month=timer.due_on.month, day=timer.due_on.day),
        "facts": facts_line(page)[:4],
        "due_on": timer.due_on,
        "closes": closes,
        "provisional": timer.provisional,
        "sentence": case_file.sentence(timer, today),
        "days": proof_days(proved, timer, today),
        "laws": _laws(proved, calendar) | {"start": clause["label"], "last": clause["label"]},
        "rule": _rule(rule, what),
        "clauses": [clause],
        "pauses": _pauses(page),
        "changes": _changes(page, timers, timer),
        "calendar_note": _("日历版本：%(version)s", version=timer.calendar_version),
    }  # fmt: skip


def _laws(proved: Sequence[CountedDay], calendar: Calendar) -> dict[str, str]:
    """By kind of day, the notice that made it so."""
    found = {day.why: calendar.day(day.date, provisional=True).document for day in reversed(proved)}
    return found | {"weekday": "", "weekend": _("工作日不含周六、周日")}


def _rule(rule: Mapping[str, Any], what: str) -> list[tuple[str, str]]:
    return [
        (_("期限"), what),
        (_("天数"), span(rule)),
        (_("起算日"), _("计入") if rule["start_day"] == "counted" else _("不计入，次日起算")),
        (_("末日遇放假"), _("不顺延") if rule["roll"] == "none" else _("顺延至下一工作日")),
        (_("届满时刻"), rule["closes"]),
        (_("来源"), _("本地规则设定") if rule["local"] else _("上级文件规定")),
    ]


def _pauses(page: CasePage) -> list[list[tuple[str, str]]]:
    """Each time the clock stood still: from when, until when, why."""
    found: list[list[tuple[str, str]]] = []
    for act in reversed(page.acts):
        on = day_words(local(act.at).date(), page.facts.today)
        if act.move == "pause":
            found.append([(_("停"), on), (_("理由"), act.opinion)])
        elif act.move == "resume" and found:
            found[-1].insert(1, (_("恢复"), on))
    return found


def _changes(page: CasePage, timers: Sequence[Any], timer: Any) -> list[tuple[str, str]]:
    """Earlier ends of the same period in the same state: a return or an extension set it anew."""
    same = [one for one in reversed(timers) if (one.rule_key, one.state) == (timer.rule_key, timer.state)]
    today = page.facts.today
    return (
        [
            (
                _("%(day)s 起算", day=day_words(one.started_on, today)),
                _("届满 %(day)s", day=day_words(one.due_on, today)),
            )
            for one in same
        ]
        if len(same) > 1
        else []
    )


def document(session: Session, found: Document) -> Shown:
    signer = session.get(Person, found.signed_by_id) if found.signed_by_id else None
    return {
        "title": found.title,
        "number": found.number,
        "authority": session.get_one(Authority, found.authority_id).name,
        "issued_on": found.issued_on,
        "signer": signer.name if signer else "",
        "paragraphs": found.body.split("\n"),
        "hash": found.hash,
    }
