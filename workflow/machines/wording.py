"""The Chinese text of official documents: title and body, from facts only."""

from collections.abc import Sequence
from datetime import date

from workflow.engine.facts import Facts, Line
from workflow.rules.findings import Findings

OUTCOMES = {
    "upheld": "经核查，原结果予以维持。",
    "amended": "经核查，原结果予以变更。",
    "removed": "经核查，原公示结果予以撤下，重新评价。",
    "annulled": "经核查，原结果予以撤销。",
    "refused": "经审查，不予受理。",
}


FELL_THROUGH = "名单所列结果均已另行公示或者退回，本公示未予发布。"
TEN = 10
RESULT = "信用等级评价结果"
UNITS = {"working": "个工作日", "calendar": "日", "month": "个月", "year": "年"}


def confirmation(facts: Facts, lines: Sequence[Line]) -> tuple[str, str]:
    year = facts.round.year
    title = f"关于确定{year}年度人力资源服务机构{RESULT}的决定"
    listed = "\n".join(
        f"{number}. {line.name}（{line.credit_code}）：{line.detail['proposed_grade']}级"
        for number, line in enumerate(lines, 1)
    )
    return title, f"下列人力资源服务机构{year}年度{RESULT}，公示期满，现予确定：\n{listed}"


def _condition(facts: Facts, key: str) -> str:
    """Its words and its place; the mark that ends them there does not stand before a bracket."""
    found = facts.rules.condition(key)
    return f"{found.text.rstrip('；。')}（{found.place}）"


def notification(facts: Facts, grade: str, effective: date, expires: date) -> tuple[str, str]:
    """告知书 with the right that follows and from when its term counts."""
    institution, rule = facts.institution, facts.rules.period("re_review_window")
    reasons = [_condition(facts, one["condition"]) for one in facts.detail["findings"]["met"]]
    if points := Findings.from_json(facts.detail["findings"]).points:
        reasons.append(f"综合得分{points}分")
    if before := facts.detail["capped_from"]:
        reasons.append(f"按上列事实和得分为{before}级，{before}级的比例已满")
    body = (
        f"{institution.name}：\n"
        f"你单位{facts.round.year}年度信用等级确定为{grade}级，自{_day(effective)}起生效，有效期至{_day(expires)}。\n"
        "认定依据：\n"
        + "\n".join(f"· {reason}" for reason in reasons)
        + f"\n对本结果有异议的，可自收到本告知书之次日起{rule.count}{UNITS[rule.unit]}内申请复评。"
    )
    return f"{facts.round.year}年度{RESULT}告知书", body


def unrated(facts: Facts, ground: str) -> tuple[str, str]:
    """不参评告知书."""
    said = f"你单位{facts.round.year}年度不参加信用等级评价：{ground}"
    return f"{facts.round.year}年度不参评告知书", f"{facts.institution.name}：\n{said}"


def prior_notice(facts: Facts) -> tuple[str, str]:
    """拟降级告知书: what is intended, why, and the institution's own time to answer."""
    rule, before, found = facts.rules.period("regrade_statement"), facts.parent.detail, facts.findings
    reasons = [f"· {_condition(facts, one.condition)}" for one in found.met if one.grade == found.grade]
    return "拟调整信用等级告知书", (
        f"{facts.institution.name}：\n"
        f"你单位现行信用等级为{before['grade']}级。等级确定后的事实符合下列情形，拟重新评价为{found.grade}级：\n"
        + "\n".join(reasons)
        + f"\n你单位可以自收到本告知书之次日起{rule.count}{UNITS[rule.unit]}内陈述、申辩并提交证据。"
    )


def answer(facts: Facts, outcome: str, reply: str) -> tuple[str, str]:
    kind = "复评决定书" if facts.machine.table.key == "re_review" else "异议答复书"
    dated = f"{facts.round.year}年度" if facts.case["round_id"] else ""
    about = f"{facts.institution.name}{dated}{facts.showing.title}"
    right = "" if kind == "复评决定书" else "\n人力资源服务机构不服本答复的，可依规定申请复评。"
    return kind, f"关于{about}：\n{OUTCOMES[outcome]}\n{reply}{right}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def batch(number: int) -> str:
    """Which of a round's notices it is, in its title."""
    return f"（第{'一二三四五六七八九十'[number - 1] if number <= TEN else number}批）"
