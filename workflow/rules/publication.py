"""公示期与可修复日: until when a record is public, and from when it may be repaired, under the order of its day."""

from dataclasses import dataclass
from datetime import date, timedelta

from workflow.rules.calendar import Calendar
from workflow.rules.deadline import DeadlineRule, compute
from workflow.rules.policy_repair import ActClass, Order, RepairRules

_CALENDAR = Calendar()  # months that do not roll ask nothing of it
_ONE_DAY = timedelta(days=1)


class NoOrder(LookupError):
    """No order of the policy governs a decision of that day; nothing is guessed in its place."""

    def __init__(self, on: date) -> None:
        super().__init__(f"no order governs {on}")
        self.on = on


@dataclass(frozen=True)
class Window:
    """`earliest` is the first day on which an application is in time (可修复日), `last` the last day of publication.
    `clauses` are what both rest on; the cap of a locality is among them where it is what ends the publication."""

    order: Order
    act: ActClass
    earliest: date
    last: date
    clauses: tuple[str, ...]


def order_of(rules: RepairRules, acted_on: date, decided_on: date) -> Order:
    """The order that governs. Raises NoOrder for a day before the first one."""
    on = decided_on if rules.chosen_by == "decided_on" else acted_on
    governing = [order for order in rules.orders if order.since <= on]
    if not governing:
        raise NoOrder(on)
    return governing[-1]


def class_of(order: Order, id: str) -> ActClass | None:
    """None for a class that the order does not know: the classes changed with the order."""
    return next((one for one in order.classes if one.id == id), None)


def window(rules: RepairRules, id: str, acted_on: date, acted_to: date | None, decided_on: date) -> Window | None:
    """None where the order of that day has no such class."""
    order = order_of(rules, acted_on, decided_on)
    act = class_of(order, id)
    if act is None:
        return None
    earliest = _end(act.shortest, decided_on, act.clause) + _ONE_DAY if act.shortest else decided_on
    last, clauses = _end(act.longest, decided_on, act.clause), (act.clause,)
    if rules.cap:
        capped = _end(rules.cap.longest, acted_to or acted_on, rules.cap.clause)
        if capped < last:
            last, clauses = capped, (act.clause, rules.cap.clause)
    return Window(order, act, earliest, last, clauses)


def _end(months: int, start: date, clause: str) -> date:
    """The last day: the corresponding one, or the month's end where there is none (民法典 202)."""
    return compute(DeadlineRule(months, "month", "next", "none", "24:00", clause), start, _CALENDAR).due
