"""得分: what was scored and what follows, as a case freezes it."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from workflow.rules.policy_scoring import SourceName


class Sheet(BaseModel):
    """One evaluator's scores by item."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: SourceName
    scores: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.scores.values(), Decimal(0))


class Survey(BaseModel):
    """满意度: how many answered, and the sum of all their marks."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    answers: int
    marks: int


class Scored(BaseModel):
    """The result, frozen with the sheets it follows from. `total` is None while a source is `missing`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sheets: tuple[Sheet, ...]
    survey: Survey | None
    sources: dict[SourceName, Decimal]
    missing: tuple[SourceName, ...]
    total: Decimal | None
    grade: str | None
