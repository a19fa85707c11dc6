"""推荐顺序: one order of the candidates of a quota, by the keys that the policy names, so that ranks never tie."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

Candidate = Mapping[str, Any]
"""What `rank` looks at: `case_id`, `applied_at`, `total` and `scores` (by item, as text)."""


def rank(rank_by: Sequence[str], section_of: Mapping[str, str], one: Candidate) -> tuple[Any, ...]:
    """Smaller is better. `score` and `section:ID` are points, the more the better; `applied`: who came first. What is
    still equal goes by the case's number: it was opened earlier."""
    return (*(_part(key, section_of, one) for key in rank_by), one["case_id"])


def _part(key: str, section_of: Mapping[str, str], one: Candidate) -> Decimal | datetime:
    if key == "applied":
        return one["applied_at"]
    if key == "score":
        return -Decimal(one["total"] or 0)
    section = key.removeprefix("section:")
    scores = one["scores"] or {}
    return -sum((Decimal(points) for item, points in scores.items() if section_of.get(item) == section), Decimal(0))
