"""为什么是这个等级: condition by condition, how far the next grade is, and a question of what if. It only reads."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request

from views import layout, rating, sheets
from views.desk_result import look
from views.inbox import official
from views.present import Shown, condition_law, day_words, grade
from views.texts import gettext as _
from views.texts import policy_text, reason, text
from views.web import actor, at, reading
from workflow import explainer
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of
from workflow.engine.queries.case_page import Found, find, found
from workflow.engine.refusal import NotFound, Refused
from workflow.explainer import Distance, Explained, Line, What
from workflow.rules.findings import Fact
from workflow.rules.policy import PolicyRules
from workflow.rules.written_day import written_day

door = Blueprint("why", __name__)
YES_NO = {"yes": True, "no": False}
LONGEST_ID = 18


@door.get("/cases/<number>/grade")
@official
def show(number: str) -> str:
    with reading() as session:
        facts = facts_of(session, find(session, number, actor()), actor(), at())
        result = found(facts) if facts.machine.table.key == "evaluation" else None
        if result is None:
            raise NotFound
        explained = explainer.explain(session, facts.rules, result.findings)
        page = _page(facts.rules, explained, result, facts.today) | _besides(facts, explained)
        page["sheets"] = (sheets.result(facts) or {"details": []})["details"]
        page["heading"] = facts.institution.name
    return render_template("cases/why.html", **layout.work(number=number, **page))


def _page(rules: PolicyRules, explained: Explained, result: Found, today: date) -> Shown:
    findings = explained.findings
    supposed, why = _supposed(rules, explained)
    return {
        "facts": [(_("评级日"), day_words(findings.on, today)), (_("规则"), policy_text(rules.title))],
        "frozen": result.frozen,
        "same": explained.same,
        "lines": [_line(rules, one, explained, today) for one in explained.lines],
        "scores": _scores(rules, explained),
        "asked": _asked(findings.facts, today),
        "kinds": [(kind, policy_text(title)) for kind, title in rules.record_kinds.items()],
        "supposed": supposed,
        "why": why,
        "typed": request.args,
    }


def _besides(facts: Facts, explained: Explained) -> Shown:
    """What changes the grade beside facts and points: 不参评, and a percentage that is full."""
    detail, steps = facts.detail, [_distance(explained, one) for one in explained.distance]
    state = look(facts.case["state"])
    shown = {"grade": grade(explained.findings.grade, state), "ratings": rating.sections(facts), "distance": steps}
    if detail["unrated"]:
        return shown | {"grade": None, "distance": []}
    if before := detail["capped_from"]:
        waits = _("%(grade)s 级：事实和得分已达到，等有名额", grade=before)
        return shown | {"grade": grade(detail["proposed_grade"], state), "distance": [waits, *steps]}
    return shown


def _line(rules: PolicyRules, line: Line, explained: Explained, today: date) -> Shown:
    return {
        "clause": condition_law(rules, line.condition.id),
        "met": line.met,
        "facts": [
            {
                "text": fact.summary or policy_text(rules.record_kinds[fact.kind]),
                "note": _("%(who)s，%(day)s", who=fact.finding_authority, day=_day(fact, today)),
                "judge": _judge(fact, explained.judges),
            }
            for fact in line.facts
        ],
    }


def _day(fact: Fact, today: date) -> str:
    return day_words(fact.decided_on or fact.acted_on, today)


def _judge(fact: Fact, judges: Mapping[int, str]) -> str:
    if fact.severity is None and fact.corrected_in_time is None:
        return ""
    said = [text(f"choice.severity.{fact.severity}")] if fact.severity else []
    if fact.corrected_in_time is not None:
        said.append(_("及时改正") if fact.corrected_in_time else _("未及时改正"))
    return _("%(who)s认定：%(what)s", who=judges.get(fact.judged_by or 0, ""), what=_("、").join(said))


def _scores(rules: PolicyRules, explained: Explained) -> list[tuple[str, str]]:
    score = explained.findings.score
    if score is None:
        return []
    rows = [(text(f"source.{name}"), str(total)) for name, total in score.sources.items()]
    if said := sheets.survey(rules.scoring, score):
        rows.append((_("满意度调查"), said))
    return [*rows, (_("得分"), str(score.total) if score.total is not None else _("不出结果"))]


def _distance(explained: Explained, one: Distance) -> str:
    facts = {fact.id: fact for fact in explained.findings.facts}
    parts = [_("不计下列记录：%(what)s", what=_("、").join(facts[id].summary for id in one.without))] * bool(
        one.without
    )
    if one.points is not None:
        parts.append(_("得分再增加 %(points)s 分", points=one.points))
    return _("%(grade)s 级：%(what)s", grade=one.grade, what=_("；").join(parts))


def _asked(facts: tuple[Fact, ...], today: date) -> list[Shown]:
    return [
        {"id": one.id, "text": one.summary, "note": _day(one, today), "severity": one.severity or "",
         "corrected": {True: "yes", False: "no", None: ""}[one.corrected_in_time]}
        for one in facts
    ]  # fmt: skip


def _supposed(rules: PolicyRules, explained: Explained) -> tuple[Shown | None, str]:
    """The answer to what the address asks, or why there is none."""
    if not request.args:
        return None, ""
    try:
        answer = explainer.what_if(rules, explained.findings, _what(explained.findings.facts))
    except Refused as refused:
        return None, reason(refused)
    met = [condition_law(rules, one.condition)["label"] for one in answer.met]
    return {"grade": grade(answer.grade, "proposed"), "met": met, "unjudged": len(answer.unjudged)}, ""


def _what(facts: tuple[Fact, ...]) -> What:
    sent = request.args
    judged = {
        one.id: (sent.get(f"severity-{one.id}") or None, YES_NO.get(sent.get(f"corrected-{one.id}", "")))
        for one in facts
        if f"severity-{one.id}" in sent
    }
    kind, day = sent.get("kind", ""), sent.get("day", "")
    added = ((kind, _date(day)),) if kind else ()
    return What(_ids(sent.getlist("without")), judged, added, _date(sent["on"]) if sent.get("on") else None)


def _ids(raw: list[str]) -> frozenset[int]:
    if not all(one.isascii() and one.isdecimal() and len(one) < LONGEST_ID for one in raw):
        raise Refused("field_ids", field="without")
    return frozenset(map(int, raw))


def _date(raw: str) -> date:
    try:
        return written_day(raw)
    except ValueError:
        raise Refused("field_date", field="day") from None
