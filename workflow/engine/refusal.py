"""A refusal is an exception with a reason code; the page shows the same reason before the button is pressed."""

from typing import Any


class Refused(Exception):
    """`reason` is a stable key with its text in the catalogues; `details` fills that text's placeholders.

    `fields` maps a form field to its own (reason, details), for forms that say what is wrong beside the field.
    """

    def __init__(
        self, reason: str, fields: dict[str, tuple[str, dict[str, Any]]] | None = None, **details: Any
    ) -> None:
        super().__init__(reason, details)
        self.reason = reason
        self.details = details
        self.fields = fields or {}


def beside(field: str, reason: str, **details: Any) -> Refused:
    """What one box of the form would mend, said beside that box."""
    return Refused(reason, fields={field: (reason, details)}, **details)


class NotFound(Exception):
    """What does not exist, and what may not be seen, look the same from outside."""
