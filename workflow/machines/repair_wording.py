"""信用修复的文书: title and body, from facts only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from workflow.engine.facts import Facts, Line
from workflow.machines.wording import UNITS

RESULT = "信用修复"


def grant(facts: Facts, records: Sequence[Any]) -> tuple[str, str]:
    about = _listed(records)
    if facts.detail["kind"] == "upgrade":
        return "上调信用等级申请审核决定书", (
            f"{facts.institution.name}：\n"
            f"经核查，下列失信行为已按要求纠正，不良影响已经消除：\n{about}\n"
            f"自{_day(facts.today)}起不再作为评定信用等级的依据，由管理机关重新评价你单位的信用等级。\n{_pledge()}"
        )
    return "信用修复决定书", (
        f"{facts.institution.name}：\n"
        f"经核查，下列失信信息符合修复条件，准予修复：\n{about}\n"
        f"自{_day(facts.today)}起终止公示、共享和使用，因该信息列入名单的一并移出。\n{_pledge()}"
    )


def refusal(facts: Facts, outcome: str, reason: str) -> tuple[str, str]:
    """不予受理, or after the verification 不予修复 (不予上调 where a better grade was applied for)."""
    upgrade = facts.detail["kind"] == "upgrade"
    asked = "上调信用等级" if upgrade else "信用修复"
    if outcome == "refused":
        title, done = f"{asked}申请不予受理决定书", "经审查，你单位的申请不予受理。"
    else:
        done = f"经核查，你单位不符合条件，{'不予上调信用等级' if upgrade else '不予修复'}。"
        title = f"不予{asked}决定书"
    return title, f"{facts.institution.name}：\n{done}理由：\n{reason}\n{facts.rules.repair.rights}"


def doubt(facts: Facts) -> tuple[str, str]:
    rule = facts.rules.period("repair_defence")
    return "拟撤销信用修复告知书", (
        f"{facts.institution.name}：\n发现你单位在申请信用修复时的承诺可能不实：\n{facts.form['opinion']}\n"
        f"你单位可以自{_day(facts.today)}之次日起{rule.count}{UNITS[rule.unit]}内陈述、申辩并提交证据。"
    )


def rescission(facts: Facts) -> tuple[str, str]:
    return "撤销信用修复决定书", (
        f"{facts.institution.name}：\n经查，你单位在申请信用修复时承诺不实，撤销原修复决定，相关信息恢复公示和使用。"
        f"理由：\n{facts.form['opinion']}\n{facts.rules.repair.rights}"
    )


def decision(_facts: Facts, lines: Sequence[Line]) -> tuple[str, str]:
    listed = "\n".join(f"{number}. {line.name}（{line.credit_code}）" for number, line in enumerate(lines, 1))
    return "关于准予信用修复的决定", f"下列人力资源服务机构的信用修复申请，公示期满，准予修复：\n{listed}"


def _listed(records: Sequence[Any]) -> str:
    return "\n".join(f"· {record.summary}（{_source(record)}）" for record in records)


def _source(record: Any) -> str:
    number = f"，{record.document_number}" if record.document_number else ""
    return f"{record.finding_authority}，{_day(record.decided_on or record.acted_on)}{number}"


def _pledge() -> str:
    return "承诺不实的，撤销本决定，恢复公示。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
