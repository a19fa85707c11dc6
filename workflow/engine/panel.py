"""表决 of a panel: whether its members' voices suffice, and what one more of them would bring about (XC-02)."""

from dataclasses import dataclass, replace
from typing import Literal

Rule = Literal["all", "any", "quorum"]


@dataclass(frozen=True, slots=True)
class Count:
    """`seats`: members who have not spoken yet."""

    rule: Rule
    quorum: int
    agreed: int
    against: int
    seats: int

    @property
    def needed(self) -> int:
        """How many must agree: all who sit, any of them, or the policy's quorum."""
        match self.rule:
            case "all":
                return self.agreed + self.against + self.seats
            case "any":
                return 1
        return self.quorum

    @property
    def enough(self) -> bool:
        return self.agreed > 0 and self.agreed >= self.needed

    @property
    def missing(self) -> int:
        """How many more must agree."""
        return max(self.needed - self.agreed, 0)

    @property
    def lost(self) -> bool:
        """Whether those who have not spoken could no longer make it enough."""
        return self.missing > self.seats

    def after(self, *, agree: bool) -> "Count":
        """With one more member's voice."""
        return replace(self, agreed=self.agreed + agree, against=self.against + (not agree), seats=self.seats - 1)
