"""Why a result is no grade, or not the grade that the facts give: 不参评, and the percentage of a top grade."""

from views.present import Shown
from views.texts import gettext as _
from views.texts import policy_text
from workflow.engine.facts import Facts


def sections(facts: Facts) -> list[Shown]:
    rules, detail = facts.rules, facts.detail
    if ground := detail.get("unrated") and rules.evaluation.ground(detail["unrated"]):
        pairs = [(_("理由"), policy_text(ground.text)), (_("依据"), policy_text(rules.clause(ground.clause).text))]
        return [{"title": _("不参评"), "note": policy_text(ground.title), "pairs": pairs}]
    if detail.get("capped_from"):
        before, now = detail["capped_from"], detail["proposed_grade"]
        caps = [policy_text(rules.clause(cap.clause).text) for cap in rules.evaluation.caps if before in cap.grades]
        pairs = [(_("按事实"), _("%(grade)s 级", grade=before)), (_("拟评"), _("%(grade)s 级", grade=now))]
        note = _("%(grade)s 级的比例已满", grade=before)
        return [{"title": _("等级比例"), "note": note, "pairs": [*pairs, (_("依据"), "\n".join(caps))]}]
    return []
