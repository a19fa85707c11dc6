"""Killed at any statement: all or nothing, nothing acknowledged is lost, nothing happens twice."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.cast import World
from tests.fire.conftest import Size
from tests.fire.crowd import unbroken
from tests.fire.siege import AFTER_COMMIT, BEFORE_COMMIT, KILLED, Keys, Verb, content, doomed, rehearsed
from tests.fire.story import every_move, moves_made, story


def test_a_process_killed_at_any_statement_of_any_move_leaves_all_or_nothing(
    world: World, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys()
    monkeypatch.setattr("tests.cast.uuid", keys)
    acts, answer, attacked, kills = story(world), None, {}, 0
    while True:
        try:
            label, verb = acts.send(answer)
        except StopIteration:
            break
        if label in attacked:
            answer = verb()
            continue
        at = len(attacked)
        answer, attacked[label] = _besieged(world, keys, verb, lambda n: size({at * 5 % n + 1}, range(1, n + 1)))
        if at % size(6, 1) == 0:
            unbroken(world)
    unbroken(world)
    missing = every_move(world) - moves_made(world)
    assert not missing
    assert {tuple(label.split()) for label in attacked} >= every_move(world) - CONSEQUENCES
    assert min(attacked.values()) >= size(3, 10)


CONSEQUENCES = {("evaluation", move) for move in ("show", "unlist", "prolong", "contest", "settle")}
"""Moves that another case's act makes in its own transaction; they died with it."""


def _besieged(world: World, keys: Keys, verb: Verb, chosen: Callable[[int], Iterable[int]]) -> tuple[Any, int]:
    """Children do the act and die before chosen statements, before COMMIT and after it; then it is asked for again.

    Gives the answer and how many children died.
    """
    before, first_key = content(world), keys.next
    statements = [*chosen(rehearsed(world, verb)), BEFORE_COMMIT]
    keys.next = first_key
    for statement in statements:
        assert doomed(world, verb, statement) == KILLED
        assert content(world) == before
    assert doomed(world, verb, AFTER_COMMIT) == KILLED
    after = content(world)
    assert after != before
    answer = verb()
    keys.next = first_key
    assert verb() == answer
    assert content(world) == after
    return answer, len(statements) + 1
