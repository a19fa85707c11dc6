"""Periods and dates in words, for every door: `5 个工作日`, `8 月 10 日前（含当日）`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from views.texts import N_, text
from views.texts import gettext as _
from workflow.rules.policy import PolicyRules

HOLIDAYS = (N_("元旦"), N_("春节"), N_("清明节"), N_("劳动节"), N_("端午节"), N_("中秋节"), N_("国庆节"))
"""By the names of the calendar. A day that an administrator imported keeps the name it was given."""


def holiday(name: str) -> str:
    return _(name) if name in HOLIDAYS else name


def span(rule: Mapping[str, Any]) -> str:
    """Of a rule as a timer, a notice or a policy keeps it."""
    if "month" not in rule:
        return f"{rule['count']} {text('unit.' + rule['unit'] + '.one' * (rule['count'] == 1))}"
    numbered = isinstance(rule["month"], int)
    month = text("date.month", n=rule["month"]) if numbered else text(f"date.{rule['month']}")
    month = text("date.next_year", month=month) if rule["year"] == "next" else month
    if rule["day"] == "last":
        return text("date.last", month=month)
    return text("date.included" if rule["included"] else "date.excluded", month=month, n=rule["day"])


def term(rules: PolicyRules, key: str) -> str:
    """The policy's period or date by its key."""
    return span(asdict(rules.deadline(key)))
