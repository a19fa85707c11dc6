"""推荐与荣誉的规则: which honours a policy gives, who may be considered, how many, in which order, and by when."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from workflow.rules.conditions import When
from workflow.rules.policy_base import Fault, Frozen, Level, Text

if TYPE_CHECKING:
    from workflow.rules.policy_tables import Content


class SeatTable(Frozen):
    """名额分配表: at most so many for each authority, by its code. Fewer is allowed (inventory §7 item 7)."""

    seats: dict[str, int] = Field(min_length=1)
    clause: Text


class Share(Frozen):
    """不超过……的比例: the whole part of `percent` of the institutions that hold one of `grades` on the round's day.

    A unit with fewer than `pool_below` of them has no quota of its own: it counts with the unit of `pool_at` above it
    (inventory §7 item 23).
    """

    percent: int = Field(gt=0, le=100)
    grades: tuple[Text, ...] = Field(min_length=1)
    pool_below: int = Field(gt=0)
    pool_at: Level
    clause: Text
    reading: Text

    def of(self, base: int) -> int:
        """ "不超过": the fraction is cut off."""
        return base * self.percent // 100

    def bases(self, counted: Mapping[int, list[int]], pool_of: Mapping[int, int]) -> dict[int, list[int]]:
        """Who is counted where: `counted` are the institutions of each managing unit, `pool_of` names the unit that
        pools it. Nobody is counted twice."""
        found: dict[int, list[int]] = {}
        for unit, institutions in sorted(counted.items()):
            holder = unit if len(institutions) >= self.pool_below else pool_of[unit]
            found.setdefault(holder, []).extend(institutions)
        return found


class Honour(Frozen):
    """荣誉: given to an institution, or through it to a person who works there (诚信服务标兵)."""

    title: Text
    holder: Literal["institution", "person"] = "institution"
    quota: SeatTable | Share
    clause: Text


class Eligibility(Frozen):
    """A basic condition. `when` asks the archive and `grades` the grade in force: one of the two suffices. With
    neither, a person says whether it is met. `soft`: 原则上; a reason and a second person may set it aside (SD-32)."""

    SILENT: ClassVar = ("when",)

    id: Text
    title: Text
    text: Text
    place: Text
    clause: Text
    reading: str = ""
    soft: bool = False
    when: When | None = None
    grades: tuple[Text, ...] = ()

    @property
    def judged(self) -> bool:
        return self.when is None and not self.grades


class Contents(Frozen):
    """What a box of the form has to say; whoever fills it in reads it beside the box."""

    title: Text
    text: Text
    clause: Text


class RecommendationRules(Frozen):
    """`entrance`: who begins. `forms`: the institution fills in the form (SD-39); `contents` are its boxes.

    Review begins with the managing authority or with the holder of the quota (`ladder_from`); it ends with the holder
    or goes on to `ladder_to` after publicity. `look_back`: the day on which the conditions are asked. `rank_by`: the
    order of the list, ties included.
    """

    PERIODS: ClassVar = (
        "application", "county_review", "city_review", "province_review", "selection", "publish", "publicity",
        "confirm", "submission", "revocation",
    )  # fmt: skip

    entrance: tuple[Literal["institution", "authority"], ...] = Field(min_length=1)
    forms: bool
    scored: bool
    ladder_from: Literal["managing", "quota"]
    ladder_to: Literal["quota", "city", "province"]
    look_back: Literal["round", "application", "evaluation"]
    rank_by: tuple[Text, ...] = Field(min_length=1)
    package: tuple[Literal["forms", "scores", "proofs", "summary"], ...]
    honours: dict[str, Honour] = Field(min_length=1)
    conditions: tuple[Eligibility, ...]
    contents: dict[Literal["profile", "deeds"], Contents] = Field(default_factory=dict)
    clauses: tuple[Text, ...]

    def unasked(self) -> set[str]:
        left_out = {
            "application": not (self.forms and "authority" in self.entrance),
            "county_review": self.ladder_from == "quota",
            "province_review": self.ladder_to != "province",
        }
        return {key for key, out in left_out.items() if out}

    def faults(self, content: "Content") -> Iterator[Fault]:
        where = "recommendation"
        if self.scored and content.scoring is None:
            yield f"{where}.scored", "section_missing"
        sections = {section.id for section in content.scoring.sections} if content.scoring else set()
        known = {"score", "applied", *(f"section:{id}" for id in sections)}
        yield from (
            (f"{where}.rank_by.{number}", "not_allowed") for number, key in enumerate(self.rank_by) if key not in known
        )
        for one in self.conditions:
            kinds = getattr(one.when, "kinds", None)
            if one.when is not None and (kinds is None or not set(kinds) <= content.record_kinds.keys()):
                yield f"{where}.conditions.{one.id}.when", "record_kind_unknown"
        for key, honour in self.honours.items():
            if isinstance(honour.quota, SeatTable) and min(honour.quota.seats.values()) < 0:
                yield f"{where}.honours.{key}.quota.seats", "not_positive"
