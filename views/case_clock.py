"""What stopping, resuming or lengthening the clock would do to the last day, before it is done."""

from datetime import date

from views.present import Shown, day_words, proof_days
from views.terms import span
from views.texts import gettext as _
from workflow.engine import clockwork
from workflow.engine.facts import Facts
from workflow.engine.plan import Plan, TimerPlan
from workflow.rules.deadline import Deadline


def lengthens(plan: Plan | None) -> bool:
    return plan is not None and plan.move.effect is clockwork.extended


def foreseen(facts: Facts, plan: Plan) -> list[tuple[str, str]]:
    """Term and text of what becomes of the deadline."""
    effect = plan.move.effect
    if effect is clockwork.paused:
        return _stopped(facts, clockwork.stop(facts))
    if effect is clockwork.extended:
        now = _day(facts.timer.due_on, facts, unsure=facts.timer.provisional)
        return [(_("期限"), _("现至 %(day)s，延长后至哪一天，选天数时写明", day=now))]
    if effect in (clockwork.resumed, clockwork.extension_undone):
        end = next(iter(effect(facts).timers or ()))
        return [(_("期限"), _("%(span)s，至 %(end)s", span=span(end.rule), end=_last(end, facts)))]
    return []


def choices(facts: Facts) -> list[tuple[str, str]]:
    """By units added, the last day that would then hold."""
    unit = facts.timer.rule["unit"]
    return [
        (str(more), _("%(span)s，至 %(end)s", span=span({"count": more, "unit": unit}), end=_last(found, facts)))
        for more, found in enumerate(clockwork.extensions(facts), 1)
    ]


def days(facts: Facts) -> list[Shown]:
    """From the present last day to the furthest possible one; months and years are not listed day by day."""
    timer, found = facts.timer, clockwork.extensions(facts)[-1]
    if timer.rule["unit"] not in ("working", "calendar"):
        return []
    return [day for day in proof_days(found.days, timer, facts.today) if day["date"] >= timer.due_on]


def _stopped(facts: Facts, end: TimerPlan) -> list[tuple[str, str]]:
    left = _("停在余 %(left)s；恢复的次日起再算余下的", left=span(end.rule))
    if not end.rule["count"]:
        left = _("今天是最后一天；停止后，恢复的当日为最后一天")
    latest, then = _last(end, facts), _last(clockwork.resumed_by_itself(facts, end), facts)
    return [
        (_("期限"), left),
        (_("恢复"), _("最迟 %(day)s 期满自动恢复，届时至 %(end)s", day=latest, end=then)),
    ]


def _last(found: Deadline | TimerPlan, facts: Facts) -> str:
    due = found.due if isinstance(found, Deadline) else found.due_on
    return _day(due, facts, unsure=found.provisional)


def _day(on: date, facts: Facts, *, unsure: bool) -> str:
    return day_words(on, facts.today, weekday=True) + (_("（暂定）") if unsure else "")
