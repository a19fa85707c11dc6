"""评级条件: what a condition may ask of an institution's archive. The first key of a `when` table names the question.

A period is written "12 months" or "1 year" and held in months. 以上 is `>=`: it includes the number (民法典 1259).
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

Kinds = Annotated[tuple[str, ...], Field(min_length=1)]
Operator = Literal[">=", ">"]
_PERIOD = re.compile(r"([1-9]\d*) (month|year)s?")


def _months(value: object) -> int:
    found = _PERIOD.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise PydanticCustomError("period_unknown", "a period reads '12 months' or '1 year'")
    return int(found[1]) * (12 if found[2] == "year" else 1)


Months = Annotated[int, BeforeValidator(_months)]


class Question(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Asked(Question):
    """Which records count. `standing`: not ended at the day of evaluation. `public`: still shown on that day.

    `severity` and `corrected_in_time` are a person's judgement: a record that nobody judged is neither in nor out.
    """

    kinds: Kinds
    severity: Literal["minor", "serious", "major"] | None = None
    corrected_in_time: bool | None = None
    decided: bool = False
    public: bool = False
    standing: bool = False
    within: Months | None = None
    by: Literal["acted_on", "decided_on"] | None = None

    @model_validator(mode="after")
    def _dated(self) -> "Asked":
        if (self.within is None) != (self.by is None):
            raise PydanticCustomError("window_incomplete", "`within` and `by` go together")
        return self


class Exists(Asked):
    kinds: Kinds = Field(alias="exists")


class Count(Asked):
    kinds: Kinds = Field(alias="count")
    op: Operator
    value: int = Field(gt=0)


class NoneOf(Asked):
    kinds: Kinds = Field(alias="none_of")


class YearsInARow(Question):
    """连续: years by `period_year`, each counted once however many records it has."""

    kinds: Kinds = Field(alias="years_in_a_row")
    op: Operator
    value: int = Field(gt=0)


class Lasting(Question):
    """A state that began at least (`>=`) or more than (`>`) a period ago and has not ended."""

    kinds: Kinds = Field(alias="lasting")
    op: Operator
    value: Months


class NoneOfGrades(Question):
    grades: Kinds = Field(alias="none_of_grades")


_KEYS = {
    "exists": Exists,
    "count": Count,
    "none_of": NoneOf,
    "years_in_a_row": YearsInARow,
    "lasting": Lasting,
    "none_of_grades": NoneOfGrades,
}


def _key(value: object) -> str | None:
    found = _KEYS.keys() & value.keys() if isinstance(value, dict) else set()
    return found.pop() if len(found) == 1 else None


When = Annotated[
    Annotated[Exists, Tag("exists")]
    | Annotated[Count, Tag("count")]
    | Annotated[NoneOf, Tag("none_of")]
    | Annotated[YearsInARow, Tag("years_in_a_row")]
    | Annotated[Lasting, Tag("lasting")]
    | Annotated[NoneOfGrades, Tag("none_of_grades")],
    Discriminator(_key, custom_error_type="when_unknown", custom_error_message="no such question"),
]
