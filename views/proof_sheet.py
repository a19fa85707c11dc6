"""时限证明 as a sheet of paper: the same facts as the page, each day on a line, for printing and for a file.

An official paper of the authority, so it is in Chinese whatever language the pages are in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from views.terms import span
from views.texts import text
from workflow.clock import SHANGHAI
from workflow.engine.queries.case_page import Act
from workflow.engine.queries.proof import ANNOUNCED, Proof
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import CountedDay, Deadline
from workflow.rules.policy import PolicyRules

Pairs = list[tuple[str, str]]
Sheet = dict[str, Any]
WHY = {"weekday": "工作日", "weekend": "周末", "holiday": "放假", "makeup": "补班工作日", "override": "另行规定",
       "paused": "停止计时"}  # fmt: skip
WEEKDAYS = "一二三四五六日"
UNSURE = "（暂定，放假安排公布后重算）"


def of_case(found: Proof, case: Mapping[str, str], rules: PolicyRules, at: datetime) -> Sheet:
    """`case`: number, machine, name, state of the case as they are shown."""
    what = text(f"due.{found.rule_key}")
    answer = "计时已停止" if found.paused else _ends(found.due_on, found.planned_at, found.provisional)
    return {
        "title": f"{what}期限证明",
        "facts": [("事项", case["number"]), ("种类", text(f"machine.{case['machine']}")), ("对象", case["name"]),
                  ("现状", case["state"])],
        "answer": answer,
        "rule": _rule(found.rule, found.started_on),
        "clause": _clause(rules, found.rule["clause"]),
        "days": list(_days(found.days, found.documents, found.rule, None if found.paused else found.due_on)),
        "turns": [_turn(act, case["machine"]) for act in found.turns],
        "foot": _foot(found.calendar_version, at),
    }  # fmt: skip


def of_deadline(found: Deadline, calendar: Calendar, at: datetime) -> Sheet:
    """One that no case has: asked for on the command line."""
    rule = asdict(found.rule)
    special = [day.date for day in found.days if day.why in ANNOUNCED]
    documents = {day: calendar.day(day, provisional=True).document for day in special}
    return {
        "title": "期限推算",
        "facts": [],
        "answer": _ends(found.due, found.instant, found.provisional),
        "rule": _rule(rule, found.start),
        "clause": "",
        "days": list(_days(found.days, documents, rule, found.due)),
        "turns": [],
        "foot": _foot(found.calendar_version, at),
    }


def spelt(on: date) -> str:
    return f"{on.isoformat()} 周{WEEKDAYS[on.weekday()]}"


def _ends(due: date, instant: datetime, provisional: bool) -> str:
    local = instant.astimezone(SHANGHAI)
    hour = "24:00" if local.date() > due else f"{local:%H:%M}"
    return f"{spelt(due)} {hour} 止" + (UNSURE if provisional else "")


def _rule(rule: Mapping[str, Any], start: date) -> Pairs:
    more = f"（含延长 {span({**rule, 'count': rule['extended']})}）" if rule.get("extended") else ""
    counted = {"counted": "计入", "next": "不计入，自次日起算"}
    begins = [("起算日", f"{spelt(start)}，{counted[rule['start_day']]}")] if "count" in rule else []
    return [
        ("期限", span(rule) + more),
        *(begins or [("开始", spelt(start))]),
        ("末日遇休息日", "顺延至下一工作日" if rule["roll"] == "next" else "不顺延"),
        ("届满时刻", f"{rule['closes']}（北京时间）"),
    ]


def _clause(rules: PolicyRules, id: str) -> str:
    clause = rules.content.clauses.get(id)
    if clause is None:
        return id
    source = rules.content.sources.get(clause.source)
    place = f"《{source.title}》{clause.place}：" if source else f"本地规则“{rules.title}”："
    return place + clause.text


def _days(
    days: Sequence[CountedDay], documents: Mapping[date, str], rule: Mapping[str, Any], last: date | None
) -> Iterator[tuple[str, str, str, str]]:
    """Date, nature, count and the notice behind it."""
    in_days = rule.get("unit") in ("working", "calendar")
    for place, day in enumerate(days):
        count = f"第 {day.number} 日" if day.counted and in_days else ""
        ends = "届满" if day.date == last else ""
        name = "" if day.why == "paused" else day.name  # its reason stands once, among the turns
        nature = WHY[day.why] + (f"：{name}" if name else "") + ("（暂定）" if day.provisional else "")
        nature += "；起算日" if place == 0 and not day.counted else ""
        yield spelt(day.date), nature, "，".join(filter(None, (count, ends))) or "—", documents.get(day.date, "")


def _turn(act: Act, machine: str) -> tuple[str, str, str]:
    who = " ".join(word for word in (act.authority, act.person) if word) or text(f"actor.{act.actor}")
    on = act.at.astimezone(SHANGHAI)
    moved = f"；{act.details['from']} 改为 {act.details['to']}" if {"from", "to"} <= act.details.keys() else ""
    reason = act.opinion or "、".join(act.details.get("documents", ()))
    return text(f"move.{machine}.{act.move}"), f"{on:%Y-%m-%d %H:%M} {who}", f"{reason}{moved}".strip("；")


def _foot(version: str, at: datetime) -> str:
    return f"日历版本 {version}；{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}（北京时间）制作"
