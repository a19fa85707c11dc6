"""What a move asks of its actor, declared with the move and checked in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from workflow.engine.refusal import Refused
from workflow.rules.scoring import read_score
from workflow.rules.written_day import written_day

Kind = Literal["text", "lines", "date", "choice", "ids", "whole", "sheet", "score"]

LARGEST = 2**63 - 1
"""The largest number a row's id can be; the databases fail on more."""

HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Field:
    """`choices` names stable keys (texts in the catalogues); `lines` is long text; `ids` a list of row ids.

    A `sheet` stands for the lines of the policy's scheme: it is spelled out for a case, and left out where the policy
    has no such `source` (workflow.engine.scoresheet). A `score` is a decimal from 0 to `points`.
    `asks`: what an opinion is here, where it is none: the reason of an act, or what somebody else shall add.
    """

    name: str
    kind: Kind = "lines"
    required: bool = True
    longest: int = 2000
    shortest: int = 0
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    source: str = ""
    points: Decimal = Decimal(0)
    decimals: int = 0
    label: str = ""
    asks: str = ""

    @property
    def word(self) -> str:
        """The key of what the box is called."""
        return f"field.{self.asks or self.name}"


OPINION = Field("opinion", required=False)
REASON = Field("opinion", shortest=2, asks="reason")
DEMAND = Field("opinion", shortest=2, asks="demand")
STATEMENT = (Field("statement", shortest=20, longest=10_000), Field("files", "ids", required=False))
HOW = Field("how", "choice", choices=("in_person", "post", "portal", "notice"))


def checked(fields: tuple[Field, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The form as clean values, unknown fields refused. Raises Refused("form_invalid") naming each field and rule."""
    wrong: dict[str, tuple[str, dict[str, Any]]] = {}
    clean: dict[str, Any] = {}
    known = {field.name for field in fields}
    for name in raw:
        if name not in known:
            wrong[name] = ("field_unknown", {"field": name})
    for field in fields:
        try:
            clean[field.name] = _value(field, raw.get(field.name))
        except Refused as refused:
            wrong[field.name] = (refused.reason, refused.details)
    if wrong:
        raise Refused("form_invalid", fields=wrong)
    return clean


def _value(field: Field, raw: Any) -> Any:
    if raw is None or raw in ("", [], {}):
        if field.required:
            raise Refused("field_required", field=field.name)
        return [] if field.kind == "ids" else None
    return _READERS[field.kind](field, raw)


def _text(field: Field, raw: Any) -> str:
    text = str(raw).replace("\r\n", "\n").strip()
    if "\x00" in text:
        raise Refused("field_characters", field=field.name)
    if len(text) > field.longest:
        raise Refused("field_too_long", field=field.name, most=field.longest, now=len(text))
    if len(text) < max(field.shortest, 1 if field.required else 0):
        raise Refused("field_too_short", field=field.name, least=max(field.shortest, 1), now=len(text))
    return text


def _date(field: Field, raw: Any) -> date:
    if isinstance(raw, date):
        return raw
    try:
        return written_day(str(raw))
    except ValueError:
        raise Refused("field_date", field=field.name) from None


def _choice(field: Field, raw: Any) -> str:
    if raw not in field.choices:
        raise Refused("field_choice", field=field.name)
    return str(raw)


def _ids(field: Field, raw: Any) -> list[int]:
    try:
        ids = sorted({int(item) for item in (raw if isinstance(raw, (list, tuple)) else [raw])})
    except (TypeError, ValueError):
        raise Refused("field_ids", field=field.name) from None
    if not 0 < ids[0] <= ids[-1] <= LARGEST:
        raise Refused("field_ids", field=field.name)
    return ids


def _whole(field: Field, raw: Any) -> int:
    try:
        number = int(str(raw))
    except ValueError:
        raise Refused("field_whole", field=field.name) from None
    if abs(number) > LARGEST:
        raise Refused("field_whole", field=field.name)
    least, most = field.least or 0, field.most or HIGHEST_ID
    if not least <= number <= most:
        raise Refused("field_range", field=field.name, least=least, most=most)
    return number


def _score(field: Field, raw: Any) -> str:
    """A decimal as canonical text: `7.5`, never a binary fraction."""
    read = read_score(str(raw), field.points, field.decimals)
    if isinstance(read, str):
        return read
    reason, details = read
    raise Refused(reason, field=field.name, **details)


_READERS = {
    "text": _text,
    "lines": _text,
    "date": _date,
    "choice": _choice,
    "ids": _ids,
    "whole": _whole,
    "score": _score,
}
