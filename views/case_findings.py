"""What grading rests on, as the page of a case shows it: conditions, facts, evidence, and why this grade."""

from collections import Counter

from flask import url_for

from views.present import Shown, condition_law, day_words, grade, law
from views.texts import gettext as _
from views.texts import policy_text
from workflow.engine.facts import Facts
from workflow.engine.queries.case_page import CasePage, Found
from workflow.rules.findings import Fact, Findings

GONE = ("expired", "superseded", "annulled", "withdrawn")


def findings(page: CasePage) -> list[Shown]:
    """One row per condition met, then one per fact that a person must still judge."""
    if page.found is None:
        return []
    found, facts = page.found.findings, {fact.id: fact for fact in page.found.findings.facts}
    rows = []
    for met in found.met:
        touched = [facts[id] for id in met.records if id in facts]
        rows.append(
            {
                "clause": condition_law(page.facts.rules, met.condition),
                "fact": _("；").join(_said(page, fact) for fact in touched) or _("未发现"),
                "evidence": [_evidence(page, fact) for fact in touched],
                "verdict": "met",
                "verdict_text": _("符合"),
            }
        )
    return rows + [_unjudged(page, facts[id]) for id in found.unjudged if id in facts]


def _unjudged(page: CasePage, fact: Fact) -> Shown:
    kind = policy_text(page.facts.rules.record_kinds.get(fact.kind, fact.kind))
    return {
        "clause": law(page.facts.rules, "XC-11", kind)
        if "XC-11" in page.facts.rules.content.clauses
        else {"label": kind},
        "fact": _said(page, fact),
        "evidence": [_evidence(page, fact)],
        "verdict": "open",
        "verdict_text": _("待认定"),
    }


def _said(page: CasePage, fact: Fact) -> str:
    on = day_words(fact.decided_on or fact.acted_on, page.facts.today)
    found = _("（%(who)s，%(day)s）", who=fact.finding_authority, day=on)
    return fact.summary.rstrip("。；") + found


def _evidence(page: CasePage, fact: Fact) -> Shown:
    return {
        "title": fact.document_number or fact.evidence.partition("\n")[0],
        "url": url_for("archive.show", code=page.credit_code, _anchor=f"record-{fact.id}"),
        "note": "",
    }


def unmet(page: CasePage) -> list[Shown]:
    """The conditions that no fact meets, each with its clause."""
    if page.found is None:
        return []
    met = {one.condition for one in page.found.findings.met}
    rules = page.facts.rules
    return [condition_law(rules, one.id) for one in rules.conditions if one.id not in met]


def note(page: CasePage) -> str:
    if page.found is None:
        return ""
    found = page.found.findings
    whole, met = len(page.facts.rules.conditions), len(found.met)
    open_ = _("，待认定 %(n)s", n=len(found.unjudged)) if found.unjudged else ""
    head = _("评级日 %(day)s，", day=day_words(found.on, page.facts.today))
    return head + _("共 %(whole)s 项条件：符合 %(met)s", whole=whole, met=met) + open_


def verdict(page: CasePage) -> Shown | None:
    """Why this grade: the worst that holds wins; and what stands between it and the next better one."""
    if page.found is None:
        return None
    found = page.found.findings
    if found.grade is None:
        lacking = found.score is not None and found.score.total is None and not found.unjudged
        why = _("评分齐备后才能评级。") if lacking else _("有事实尚待认定情节，认定后才能评级。")
        return {"grade": None, "text": why, "clause": None}
    count = Counter(met.grade for met in found.met)
    if found.score is not None:
        words = _by_points(found)
    elif found.grade in page.facts.rules.evaluation.requires_all:
        words = _("%(grade)s 级条件全部具备。", grade=found.grade)
    else:
        each = _("、").join(_("%(grade)s 级 %(n)s 项", grade=letter, n=count[letter]) for letter in sorted(count))
        words = _("取所符合情形中的最低等级：%(each)s。", each=each)
        words += _better(page.facts, page.found)
    detail, letter = page.facts.detail, found.grade
    if before := detail["capped_from"]:
        letter = detail["proposed_grade"]
        words += _("%(before)s 级的比例已满，评为 %(now)s 级。", before=before, now=letter)
    state = "effective" if page.facts.case["state"] in ("effective", *GONE) else "proposed"
    return {"grade": grade(letter, state), "text": words, "clause": _grade_law(page.facts, page.found)}


def _by_points(found: Findings) -> str:
    score = found.score
    if score is None or score.grade is None:
        return ""
    words = _("总分 %(total)s 分，按分值为 %(grade)s 级。", total=str(score.total), grade=score.grade)
    return (
        words if score.grade == found.grade else words + _("有从低评定的情形，评为 %(grade)s 级。", grade=found.grade)
    )


def _better(facts: Facts, found: Found) -> str:
    titles = [policy_text(facts.rules.condition(met.condition).title) for met in found.better]
    return _("以下情形消除后可评更高等级：%(titles)s。", titles=_("、").join(titles)) if titles else ""


def _grade_law(facts: Facts, found: Found) -> Shown | None:
    met = next((one for one in found.findings.met if one.grade == found.findings.grade), None)
    return law(facts.rules, met.clause, _("%(grade)s 级", grade=met.grade)) if met else None


def shown_grade(page: CasePage) -> Shown | None:
    detail, state = page.facts.detail, page.facts.case["state"]
    if page.facts.machine.table.key != "evaluation":
        return None
    if detail["grade"]:
        return grade(detail["grade"], "expired" if state in GONE else "effective")
    return grade(detail["proposed_grade"], "held" if state == "contested" else "proposed")
