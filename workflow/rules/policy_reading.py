"""A policy as an official reads it: block by block, every value with its clause; what is not set; what two differ in.

The walk follows the tables themselves, so a section that is added later is read, compared and found missing as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel

from workflow.rules.conditions import Question
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_base import Frozen
from workflow.rules.policy_scoring import Indicator
from workflow.rules.policy_tables import Content

_APART = ("policy", "sources", "clauses")
_CITING = ("clause", "clauses", "reading")


@dataclass(frozen=True, slots=True)
class Block:
    """One table of the file. `name` is its own key or id, `fields` its values; a value of None is not set."""

    section: str
    place: str
    name: str
    title: str
    fields: tuple[tuple[str, Any], ...]
    clauses: tuple[str, ...]
    local: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` None: the second policy adds it; `after` None: it no longer has it."""

    place: str
    before: Any
    after: Any


def blocks(rules: PolicyRules) -> list[Block]:
    """Every table in the order of the schema; the file's heading, its sources and clauses stand apart."""
    named = ((name, value) for name, value in rules.content if name not in _APART)
    return [block for name, value in named for block in _blocks(rules, name, name, value, "")]


def _blocks(
    rules: PolicyRules, section: str, place: str, value: Any, name: str, around: tuple[str, ...] = ()
) -> Iterator[Block]:
    """`around`: the clauses of the table around, which a row without its own rests on."""
    if isinstance(value, Frozen):
        block = _block(rules, section, place, value, name, around)
        yield block
        for field, inner in value:
            if _is_nested(inner):
                yield from _blocks(rules, section, f"{place}.{field}", inner, field, block.clauses)
    elif isinstance(value, Mapping) and value and not _is_nested(value):
        yield Block(section, place, name, "", tuple(value.items()), around, False)
    else:
        rows = (
            value.items() if isinstance(value, Mapping) else ((_id(one, n), one) for n, one in enumerate(value or ()))
        )
        for key, inner in rows:
            yield from _blocks(rules, section, f"{place}.{key}", inner, key, around)


def _block(rules: PolicyRules, section: str, place: str, table: Frozen, name: str, around: tuple[str, ...]) -> Block:
    cited = [getattr(table, field, ()) for field in _CITING]
    clauses = [id for one in cited for id in ((one,) if isinstance(one, str) else one) if id] or list(around)
    hidden = (*_CITING, "id", "title", *(field for field in _silent(rules, table) if getattr(table, field) is None))
    fields = [
        (field, value)
        for field, value in table
        if field not in hidden and not _is_nested(value) and value not in ("", (), {})
    ]
    known = [rules.content.clauses[id] for id in clauses]
    local = bool(known) and all(clause.local for clause in known)
    return Block(section, place, name, getattr(table, "title", ""), tuple(fields), tuple(clauses), local)


def _silent(rules: PolicyRules, table: Frozen) -> tuple[str, ...]:
    """An indicator has no points of its own where they follow from its section's weight (ZS-23)."""
    follows = isinstance(table, Indicator) and rules.scoring.points_by in ("section", "equal")
    return ("points",) if follows else table.SILENT


def _is_nested(value: Any) -> bool:
    if isinstance(value, Frozen):
        return True
    rows = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return bool(rows) and all(isinstance(one, Frozen) for one in rows)


def _id(row: Any, number: int) -> str:
    """A row by its id, else by the grade it is about, else by its place."""
    return str(getattr(row, "id", None) or getattr(row, "grade", None) or number + 1)


def not_set(rules: PolicyRules) -> list[str]:
    """What the schema knows and the policy leaves open, by place: sections, values, and the periods of its sections.
    Nothing is invented in their place (inventory §7 item 44)."""
    content = rules.content
    sections = [name for name in Content.model_fields if name not in _APART and not getattr(content, name)]
    values = [f"{one.place}.{field}" for one in blocks(rules) for field, value in one.fields if value is None]
    present = [value for _, value in content if isinstance(value, Frozen)]
    asked = dict.fromkeys(key for one in present for key in one.PERIODS if key not in one.unasked())
    return [*sections, *values, *(f"deadlines.{key}" for key in asked if key not in content.deadlines)]


def differences(before: PolicyRules, after: PolicyRules) -> list[Difference]:
    """Every value that is not the same, by its place in the file; order is the first policy's, then what is new."""
    old, new = _flat(before), _flat(after)
    places = dict.fromkeys([*old, *new])
    return [Difference(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def _flat(rules: PolicyRules) -> dict[str, Any]:
    named = ((name, value) for name, value in rules.content if name != "policy")
    return {place: value for name, value in named for place, value in _leaves(name, value)}


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel) and not isinstance(value, Question):
        for field, inner in value:
            yield from _leaves(f"{place}.{field}", inner)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{place}.{key}", inner)
    elif isinstance(value, tuple) and value and all(isinstance(one, BaseModel) for one in value):
        for number, inner in enumerate(value):
            yield from _leaves(f"{place}.{_id(inner, number)}", inner)
    elif value is not None and value != "":
        yield place, plain(value)


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, Question):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def words_needed() -> tuple[set[tuple[str, str]], set[str]]:
    """(section, field) of every value a policy can set, and every word that a field may be limited to."""
    fields: set[tuple[str, str]] = set()
    words: set[str] = set()
    waiting = [
        (name, part)
        for name, field in Content.model_fields.items()
        if name not in _APART
        for part in _models(field.annotation)
    ]
    while waiting:
        section, model = waiting.pop()
        for name, field in model.model_fields.items():
            inner = _models(field.annotation)
            waiting += [(section, part) for part in inner]
            if not inner and name not in (*_CITING, "id", "title"):
                fields.add((section, name))
                words |= _choices(field.annotation)
    return fields, words


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _models(annotation: Any) -> list[type[Frozen]]:
    return [part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, Frozen)]


def _choices(annotation: Any) -> set[str]:
    return {part for part in _parts(annotation) if isinstance(part, str)}
