"""How each kind of result reads: on its notice, in an objection to it, and in the list as a file.

`shown` is what the machine showed (`Publicity.shows`), as it was frozen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from views.present import Shown, bracketed, grade
from views.texts import gettext as _
from views.texts import policy_text, text
from workflow.engine.queries.public import Entry, NoticePage
from workflow.engine.reads import Line
from workflow.machines import MACHINES
from workflow.rules.policy import PolicyRules

Frozen = dict[str, Any]
GRADE_LOOKS = {"confirmed": "effective", "removed": "expired", "annulled": "expired"}


@dataclass(frozen=True, slots=True)
class Look:
    """`word`: the result in a word. `ground`: why, in a line, and where the rules say so. `counts`: a list in a line.
    `taken_down`: what follows when an objection removes it. `mark`: the sign of the result, where it has one."""

    word: Callable[[Frozen], str]
    ground: Callable[[PolicyRules, Frozen], tuple[str, str]]
    counts: Callable[[PolicyRules, Sequence[Frozen]], str]
    taken_down: Callable[[], str]
    mark: Callable[[Frozen, str], Shown | None] = lambda _shown, _standing: None


def of(machine: str) -> Look:
    return LOOKS[machine]


def entry(page: NoticePage, one: Entry) -> Shown:
    """An entry's result as the notice's table shows it."""
    look = of(page.machine)
    ground, clause = look.ground(page.rules, one.shown)
    stands = one.now if one.standing == "confirmed" else one.shown
    return {"grade": look.mark(stands, one.standing), "result": look.word(stands), "ground": ground, "clause": clause}


def waiting(line: Line) -> tuple[Shown | None, str]:
    """The sign and the word of a result that a notice may show next."""
    publicity = MACHINES[line.machine].publicity
    shown = publicity.shows(line) if publicity else {}
    return of(line.machine).mark(shown, "proposed"), of(line.machine).word(shown)


def counts(page: NoticePage) -> str:
    return of(page.machine).counts(page.rules, [one.shown for one in page.entries])


def named(page: NoticePage, one: Entry) -> str:
    """`某某公司（B 级）`."""
    return bracketed(one.name, of(page.machine).word(one.shown))


# --- 信用等级


def _grade_word(shown: Frozen) -> str:
    return _("%(grade)s 级", grade=shown["grade"])


def _grade_mark(shown: Frozen, standing: str) -> Shown | None:
    return grade(shown["grade"], GRADE_LOOKS.get(standing, "proposed"))


def _grade_ground(rules: PolicyRules, shown: Frozen) -> tuple[str, str]:
    met = tuple(one["condition"] for one in shown["met"])
    return grounds(rules, shown["grade"], met, shown.get("score", ""), shown.get("capped_from", ""))


def grounds(rules: PolicyRules, letter: str, met: tuple[str, ...], points: str, before: str) -> tuple[str, str]:
    """Why this grade, in a line, and where the rules say so. `before`: the better grade whose percentage is full."""
    conditions = [rules.condition(one) for one in met if rules.condition(one).grade == letter]
    if letter in rules.evaluation.requires_all:
        return _("符合 %(g)s 级全部 %(n)s 项条件", g=letter, n=len(conditions)), ""
    scored = [_("综合得分 %(points)s 分", points=points)] if points else []
    capped = [_("%(grade)s 级的比例已满", grade=before)] if before else []
    titles = _("；").join([*(policy_text(one.title) for one in conditions), *scored, *capped])
    return titles, _("、").join(policy_text(one.place) for one in conditions)


def _grade_counts(rules: PolicyRules, every: Sequence[Frozen]) -> str:
    grades = [shown["grade"] for shown in every]
    wanted = (letter for letter in rules.evaluation.grades if letter in grades)
    return _("，").join(_("%(g)s 级 %(n)s 家", g=letter, n=grades.count(letter)) for letter in wanted)


# --- 推荐


def _score_word(shown: Frozen) -> str:
    return _("%(score)s 分", score=shown["score"]) if shown.get("score") is not None else _("推荐")


def _honour_ground(rules: PolicyRules, shown: Frozen) -> tuple[str, str]:
    honour = rules.recommendation.honours[shown["honour"]]
    title, place = policy_text(honour.title), policy_text(rules.clause(honour.clause).place)
    return _("，").join(filter(None, (title, shown["holder"]))), place


def _whole(_rules: PolicyRules, every: Sequence[Frozen]) -> str:
    return _("%(n)s 家", n=len(every))


# --- 信用修复


def _repair_word(shown: Frozen) -> str:
    return text(f"choice.repair_kind.{shown['kind']}")


def _repair_ground(rules: PolicyRules, _shown: Frozen) -> tuple[str, str]:
    return _("已经核查，符合修复条件"), policy_text(rules.clause("REPAIR-conditions").place)


LOOKS = {
    "repair": Look(_repair_word, _repair_ground, _whole, lambda: _("已撤下，重新核查")),
    "recommendation": Look(_score_word, _honour_ground, _whole, lambda: _("异议属实，已撤下")),
    "evaluation": Look(_grade_word, _grade_ground, _grade_counts, lambda: _("已撤下，重新评价"), _grade_mark),
}
