"""接下来 in words: the steps that follow, with who takes them and how long they may take."""

from views.terms import term
from views.texts import N_, text
from views.texts import gettext as _
from workflow.ahead import Following
from workflow.engine.facts import Facts

SAID = {
    "objection": N_("公示期内可以提出异议"),
    "others": N_("由没有参加作出该结果的人员核查"),
    "held": N_("核查期间，该结果不生效，其余结果不受影响"),
    "suspended": N_("复评期间，该等级暂停效力"),
    "in_force": N_("复评期间，该等级仍然有效"),
    "final": N_("复评决定为最终决定"),
}
NAMED = {
    "in_publicity": N_("公示"),
    "effective": N_("生效，有效期"),
    "delivery": N_("确定后送达告知书"),
    "re_review": N_("送达后可以申请复评"),
    "correction": N_("材料不全的，退回补正"),
    "supplement": N_("材料不全的，要求补充"),
}
"""Shorter than the state's own name, or no state at all."""


def words(found: list[Following], facts: Facts) -> list[str]:
    return [_words(one, facts) for one in found]


def _words(one: Following, facts: Facts) -> str:
    if one.what in SAID:
        return _(SAID[one.what])
    if one.results:
        results = _("、").join(text(f"choice.outcome.{result}") for result in one.results)
        said = _("答复的结果：%(results)s") if one.machine == "objection" else _("决定的结果：%(results)s")
        return said % {"results": results}
    name = _(NAMED[one.what]) if one.what in NAMED else text(f"state.{one.machine}.{one.what}")
    if one.authority_id and one.what not in NAMED:
        name = _("%(what)s（%(who)s）", what=name, who=facts.authorities[one.authority_id].short_name)
    return _("%(what)s：%(span)s", what=name, span=term(facts.rules, one.due)) if one.due else name
