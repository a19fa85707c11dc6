"""A policy's tables in words, for the page and the command line alike."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from views.terms import span
from views.texts import gettext as _
from views.texts import known, policy_text, text
from workflow.rules.conditions import Question
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_reading import Block
from workflow.rules.scoring import plain

_FAMILIES = ("rule.word", "machine", "due", "step", "level", "kind", "source", "choice.severity")
_TERM = ("deadlines", "limits")


def section(name: str) -> str:
    return text(f"rule.{name}")


def heading(block: Block) -> str:
    """`01 设立情况`, `公示`: a row's own name and title; empty for the section itself."""
    name = _known(block.name, ("due", "machine", "source", "rule.part")) or block.name
    if block.section in _TERM:
        return name
    if block.title and block.section == "recommendation":
        return policy_text(block.title)  # an honour's key is for the command line
    return " ".join(part for part in (name, policy_text(block.title)) if part)


def lines(rules: PolicyRules, block: Block) -> list[tuple[str, str]]:
    """Caption and words of each value that is set; a period is one sentence."""
    if block.section in _TERM:
        return [("", _term(rules, block))]
    shown = [(field, value) for field, value in block.fields if value is not None]
    if block.section == "record_kinds":
        return [("", _("；").join(policy_text(title) for _kind, title in shown))]
    return [(caption(block.section, field), words(rules, value, field)) for field, value in shown]


def caption(section_name: str, field: str) -> str:
    """The section's own caption for a field, else the one it shares with others; a free key is its own caption."""
    return _known(field, (f"rule.{section_name}", "rule.field", "rule.part")) or field


def words(rules: PolicyRules, value: Any, field: str = "") -> str:
    """A word may mean its own thing in one field (`evaluation`: a process, or the day of one)."""
    match value:
        case bool():
            return text("rule.yes") if value else text("rule.no")
        case Question():
            return _question(rules, value)
        case Decimal():
            return plain(value)
        case str() if value.startswith("section:"):
            return next(policy_text(one.title) for one in rules.scoring.sections if f"section:{one.id}" == value)
        case str():
            own = policy_text(rules.record_kinds.get(value) or value).rstrip("；。")
            return _known(value, (f"rule.word.{field}", *_FAMILIES)) or own
        case dict():
            return _("、").join(f"{words(rules, key)} {words(rules, one, field)}" for key, one in value.items())
        case tuple() | list():
            return _("、").join(words(rules, one, field) for one in value)
    return str(value)


def _known(key: str, families: Sequence[str]) -> str:
    return next(filter(None, (known(f"{family}.{key}") for family in families)), "")


def _term(rules: PolicyRules, block: Block) -> str:
    rule = getattr(rules.content, block.section)[block.name].model_dump()
    parts = [span(rule)]
    if "start_day" in rule:
        parts.append(text(f"rule.start_day.{rule['start_day']}"))
    parts += [text(f"rule.roll.{rule['roll']}"), text("rule.closes", hour=rule["closes"])]
    return _("，").join(parts)


def _question(rules: PolicyRules, when: Question) -> str:
    """`count：劳动保障违法违规行为，≥ 2，12 个月内`: what the evaluator asks of the archive."""
    asked = {name: value for name, value in when if value not in (None, False)}
    named = rules.record_kinds
    first = _("、").join(policy_text(named.get(one, one)) for one in asked.pop("kinds", None) or asked.pop("grades"))
    parts = [text(f"rule.asks.{type(when).__name__}", what=first)]
    if "op" in asked:
        unit = text("rule.months") if type(when).__name__ == "Lasting" else ""
        parts.append(text("rule.at_least" if asked["op"] == ">=" else "rule.more_than", n=f"{asked['value']}{unit}"))
    if "within" in asked:
        parts.append(text("rule.within", n=asked["within"], by=text(f"rule.by.{asked['by']}")))
    if "severity" in asked:
        parts.append(text(f"choice.severity.{asked['severity']}"))
    parts += [text(f"rule.flag.{name}") for name in ("corrected_in_time", "decided", "public", "standing")
              if asked.get(name)]  # fmt: skip
    return _("，").join(parts)


def open_places(places: Sequence[str]) -> list[str]:
    """What is not set, in words; the same value of many rows is one line with their number."""
    counted: dict[str, int] = {}
    for place in places:
        parts = place.split(".")
        name = section(parts[0])
        if len(parts) > 1:
            last = _known(parts[-1], ("due",)) if parts[0] == "deadlines" else caption(parts[0], parts[-1])
            name = _("%(what)s：%(said)s", what=name, said=last)
        counted[name] = counted.get(name, 0) + 1
    return [name if n == 1 else text("rule.times", name=name, n=n) for name, n in counted.items()]


def fault(key: str) -> str:
    """Why a file was refused; what only the TOML reader or the schema can say stays as it says it."""
    return known(f"fault.{key}") or key
