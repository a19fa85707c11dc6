"""What the machine files' functions can say, read from their source: reasons to refuse, and deadlines asked for.

So a reason is written once, where it is returned, and `machine check` still knows them all.
"""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

from workflow.engine.independence import REASONS

if TYPE_CHECKING:
    from workflow.engine.machine import Guard, MachineTable

PACKAGE = Path(__file__).parent.parent


@cache
def reasons(guard: "Guard") -> frozenset[str]:
    """The reason codes that a guard returns, or raises `beside` a box; a lambda or partial has none of its own."""
    if not inspect.isfunction(guard):
        return frozenset()
    tree = ast.parse(dedent(inspect.getsource(guard)))
    said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
    said += [call.args[1] for call in _called(tree, "beside")]
    return frozenset(text for value in said for text in _texts(value))


def _texts(value: ast.expr) -> Iterator[str]:
    """The strings an expression may have as its value, looking into `a if b else c` and `a or b` only."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from _texts(value.body)
            yield from _texts(value.orelse)
        case ast.BoolOp():
            for one in value.values:
                yield from _texts(one)


@cache
def refusals() -> frozenset[str]:
    """Every reason with which the workflow refuses outside a machine's guards: `Refused("...")`, and independence."""
    found = set(REASONS)
    for file in sorted(PACKAGE.rglob("*.py")):
        for call in _called(ast.parse(file.read_text(encoding="utf-8")), "Refused"):
            found |= _first(call)
    return frozenset(found)


def modules(table: "MachineTable") -> set[ModuleType]:
    """The files that a machine's guards and effects are written in."""
    functions: list[Any] = [one for row in table.moves for one in (row.effect, row.when, *row.unless) if one]
    return {module for module in map(inspect.getmodule, functions) if module}


@cache
def deadlines(module: ModuleType) -> frozenset[str]:
    """The policy's periods that a machine file asks for: `facts.deadline("key", ...)`, `TaskPlan(..., due="key")`."""
    found: set[str] = set()
    for call in _calls(inspect.getsource(module)):
        if _name(call) == "deadline":
            found |= _first(call)
        elif isinstance(call.func, ast.Name) and call.func.id == "TaskPlan":
            found |= {key for word in call.keywords if word.arg == "due" for key in _texts(word.value)}
    return frozenset(found)


def _called(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of a function by its bare name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _first(call: ast.Call) -> set[str]:
    return set(_texts(call.args[0])) if call.args else set()
