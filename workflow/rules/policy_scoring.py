"""评估指标: sections, indicators and points, whose scores count how much, and which points make which grade.

Points are exact decimals, written as text ("7.5"): a binary fraction cannot hold a tenth. A scheme may give weights to
its sections and leave the points of the indicators open (ZS-23); then `points_by` says how a locality scores.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from workflow.rules.policy_base import Fault, Frozen, Text

if TYPE_CHECKING:
    from workflow.rules.policy_tables import Content

SourceName = Literal["self", "expert", "social", "official"]
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?")
_YEAR = re.compile(r"\{Y(-\d)?\}")


def _exact(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise PydanticCustomError("points_unreadable", "points are text such as '7.5', with two decimals at most")
    return Decimal(value)


Points = Annotated[Decimal, BeforeValidator(_exact)]


def in_year(words: str, year: int) -> str:
    """The years that an indicator names, counted from a round's own."""
    return _YEAR.sub(lambda found: str(year + int(found[1] or 0)), words)


class Indicator(Frozen):
    """`text` may name years from the round's own: {Y-1} is the year before it (inventory §7 item 9). `blank` is the
    caption of a line to fill in beside the score (SD-38)."""

    id: Text
    title: Text
    text: Text
    points: Points | None = None
    blank: str = ""

    def text_for(self, year: int) -> str:
        return in_year(self.text, year)


class Section(Frozen):
    id: Text
    title: Text
    weight: Points
    indicators: tuple[Indicator, ...] = Field(min_length=1)


class SourceRule(Frozen):
    """`weight` in hundredths of the result. `missing`: what an absent evaluation counts as, zero or not at all."""

    weight: Points
    missing: Literal["zero", "left_out", "refused"]
    clause: Text


class ExpertRules(Frozen):
    """`least`: sheets without which the phase cannot be closed. `wide`: a spread of totals that is flagged."""

    least: int = Field(gt=0)
    wide: Points
    clause: Text


class SurveyRules(Frozen):
    """满意度调查. Answers are 1 to `scale`; fewer than `least` say nothing. `per_address`: answers from one network
    address; a browser answers once."""

    questions: tuple[Text, ...] = Field(min_length=1)
    scale: int = Field(gt=1, le=10)
    least: int = Field(gt=0)
    per_address: int = Field(gt=0)
    clause: Text


class Band(Frozen):
    """`from_points` is included: 以上 includes the number (民法典 1259)."""

    grade: Text
    from_points: Points
    clause: Text


class Item(Frozen):
    """One line of a sheet: an indicator, or a whole section where points are given by section."""

    id: str
    section: str
    title: str
    text: str
    points: Decimal
    blank: str = ""


class Scoring(Frozen):
    PERIODS: ClassVar = ("expert_scoring", "survey")

    title: Text
    full: Points
    points_by: Literal["indicator", "section", "equal"] | None = None
    decimals: int | None = Field(default=None, ge=0, le=2)
    rounding: Literal["half_up", "down"] | None = None
    sections: tuple[Section, ...] = Field(min_length=1)
    sources: dict[SourceName, SourceRule] = Field(default_factory=dict)
    experts: ExpertRules | None = None
    survey: SurveyRules | None = None
    bands: tuple[Band, ...] = ()
    clauses: tuple[Text, ...]

    @property
    def usable(self) -> bool:
        """Whether the locality has settled everything that a score needs."""
        return None not in (self.points_by, self.decimals, self.rounding) and bool(self.sources)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(one for section in self.sections for one in section.indicators)

    def items(self, year: int) -> tuple[Item, ...]:
        """The lines of a sheet of one year, in order. Raises ValueError while the locality has not settled points."""
        if self.points_by is None:
            raise ValueError("points are not settled")
        return tuple(item for section in self.sections for item in self._items(section, year))

    def _items(self, section: Section, year: int) -> Iterator[Item]:
        if self.points_by == "section":
            listed = "；".join(one.title for one in section.indicators)
            yield Item(id=section.id, section=section.id, title=section.title, text=listed, points=section.weight)
            return
        for one in section.indicators:
            points = one.points if self.points_by == "indicator" else section.weight / len(section.indicators)
            yield Item(id=one.id, section=section.id, title=one.title, text=one.text_for(year),
                       points=points or Decimal(0), blank=one.blank)  # fmt: skip

    def unasked(self) -> set[str]:
        """Without a rule for experts, or for a survey, that rule is what is not set."""
        return {key for key, rule in (("expert_scoring", self.experts), ("survey", self.survey)) if rule is None}

    def faults(self, content: "Content") -> Iterator[Fault]:
        ids = [*(section.id for section in self.sections), *(one.id for one in self.indicators)]
        yield from ((f"scoring.sections.{id}", "id_twice") for id in sorted({id for id in ids if ids.count(id) > 1}))
        if sum(section.weight for section in self.sections) != self.full:
            yield "scoring.full", "sections_do_not_add_up"
        for section in self.sections:
            yield from self._section_faults(section)
        if self.sources and sum(one.weight for one in self.sources.values()) != 100:  # noqa: PLR2004 - per cent
            yield "scoring.sources", "weights_do_not_add_up"
        for name, table in (("expert", "experts"), ("social", "survey")):
            if name in self.sources and not getattr(self, table):
                yield f"scoring.{table}", "section_missing"
        if "social" in self.sources and "evaluation" in content.scope.machines and "survey" not in content.deadlines:
            yield "deadlines.survey", "section_missing"
        if "evaluation" in content.scope.machines and not self.usable:
            yield "scoring", "not_settled"
        yield from self._band_faults(content)

    def _section_faults(self, section: Section) -> Iterator[Fault]:
        where, given = f"scoring.sections.{section.id}", [one.points for one in section.indicators]
        if self.points_by == "indicator":
            yield from ((f"{where}.{one.id}", "points_missing") for one in section.indicators if one.points is None)
            if None not in given and sum(points or 0 for points in given) != section.weight:
                yield f"{where}.weight", "indicators_do_not_add_up"
        if self.points_by == "equal" and Fraction(section.weight) / len(given) * 100 % 1:
            yield f"{where}.weight", "not_divisible"

    def _band_faults(self, content: "Content") -> Iterator[Fault]:
        grades = content.evaluation.grades if content.evaluation else ()
        for band in self.bands:
            if content.evaluation and band.grade not in grades:
                yield f"scoring.bands.{band.grade}", "grade_unknown"
            if band.from_points > self.full:
                yield f"scoring.bands.{band.grade}", "above_full"
        order = [band.from_points for band in self.bands]
        if self.bands and (order != sorted(set(order), reverse=True) or order[-1] != 0):
            yield "scoring.bands", "bands_leave_gaps"
        if [grade for grade in grades if grade in {band.grade for band in self.bands}] != [
            band.grade for band in self.bands if band.grade in grades
        ]:
            yield "scoring.bands", "bands_out_of_order"
