"""评分表 on the pages: its lines as boxes, and what the sheets given so far come to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from views.present import Shown
from views.texts import N_, policy_text
from views.texts import gettext as _
from workflow.engine import scores
from workflow.engine.decide import Offer
from workflow.engine.facts import Facts
from workflow.engine.forms import Field
from workflow.engine.scoresheet import BLANK, NOTE, SCORE
from workflow.rules.policy_scoring import Item, Scoring, Section, in_year
from workflow.rules.scored import Scored
from workflow.rules.scoring import plain, spread

PARTS = (SCORE, NOTE, BLANK)
NUMERALS = N_("一 二 三 四 五 六 七 八 九 十")


def is_line(field: Field) -> bool:
    return bool(field.source) and field.name.startswith(PARTS)


def sent(form: Mapping[str, str]) -> dict[str, str]:
    """The boxes of a sheet in a form."""
    return {name: value for name, value in form.items() if name.startswith(PARTS)}


def lines(
    facts: Facts, fields: Sequence[Field], prefix: str, values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[Shown]:
    """The sections of a sheet, each with its lines; nothing for a move that asks for no sheet. `values` and `errors`
    go by box and by field."""
    asked = {field.name: field for field in fields if is_line(field)}
    if not asked:
        return []
    self_given = next(iter(asked.values())).source == "self"
    note = _("依据（选填）") if self_given else _("理由（选填）")

    def box(name: str) -> Shown | None:
        if name not in asked:
            return None
        return {"name": name, "value": values.get(f"{prefix}{name}", ""), "error": errors.get(name, "")}

    return [
        {
            "title": heading(number, section),
            "points": plain(section.weight),
            "note": note,
            "lines": [
                {
                    "no": item.id.lstrip("0"),
                    "title": policy_text(item.title),
                    "text": _said(facts, item),
                    "points": plain(item.points),
                    "score": box(f"{SCORE}{item.id}"),
                    "note": box(f"{NOTE}{item.id}"),
                    "blank": box(f"{BLANK}{item.id}"),
                    "caption": policy_text(item.blank),
                }
                for item in facts.items
                if item.section == section.id
            ],
        }
        for number, section in enumerate(facts.rules.scoring.sections)
    ]


def _said(facts: Facts, item: Item) -> str:
    """What a line asks: an indicator's words with the round's years, or the titles of a section's indicators."""
    one = next((one for one in facts.rules.scoring.indicators if one.id == item.id), None)
    if one is None:
        return _("；").join(policy_text(title) for title in item.text.split("；"))
    return in_year(policy_text(one.text), facts.round.year)


def form_of(
    facts: Facts, offers: Sequence[Offer], move: str, values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[Shown]:
    """The sheet of an offered move."""
    fields = next((one.fields for one in offers if one.move == move), ())
    return lines(facts, fields, "", values, errors)


def errors_of(sections: Sequence[Shown]) -> list[tuple[str, str]]:
    """(id of the box, its label) of every faulty box, in order."""
    return [
        (box["name"], line["title"])
        for section in sections
        for line in section["lines"]
        for box in (line["score"], line["note"], line["blank"])
        if box and box["error"]
    ]


def heading(number: int, section: Section) -> str:
    return _("%(no)s、%(title)s", no=_numeral(number), title=policy_text(section.title))


def _numeral(place: int) -> str:
    known = _(NUMERALS).split()
    return known[place] if place < len(known) else str(place + 1)


def result(facts: Facts) -> Shown | None:
    """What each evaluator gave by section, the total, and how far the experts lie apart. While experts score, each of
    them sees his own sheet; everybody else sees only who has given one."""
    if not facts.rules.scored_by(facts.machine.table.key) or not facts.sheets:
        return None
    scheme, open_ = facts.rules.scoring, facts.case["state"] == "scoring"
    shown = [row for row in facts.sheets if not open_ or row.source == "self" or row.person_id == facts.actor.person_id]
    columns = [_column(facts, row) for row in shown]
    score = None if open_ else scores.result(facts)
    return {
        "title": policy_text(scheme.title),
        "note": _("已有 %(n)s 名专家提交评分，评分结束后公开", n=sum(r.source == "expert" for r in facts.sheets))
        if open_
        else "",
        "columns": [title for title, _cells in columns],
        "rows": [
            (heading(number, section), plain(section.weight), [cells[section.id] for _title, cells in columns])
            for number, section in enumerate(scheme.sections)
        ],
        "sums": [cells[""] for _title, cells in columns],
        "full": plain(scheme.full),
        "total": str(score.total) if score and score.total is not None else "",
        "survey": survey(facts.rules.scoring, score) if score else "",
        "weights": [
            _("%(who)s %(weight)s%%", who=_source(name), weight=plain(rule.weight))
            for name, rule in scheme.sources.items()
            if rule.weight
        ],
        "wide": _wide(facts, [] if score is None else score.sheets),
        "details": [_details(facts, row) for row in shown],
    }


def _column(facts: Facts, row: Any) -> tuple[str, dict[str, str]]:
    sums: dict[str, Decimal] = {}
    for item in facts.items:
        sums[item.section] = sums.get(item.section, Decimal(0)) + Decimal(row.scores.get(item.id, "0"))
    cells = {section: plain(value) for section, value in sums.items()}
    return _who(facts, row), cells | {"": plain(sum(sums.values(), Decimal(0)))}


def _who(facts: Facts, row: Any) -> str:
    if row.source != "expert":
        return _source(row.source)
    experts = [one.id for one in facts.sheets if one.source == "expert"]
    return _("专家%(n)s", n=_numeral(experts.index(row.id)))


def _source(name: str) -> str:
    return {"self": _("机构自评"), "expert": _("专家评价"), "social": _("社会评价"), "official": _("主管部门评估")}[
        name
    ]


def survey(scheme: Scoring, score: Scored) -> str:
    """What the public's answers came to, or why they do not count; nothing for a scheme that does not ask."""
    rule, rules, given = scheme.survey, scheme.sources.get("social"), score.survey
    if rule is None or rules is None or given is None:
        return ""
    if given.answers < rule.least:
        falls = {"zero": _("计零分"), "left_out": _("不计入，其余按比例折算"), "refused": _("不出结果")}[rules.missing]
        return _("收到 %(n)s 份答卷，不足 %(least)s 份，%(falls)s", n=given.answers, least=rule.least, falls=falls)
    mean = Decimal(given.marks) / (given.answers * len(rule.questions))
    return _("%(n)s 份答卷，平均 %(mean)s 分（满分 %(most)s 分）", n=given.answers, mean=f"{mean:.2f}", most=rule.scale)


def _wide(facts: Facts, sheets: Sequence[Any]) -> str:
    """A spread that the policy calls large, in words."""
    apart, rules = spread(sheets), facts.rules.scoring.experts
    if apart is None or rules is None or apart <= rules.wide:
        return ""
    return _("专家总分最多相差 %(apart)s 分，超过 %(wide)s 分，请复核", apart=plain(apart), wide=plain(rules.wide))


def _details(facts: Facts, row: Any) -> Shown:
    by_item = {item.id: item for item in facts.items}
    return {
        "title": _who(facts, row),
        "lines": [_line(by_item[id], row, score) for id, score in sorted(row.scores.items()) if id in by_item],
    }


def _line(item: Item, row: Any, score: str) -> Shown:
    blank = row.blanks.get(item.id, "")
    filled = _("%(what)s：%(said)s", what=policy_text(item.blank), said=blank) if blank else ""
    words = (row.notes.get(item.id, ""), filled)
    return {
        "title": f"{item.id.lstrip('0')} {policy_text(item.title)}",
        "score": _("%(score)s / %(points)s 分", score=score, points=plain(item.points)),
        "note": _("；").join(one for one in words if one),
    }
