"""The Chinese text of documents on recommendations and honours, from facts only."""

from collections.abc import Sequence

from workflow.engine.facts import Facts, Line

RESULT = "推荐结果"
FORM = {
    "representative": "法定代表人（负责人）",
    "business": "业务范围",
    "liaison": "联系人",
    "phone": "联系电话",
    "profile": "机构情况简要介绍",
    "deeds": "主要事迹",
    "notes": "需要说明的其他事项",
}
OUTCOMES = {
    "rejected": "经评估，你单位不符合推荐条件，不予推荐。",
    "not_selected": "经择优排序，你单位未列入本次推荐名单。",
    "removed": "公示期间的异议经核查属实，你单位不再列入推荐名单。",
    "declined": "经综合评估审核，对你单位不予推荐。",
    "designated": "你单位已被确定为{honour}。",
    "not_designated": "你单位未被确定为{honour}。",
    "revoked": "经核查发现失信行为，撤销你单位的{honour}称号。",
}


def decision(facts: Facts, lines: Sequence[Line]) -> tuple[str, str]:
    """The letter of recommendation with its ranked list (附件3), or the decision where the list is decided here."""
    honour = _honour(facts)
    ranked = sorted(lines, key=lambda line: facts.showing.order(facts, line))
    listed = "\n".join(f"{place}. {_named(line)}" for place, line in enumerate(ranked, 1))
    if facts.rules.recommendation.ladder_to == "quota":
        return f"关于确定{facts.round.year}年度{honour}的决定", f"经公示无异议，现确定下列单位为{honour}：\n{listed}"
    letter = f"经评估、公示，现按推荐顺序推荐下列单位为{honour}，推荐材料一并报送，所填内容由推荐单位对真实性负责："
    return f"关于推荐{facts.round.year}年度{honour}的函", f"{letter}\n{listed}"


def notification(facts: Facts, outcome: str, ground: str) -> tuple[str, str]:
    honour = _honour(facts)
    said = OUTCOMES[outcome].format(honour=honour)
    reason = f"\n理由：{ground}" if ground else ""
    return f"{honour}{RESULT}告知书", f"{facts.institution.name}：\n{said}{reason}"


def _named(line: Line) -> str:
    person = f"，{line.detail['holder']}" if line.detail["holder"] else ""
    points = f"，{line.detail['total']}分" if line.detail["total"] is not None else ""
    return f"{line.name}（{line.credit_code}）{person}{points}"


def _honour(facts: Facts) -> str:
    return facts.rules.recommendation.honours[facts.round.scheme].title
