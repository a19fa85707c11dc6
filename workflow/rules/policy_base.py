"""What every section of a policy file is made of. A section's module brings its tables, its periods and its sense.

`faults` of a section says what must hold between it and the rest of the file; clauses are looked up for every section
alike, wherever a field is called `clause`, `clauses` or `reading`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from workflow.rules.policy_tables import Content

Step = Literal["handler", "section_head", "leader", "panel"]
Level = Literal["county", "city", "province"]
Steps = tuple[Step, ...]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Closing = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Text = Annotated[str, Field(min_length=1)]

Fault = tuple[str, str]
"""Where in the file, and a stable key."""


class Frozen(BaseModel):
    """`PERIODS`: the keys under [deadlines] that this section's process may ask for. `SILENT`: values whose absence is
    itself the rule, so that nothing is open there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    PERIODS: ClassVar[tuple[str, ...]] = ()
    SILENT: ClassVar[tuple[str, ...]] = ()

    def unasked(self) -> set[str]:
        """The periods that the process never comes to under this policy."""
        return set()

    def faults(self, content: "Content") -> Iterator[Fault]:
        return iter(())
