"""Killed at any statement: all or nothing, nothing acknowledged is lost, nothing happens twice."""

from itertools import count
from typing import Any

import pytest

from models import HistoryEntry
from tests.cast import World
from tests.fire.conftest import Size
from tests.fire.crowd import unbroken
from tests.fire.siege import AFTER_COMMIT, BEFORE_COMMIT, DONE, KILLED, Keys, Verb, content, doomed
from tests.fire.story import every_move, moves_made, story


def test_a_process_killed_at_any_statement_of_any_move_leaves_all_or_nothing(
    world: World, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys()
    monkeypatch.setattr("tests.cast.uuid", keys)
    acts, answer, attacked = story(world), None, set()
    number, kills = count(), 0
    while True:
        try:
            label, verb = acts.send(answer)
        except StopIteration:
            break
        if label in attacked:
            answer = verb()
            continue
        attacked.add(label)
        n = next(number)
        statements = size([2 + n % 6, 8 + n % 7], count(1))
        answer, died = _besieged(world, keys, verb, statements)
        kills += died
        unbroken(world)
    missing = every_move(world) - moves_made(world)
    assert not missing
    assert {tuple(label.split()) for label in attacked} >= every_move(world) - CONSEQUENCES
    assert kills > size(2 * len(attacked), 10 * len(attacked))


CONSEQUENCES = {("evaluation", move) for move in ("show", "unlist", "prolong", "contest", "settle")}
"""Moves that another case's act makes in its own transaction; they died with it."""


def _besieged(world: World, keys: Keys, verb: Verb, statements: Any) -> tuple[Any, int]:
    """Children do the act and die at each of the statements, then one just before and one just after COMMIT."""
    before, first_key, kills = content(world), keys.next, 0
    for statement in (*_until_done(world, verb, statements, before), BEFORE_COMMIT):
        kills += 1
        assert statement
    assert doomed(world, verb, BEFORE_COMMIT) == KILLED
    assert content(world) == before
    assert doomed(world, verb, AFTER_COMMIT) == KILLED
    after, entries = content(world), world.count(HistoryEntry)
    assert after != before
    answer = verb()
    keys.next = first_key
    assert verb() == answer
    assert content(world) == after and world.count(HistoryEntry) == entries
    return answer, kills + 2
