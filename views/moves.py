"""Moves on offer, as the macro reads them: what would happen, who gets it, until when, who is told; or why not."""

from collections.abc import Iterator, Mapping, Sequence

from views import case_clock, case_ladder, sheets, vote
from views.present import Shown, boxes, day_words, post_name, state_text
from views.terms import span
from views.texts import N_, policy_text, reason, text
from views.texts import gettext as _
from workflow.engine import caps
from workflow.engine.decide import Offer
from workflow.engine.facts import Facts
from workflow.engine.outbox import PLATFORM
from workflow.engine.plan import Plan, TaskPlan
from workflow.machines.publicity import cleared, confirmed
from workflow.repolicies import MOVE

Texts = Mapping[str, str]


def offers(
    facts: Facts,
    found: Sequence[Offer],
    *,
    chosen: str = "",
    typed: Texts | None = None,
    errors: Texts | None = None,
    people: Sequence[tuple[int, str]] = (),
) -> list[Shown]:
    """`typed` holds the boxes as they were sent (`move-field`), `errors` those of the chosen move by field."""
    options = {"person": [(str(id), name) for id, name in people]} if people else {}
    if any(field.name == "unrated" for one in found for field in one.fields):
        options["unrated"] = [(rule.id, policy_text(rule.title)) for rule in facts.rules.evaluation.unrated]
    shown = []
    for one in sorted(found, key=lambda one: _rank(facts, one)):
        if one.move == MOVE:
            continue  # a page of its own shows what would differ
        if one.refused and (one.refused.reason in NOTHING_TO_DO or (one.move == "pause" and facts.case["paused_at"])):
            continue
        wrong = (errors or {}) if one.move == chosen else {}
        fields = [field for field in one.fields if field.name not in HIDDEN and not sheets.is_line(field)]
        prefix = f"{one.move}-"
        known = preview(facts, one.plan) if one.plan else []
        named = label(facts, one.move)
        longer = case_clock.lengthens(one.plan)
        if longer:
            options["count"] = case_clock.choices(facts)
        brief = _("，").join(words for term, words in known if term in (_("办理后"), _("接办")))
        shown.append(
            {
                "name": one.move,
                "label": named,
                "refused": {"text": reason(one.refused, facts.machine.table.key)} if one.refused else None,
                "preview": known,
                "brief": brief if brief != named else "",
                "sheet": sheets.lines(facts, one.fields, prefix, typed or {}, wrong),
                "fields": boxes(
                    fields, prefix=prefix, values=typed, errors=wrong, options=options, hints={"count": _longest(facts)}
                ),
                "days": case_clock.days(facts) if longer else [],
                "phrases": [_(words) for words in PHRASES.get(one.move, ())],
            }
        )
    return list(_together(shown))


PHRASES = {
    "propose": (N_("事实清楚，证据确凿。"),),
    "verify": (N_("事实清楚，证据确凿。"),),
    "agree": (N_("同意。"), N_("事实清楚，证据确凿，同意。")),
    "rework": (N_("请补充证据后再报。"), N_("事实不清，请核实后再报。")),
    "return_down": (N_("请补充证据后再报。"), N_("事实不清，请核实后再报。")),
    "ask_correction": (N_("请补充证明材料。"),),
    "ask_more": (N_("请补充证明材料。"),),
    "confirm": (N_("同意确定。"),),
}
"""Ready sentences for the opinion, by move."""


def _longest(facts: Facts) -> str:
    """How much an extension may still add."""
    clock = facts.timer
    if clock is None or "unit" not in clock.rule:
        return ""
    left = facts.rules.clock.longest_extension - clock.rule.get("extended", 0)
    return _("还可延长 %(span)s", span=span({"count": left, "unit": clock.rule["unit"]}))


def _together(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Moves that are refused for the same reason stand in one box."""
    yield from (one for one in shown if not one["refused"])
    shut: dict[str, list[Shown]] = {}
    for one in shown:
        if one["refused"]:
            shut.setdefault(one["refused"]["text"], []).append(one)
    for same in shut.values():
        yield {**same[0], "label": _("、").join(one["label"] for one in same)}


def _rank(facts: Facts, one: Offer) -> int:
    """What moves the case on stands first, then what leaves it where it is, last what cannot be done."""
    return 2 if one.plan is None else int(_stays(facts, one.plan))


def _stays(facts: Facts, plan: Plan) -> bool:
    return (plan.to_state, plan.to_step) == (facts.case["state"], facts.case["step"])


HIDDEN = ("cause", "receipt_hash")
"""Fields that the system fills: the document of a bulk act, the digest of a receipt."""
NOTHING_TO_DO = ("not_paused", "no_extension", "designation_not_needed")
"""Refusals of a move that undoes what was never done: to name them would help nobody."""


def label(facts: Facts, move: str) -> str:
    return text(f"move.{facts.machine.table.key}.{move}")


def preview(facts: Facts, plan: Plan) -> list[tuple[str, str]]:
    """Term and text of each consequence."""
    machine = facts.machine.table.key
    rows = []
    if plan.move.name == "propose" and machine == "evaluation" and facts.findings.grade:
        rows.append((_("拟评"), _proposed(facts, facts.findings.grade)))
    rows.append((_("办理后"), _after(facts, plan)))
    if plan.open_tasks:
        rows.append((_("接办"), owners(facts, plan.open_tasks)))
    rows += vote.foreseen(facts, plan) + case_clock.foreseen(facts, plan)
    if until := _until(facts, plan):
        rows.append((_("期限"), until))
    if told := _told(facts, plan):
        rows.append((_("告知"), told))
    return rows


def _proposed(facts: Facts, grade: str) -> str:
    """The grade by the facts, or what it falls to where no more may have it."""
    left = caps.allowed(facts, grade) or grade
    if left == grade:
        return _("%(grade)s 级", grade=grade)
    return _("%(left)s 级（%(grade)s 级的比例已满）", left=left, grade=grade)


def _after(facts: Facts, plan: Plan) -> str:
    state = state_text(facts.machine.table.key, plan.to_state, plan.to_step)
    state = _("仍在：%(state)s", state=state) if _stays(facts, plan) else state
    if plan.move.effect is confirmed:
        return _("确定 %(n)s 家的结果，%(then)s", n=len(cleared(facts)), then=state)
    return state


def owners(facts: Facts, tasks: Sequence[TaskPlan]) -> str:
    """Authority and role, each once; a panel by the number of its seats."""
    named: dict[str, int] = {}
    for task in tasks:
        name = _owner(facts, task)
        named[name] = named.get(name, 0) + 1
    return _("、").join(name if number == 1 else f"{name} {number} {_('人')}" for name, number in named.items())


def _owner(facts: Facts, task: TaskPlan) -> str:
    if task.role == "objector" or not task.authority_id:
        return text("role.objector") if task.role == "objector" else facts.institution.name
    name = post_name(facts.authorities[task.authority_id].short_name, task.role)
    return _("%(who)s（指定办理）", who=name) if task.purpose == "designate" else name


def _until(facts: Facts, plan: Plan) -> str:
    timer = next((timer for timer in plan.timers if timer.kind in ("lapse", "overdue")), None)
    if timer is None:
        return _kept(facts, plan)
    if not timer.rule:
        return ""
    end = day_words(timer.due_on, facts.today, weekday=True)
    end = _("%(day)s（暂定）", day=end) if timer.provisional else end
    return _("%(span)s，至 %(end)s", span=span(timer.rule), end=end)


def _kept(facts: Facts, plan: Plan) -> str:
    """The steps of one level share its clock: what stays at the level keeps its end."""
    clock = facts.timer
    if (
        clock is None
        or plan.cancel_timers
        or plan.to_state != facts.case["state"]
        or plan.move.name in case_ladder.CLOCK
    ):
        return ""
    return _("不变，至 %(end)s", end=day_words(clock.due_on, facts.today, weekday=True))


def _told(facts: Facts, plan: Plan) -> str:
    names = []
    for whom in plan.move.tells:
        if whom == "institution":
            names.append(_("机构"))
        elif whom == PLATFORM:
            names.append(_("信用平台"))
        elif whom != "next" and (place := facts.place(whom)):
            names.append(facts.authorities[place].short_name)
    if "next" in plan.move.tells and plan.open_tasks:
        names.insert(0, _("接办人"))
    return _("、").join(dict.fromkeys(names))
