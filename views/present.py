"""Small presenters for every page: from engine words to what the macros read. No rule is known here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flask_babel import format_date

from views.terms import holiday
from views.texts import gettext as _
from views.texts import policy_text, text
from workflow.clock import SHANGHAI, legal_day
from workflow.engine.forms import Field
from workflow.engine.plan import STEP
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import CountedDay, Rule, rests_on_guess
from workflow.rules.policy import PolicyRules

Shown = dict[str, Any]
BOXES = {"lines": "textarea", "text": "text", "date": "date", "choice": "radio", "whole": "number", "ids": "file"}
FEW = 4
BLUNT = frozenset({"disagree", "refuse"})
"""Moves whose words do not follow “已”."""


def local(at: datetime) -> datetime:
    """An instant as its readers' clocks show it."""
    return at.astimezone(SHANGHAI)


def day_words(on: date, today: date, *, weekday: bool = False) -> str:
    """`11-26`, with the year when it is not this one, and its weekday where it binds somebody."""
    words = f"{on:%m-%d}" if on.year == today.year else f"{on:%Y-%m-%d}"
    return f"{words} {format_date(on, 'EEE')}" if weekday else words


def grade(letter: str | None, state: str = "effective") -> Shown | None:
    """`state`: proposed, effective, expired or held (see the macro)."""
    return {"letter": letter, "state": state} if letter else None


def law(rules: PolicyRules, clause_id: str, label: str = "", place: str = "", words: str = "") -> Shown:
    """A clause to open in place. A local clause says itself that no text above sets it."""
    clause = rules.clause(clause_id)
    source, where, said = rules.content.sources.get(clause.source), place or clause.place, words or clause.text
    if source:
        cite = _("《%(title)s》%(place)s", title=policy_text(source.title), place=policy_text(where))
    else:
        cite = _("本地规则：%(title)s", title=policy_text(rules.title))
    shown = {"label": label or policy_text(clause.place) or _("设定说明"), "text": policy_text(said), "cite": cite}
    return shown if shown["text"] == said else shown | {"chinese": said}


def condition_law(rules: PolicyRules, condition_id: str) -> Shown:
    found = rules.condition(condition_id)
    label = _("%(grade)s 级：%(title)s", grade=found.grade, title=policy_text(found.title))
    return law(rules, found.clause, label, found.place, found.text)


def deadline_law(rules: PolicyRules, clause_id: str) -> Shown:
    clause = rules.clause(clause_id) if clause_id in rules.content.clauses else None
    if clause is None:
        return {"label": _("依据"), "text": clause_id, "cite": clause_id, "local": False}
    return law(rules, clause_id, _("本地规则设定") if clause.local else _("依据")) | {"local": clause.local}


def state_text(machine: str, state: str, step: str = "") -> str:
    name = text(f"state.{machine}.{state}")
    return f"{name} · {text('step.' + step)}" if step else name


def asked_text(machine: str, state: str, step: str, purpose: str) -> str:
    """What a task asks for: the step of the case, or what is to be done beside it."""
    return state_text(machine, state, step) if purpose == STEP else text(f"move.{machine}.{purpose}")


def post_name(authority: str, role: str) -> str:
    """`魏都区人社局经办`: whoever holds the post."""
    return _("%(authority)s%(role)s", authority=authority, role=text(f"role.{role}"))


def bracketed(what: str, more: str) -> str:
    """`一般失信（第36号令）`; without anything more, the first alone."""
    return _("%(what)s（%(more)s）", what=what, more=more) if more else what


def done_words(machine: str, move: str) -> str:
    """What has just been done, in the words of the button."""
    label = text(f"move.{machine}.{move}")
    return _("已作出“%(label)s”", label=label) if move in BLUNT else _("已%(label)s", label=label)


def proof_days(proved: Sequence[CountedDay], timer: Any, today: date) -> list[Shown]:
    """A day off an unannounced year matters only to a deadline that is itself provisional."""
    last = proved[-1].date if proved else None
    return [
        asdict(day)
        | {
            "is_start": day.date == timer.started_on,
            "is_last": day.date == last,
            "is_today": day.date == today,
            "ahead": day.date > today,
            "provisional": day.provisional and timer.provisional,
            "name": holiday(day.name),
        }
        for day in proved
    ]


def boxes(
    fields: Sequence[Field],
    *,
    prefix: str = "",
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    options: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    hints: Mapping[str, str] | None = None,
) -> list[Shown]:
    """The form macro's fields; `values` and `errors` by field name. `options` turn a field into a select."""
    values, errors, options, hints = values or {}, errors or {}, options or {}, hints or {}
    return [
        {
            "name": field.name,
            "label": text(field.word),
            "kind": _kind(field, options),
            "options": _choices(field, options),
            "required": field.required,
            "hint": hints.get(field.name) or _hint(field),
            "value": values.get(f"{prefix}{field.name}", ""),
            "error": errors.get(field.name),
            "max_length": field.longest if field.kind == "lines" else None,
            "rows": None,
        }
        for field in fields
    ]


def _kind(field: Field, options: Mapping[str, Any]) -> str:
    if field.name in options or len(field.choices) > FEW:
        return "select"
    return BOXES[field.kind]


def _choices(field: Field, options: Mapping[str, Sequence[tuple[str, str]]]) -> list[tuple[str, str]]:
    if field.name in options:
        return list(options[field.name])
    return [(choice, text(f"choice.{field.name}.{choice}")) for choice in field.choices]


def _hint(field: Field) -> str:
    if field.kind == "lines" and field.shortest > 1:
        return _("至少 %(least)s 字", least=field.shortest)
    return ""


def event_text(event: str, details: Mapping[str, Any]) -> str:
    """A message's heading, as the channels send it."""
    return text(f"event.{event}", **details)


def guessed(rule: Rule, end: datetime | date, calendar: Calendar) -> str:
    """`（暂定）` behind an end that rests on a year nobody has announced."""
    due = legal_day(end - end.resolution) if isinstance(end, datetime) else end
    return _("（暂定）") if rests_on_guess(rule, due, calendar) else ""


def until(at: datetime, today: date) -> str:
    """`11-26 周四 24:00`: the end of a period, named as the day it closes."""
    shown = local(at)
    if shown.hour == shown.minute == 0:
        return f"{day_words(legal_day(at - at.resolution), today, weekday=True)} 24:00"
    return f"{day_words(shown.date(), today, weekday=True)} {shown:%H:%M}"
