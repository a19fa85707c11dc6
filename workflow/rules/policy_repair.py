"""信用修复的规则: the orders on publication and repair, each from its day, and how a standing grade changes."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from workflow.rules.conditions import Months
from workflow.rules.policy_base import Fault, Frozen, Text

if TYPE_CHECKING:
    from workflow.rules.policy_tables import Content


class ActClass(Frozen):
    """A class of dishonest acts. Without a shortest period an act may be repaired as soon as it is corrected."""

    SILENT: ClassVar = ("shortest",)

    id: Text
    title: Text
    shortest: Months | None = None
    longest: Months
    clause: Text


class Order(Frozen):
    """One regulation; it governs from `since` until the next one does."""

    id: Text
    title: Text
    since: date
    clause: Text
    classes: tuple[ActClass, ...] = Field(min_length=1)


class Cap(Frozen):
    """地方条例: publication ends at the latest so long after the act ended, whatever the order says."""

    longest: Months
    clause: Text
    reading: str = ""


class RepairRules(Frozen):
    """`lists` are the kinds of record that are entries in a list, `rights` what follows a refusal, in its words.

    `chosen_by`: the day of the decision or of the act says which order governs. Periods count from the day after
    the decision to the corresponding day (民法典 201, 202) and do not roll: they burden, they leave nobody time to act.
    """

    PERIODS: ClassVar = ("repair_acceptance", "repair_supplement", "repair_answer", "repair_defence")

    chosen_by: Literal["decided_on", "acted_on"]
    publicity: bool
    pledge: Text
    rights: Text
    lists: tuple[Text, ...] = ()
    orders: tuple[Order, ...] = Field(min_length=1)
    cap: Cap | None = None
    clauses: tuple[Text, ...]

    def faults(self, content: "Content") -> Iterator[Fault]:
        for earlier, later in pairwise(self.orders):
            if later.since <= earlier.since:
                yield f"repair.orders.{later.id}.since", "not_later"
        yield from (
            (f"repair.lists.{kind}", "record_kind_unknown") for kind in self.lists if kind not in content.record_kinds
        )
        for order in self.orders:
            for one in order.classes:
                if one.shortest and one.shortest > one.longest:
                    yield f"repair.orders.{order.id}.classes.{one.id}.shortest", "longer_than_longest"


class RegradeRules(Frozen):
    """等级动态调整: whether the changed grade keeps the old end date or begins a new term."""

    PERIODS: ClassVar = ("regrade_statement",)

    term: Literal["keeps", "new"]
    clauses: tuple[Text, ...]
