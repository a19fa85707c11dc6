"""评价的规则: how far an evaluation climbs, its grades, their caps, and who is not rated."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from workflow.rules.policy_base import Fault, Frozen, Level, Text

if TYPE_CHECKING:
    from workflow.rules.policy_tables import Content


class Cap(Frozen):
    """At most `percent` of a round's rated institutions have one of `grades`; "不超过" cuts the fraction off. `least`:
    how many may always have one, where the policy says so."""

    grades: tuple[Text, ...] = Field(min_length=1)
    percent: int = Field(gt=0, le=100)
    least: int = Field(default=0, ge=0)
    clause: Text

    def of(self, base: int) -> int:
        return max(base * self.percent // 100, self.least)


class Unrated(Frozen):
    """不参评: founded less than `months` before the round's day; without a number, a person says that it applies."""

    SILENT: ClassVar = ("months",)

    id: Text
    title: Text
    text: Text
    months: int | None = Field(default=None, gt=0)
    clause: Text


class EvaluationRules(Frozen):
    """`confirm` has one value: nothing but an authority's act makes a result effective (docs/decisions/0011).
    `branches`: rated on their own, or with the institution they belong to. `hand_in`: what an authority below hands in
    to the round's own, by the date `hand_in`."""

    PERIODS: ClassVar = (
        "self_report", "correction", "county_review", "city_review", "province_review", "publish", "publicity",
        "confirm", "deliver", "filing", "validity", "hand_in",
    )  # fmt: skip

    ladder_to: Literal["managing", "city", "province"]
    filing: tuple[Level, ...]
    self_report: bool
    confirm: Literal["authority"]
    publicity_by: Literal["managing", "round"]
    grades: tuple[Text, ...] = Field(min_length=2)
    requires_all: tuple[str, ...]
    caps: tuple[Cap, ...] = ()
    unrated: tuple[Unrated, ...] = ()
    branches: Literal["own", "with_parent"] | None = None
    hand_in: tuple[Literal["annex_2", "models"], ...] = ()
    clauses: tuple[Text, ...]

    def ground(self, id: str) -> Unrated | None:
        return next((rule for rule in self.unrated if rule.id == id), None)

    def unasked(self) -> set[str]:
        left_out = {
            "self_report": not self.self_report,
            "filing": not self.filing,
            "hand_in": not self.hand_in,
            "province_review": self.ladder_to != "province",
        }
        return {key for key, out in left_out.items() if out}

    def faults(self, content: "Content") -> Iterator[Fault]:
        for number, cap in enumerate(self.caps):
            if not set(cap.grades) <= set(self.grades[:-1]):
                yield f"evaluation.caps.{number}.grades", "grade_unknown"
        ids = [rule.id for rule in self.unrated]
        yield from ((f"evaluation.unrated.{id}", "id_twice") for id in sorted({id for id in ids if ids.count(id) > 1}))
        if not set(self.requires_all) <= set(self.grades):
            yield "evaluation.requires_all", "grade_unknown"
        graded = {condition.grade for condition in content.conditions}
        graded |= {band.grade for band in content.scoring.bands} if content.scoring else set()
        for grade in self.grades:
            if grade not in graded:
                yield f"evaluation.grades.{grade}", "grade_without_condition"
        reached = ("county", "city", "province") if self.ladder_to == "province" else ("county", "city")
        if content.signing:
            yield from ((f"signing.{name}", "empty") for name in reached if not getattr(content.signing, name))
