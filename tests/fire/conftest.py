"""How much fire: the quick form of each test, or the full one behind `--long`."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.engine.conftest import new_world, postgres_stage, sqlite_stage, world

T = TypeVar("T")
Size = Callable[[T, T], T]

__all__ = ["Size", "new_world", "postgres_stage", "size", "sqlite_stage", "world"]


@pytest.fixture
def size(pytestconfig: pytest.Config) -> Size:
    """`size(quick, full)`: full under `./xinjie test --long`."""
    full = pytestconfig.getoption("--hypothesis-profile") == "long"
    return lambda quick, long: long if full else quick
