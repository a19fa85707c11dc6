"""计分: from sheets to a result, in exact arithmetic. Nothing is rounded but the numbers shown, once and at the end.

A mean of three experts may have no last decimal, so sums are fractions until the policy's rounding.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from workflow.rules.findings import Findings
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_scoring import Item, Scoring, SourceName
from workflow.rules.scored import Scored, Sheet, Survey

Wrong = tuple[str, dict[str, Any]]
_WRITTEN = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_HALF = Fraction(1, 2)


def read_score(raw: str, points: Decimal, decimals: int) -> str | Wrong:
    """One score as canonical text, or what is wrong with it: unreadable, too exact, out of range."""
    text = raw.strip()
    if not _WRITTEN.fullmatch(text):
        return "score_unreadable", {}
    if len(text.partition(".")[2].rstrip("0")) > decimals:
        return "score_too_exact", {"decimals": decimals}
    if Decimal(text) > points:
        return "score_range", {"most": plain(points), "now": text}
    return plain(Decimal(text))


def read_sheet(items: Sequence[Item], decimals: int, raw: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Wrong]]:
    """A whole sheet: scores as canonical text, and what is wrong by item, a missing or unknown one included."""
    clean: dict[str, str] = {}
    wrong: dict[str, Wrong] = {id: ("score_unknown", {}) for id in raw.keys() - {item.id for item in items}}
    for item in items:
        text = raw.get(item.id, "").strip()
        read = read_score(text, item.points, decimals) if text else ("score_missing", {})
        if isinstance(read, str):
            clean[item.id] = read
        else:
            wrong[item.id] = read
    return clean, wrong


def plain(number: Decimal) -> str:
    """`7.5`, `10`: without trailing zeros or an exponent."""
    return f"{number.normalize():f}"


def rounded(value: Fraction, scheme: Scoring) -> Decimal:
    """As the policy shows numbers. `down` cuts, `half_up` gives the half away from zero; scores are never negative."""
    scaled = value * 10 ** (scheme.decimals or 0)
    return Decimal(floor(scaled + _HALF if scheme.rounding == "half_up" else scaled)).scaleb(-(scheme.decimals or 0))


def by_section(items: Sequence[Item], scores: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Section totals are sums (SD-37)."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        sums[item.section] += scores.get(item.id, Decimal(0))
    return dict(sums)


def spread(sheets: Sequence[Sheet]) -> Decimal | None:
    """How far the experts' totals lie apart; None for fewer than two."""
    totals = [sheet.total for sheet in sheets if sheet.source == "expert"]
    return max(totals) - min(totals) if len(totals) > 1 else None


def score(scheme: Scoring, sheets: Sequence[Sheet], survey: Survey | None) -> Scored:
    """The weighted result. Several experts count by their mean; an absent source as its rule says."""
    exact = _sources(scheme, sheets, survey)
    rules = scheme.sources
    missing = tuple(name for name, rule in rules.items() if name not in exact and rule.missing == "refused")
    counted = {
        name: exact.get(name, Fraction(0))
        for name, rule in rules.items()
        if rule.weight and (name in exact or rule.missing == "zero")
    }
    weight = sum(Fraction(rules[name].weight) for name in counted)
    total = None
    if not missing and weight:
        total = rounded(sum((Fraction(rules[n].weight) * v for n, v in counted.items()), Fraction(0)) / weight, scheme)
    return Scored(
        sheets=tuple(sheets),
        survey=survey,
        sources={name: rounded(value, scheme) for name, value in exact.items()},
        missing=missing,
        total=total,
        grade=None if total is None else band(scheme, total),
    )


def _sources(scheme: Scoring, sheets: Sequence[Sheet], survey: Survey | None) -> dict[SourceName, Fraction]:
    totals: dict[SourceName, list[Fraction]] = defaultdict(list)
    for sheet in sheets:
        totals[sheet.source].append(Fraction(sheet.total))
    found = {name: sum(totals[name], Fraction(0)) / len(totals[name]) for name in scheme.sources if totals.get(name)}
    rule = scheme.survey
    if "social" in scheme.sources and rule and survey and survey.answers >= rule.least:
        mean = Fraction(survey.marks, survey.answers * len(rule.questions))
        found["social"] = mean / rule.scale * Fraction(scheme.full)
    return found


def band(scheme: Scoring, total: Decimal) -> str | None:
    """The band of a total as it is shown; None for a scheme without bands."""
    return next((one.grade for one in scheme.bands if total >= one.from_points), None)


def to_next(scheme: Scoring, total: Decimal) -> tuple[str, Decimal] | None:
    """The next better grade by points, and how many points lack; None in the best band."""
    better = [one for one in scheme.bands if one.from_points > total]
    return (better[-1].grade, better[-1].from_points - total) if better else None


def combined(rules: PolicyRules, found: Findings, scored: Scored) -> Findings:
    """Points and conditions together: the worse of the two holds (inventory §7 items 12 and 13)."""
    grades, grade = rules.evaluation.grades, found.grade
    if grade is None and not found.unjudged:
        grade = grades[0]  # no condition speaks against the best grade
    if scored.total is None:
        grade = None
    elif grade is not None and scored.grade is not None:
        grade = max(grade, scored.grade, key=grades.index)
    return found.model_copy(update={"grade": grade, "score": scored})
