"""Rounds that take turns, their medians and ratios, and the lines they are printed as."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. `beside` is what `ratio` compares with; `aim` and `floor` are limits of the ratio, or of the value
    where there is nothing beside it."""

    name: str
    database: str
    value: float
    unit: str
    beside: str
    ratio: float | None
    floor: float
    aim: float
    better: Better
    rounds: int
    min: float
    max: float

    @property
    def verdict(self) -> str:
        found = self.value if self.ratio is None else self.ratio
        sign = 1 if self.better == "higher" else -1
        return "aim" if sign * found >= sign * self.aim else "floor" if sign * found >= sign * self.floor else "short"

    def as_row(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "floor"}


@dataclass(frozen=True, slots=True)
class Row:
    """What a figure is called and held to, before it is measured."""

    name: str
    unit: str
    beside: str
    floor: float
    aim: float
    better: Better

    def figure(self, database: str, ours: list[float], beside: list[float] | None = None) -> Figure:
        """`ours` and `beside` by round; the ratio is taken round by round."""
        ratios = [one / other for one, other in zip(ours, beside, strict=True)] if beside else []
        return Figure(
            name=self.name,
            database=database,
            value=_short(median(ours)),
            unit=self.unit,
            beside=self.beside,
            ratio=_short(median(ratios)) if ratios else None,
            floor=self.floor,
            aim=self.aim,
            better=self.better,
            rounds=len(ours),
            min=_short(min(ratios or ours)),
            max=_short(max(ratios or ours)),
        )


def grown(what: str) -> Row:
    """What becomes of a time when there are a hundred times the cases."""
    return Row(f"{what}_100x_cases", "ms", "the same with a hundredth of the cases", 1.5, 1.2, "lower")


def in_turn(rounds: int, *verbs: Callable[[int], int]) -> list[list[float]]:
    """Each verb's rates by round: how many a second it did. A verb is told the round and says how many it did."""
    rates: list[list[float]] = [[] for _ in verbs]
    for number in range(rounds):
        for verb, found in zip(verbs, rates, strict=True):
            began = time.perf_counter()
            done = verb(number)
            found.append(done / (time.perf_counter() - began))
    return rates


def add_turn(found: list[list[float]], turn: list[list[float]]) -> None:
    """Put the rates of one more turn to those that there are."""
    for rates, once in zip(found, turn, strict=True):
        rates.extend(once)


def milliseconds(rates: list[float]) -> list[float]:
    return [1000 / rate for rate in rates]


def repeated(verb: Callable[[], object], times: int) -> Callable[[int], int]:
    """The same thing again and again, as a verb for `in_turn`."""

    def again(_round: int) -> int:
        for _ in range(times):
            verb()
        return times

    return again


def _short(number: float) -> float:
    return float(f"{number:.4g}")
