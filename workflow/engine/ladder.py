"""The ladder: one generator for the review states and rows of every machine.

In a machine file `review` stands for "the authorities from the first reviewing one upward, each with its ordered
signing steps". A case's own ladder says which levels it climbs; levels it lacks are skipped.

Sources: `review` any step · `review:start` the first step of the case's first level · `review:later` every other step ·
`review:panel` the panel steps.
Destinations: `review` the first step of the case's first level · `up:STATE` the next step, the next level, then STATE ·
`up:PAUSE/STATE` the same, but PAUSE after the level whose authority publishes · `above` the first step above that one ·
`restart` the first step of this level · `down` the first step of the level below · `stay`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models.people import LEVELS
from workflow.rules.policy import PolicyRules

if TYPE_CHECKING:
    from workflow.engine.facts import Facts
    from workflow.engine.machine import Move, State

REVIEW = "review"
PANEL = "panel"
Steps = Mapping[str, tuple[str, ...]]
When = Callable[["Facts"], bool]
Posts = tuple[frozenset[str], frozenset[str]]
NO_POSTS: Posts = (frozenset(), frozenset())


def review_steps(signing_list: str, rules: PolicyRules) -> Steps:
    """The signing steps of each level that has any: the level's own list, or one list for all levels."""
    listed = {level: rules.steps(signing_list or level) for level in LEVELS}
    return {level: steps for level, steps in listed.items() if steps}


def review_state(level: str) -> str:
    return f"{level}_{REVIEW}"


def first(level: str, steps: Steps) -> str:
    return f"{review_state(level)}.{steps[level][0]}"


def level_of(state: str) -> str:
    """The level a review state belongs to; empty for other states."""
    level = state.split(".", maxsplit=1)[0].removesuffix(f"_{REVIEW}")
    return level if level in LEVELS else ""


def full(case: Mapping[str, Any]) -> str:
    """The state of a case with its step."""
    return f"{case['state']}.{case['step']}" if case["step"] else case["state"]


def within_reach(case: Mapping[str, Any], levels: Collection[str]) -> list[int]:
    """The authorities of some levels of a case's ladder; a review climbs one level at most."""
    ladder, level = case["ladder"], level_of(case["state"])
    here = next((n for n, rung in enumerate(ladder) if rung["level"] == level), len(ladder))
    return [rung["authority"] for rung in ladder[: here + 2] if rung["level"] in levels]


def posts_behind(moves: Sequence["Move"], states: Mapping[str, "State"]) -> Mapping[tuple[str, str], Posts]:
    """By state and move, the levels and the roles that the move may lead to."""
    behind: dict[tuple[str, str], list[State]] = {}
    for row in moves:
        if level_of(row.to):
            behind.setdefault((row.source, row.name), []).append(states[row.to])
    return {move: (frozenset(map(_level, found)), frozenset(map(_role, found))) for move, found in behind.items()}


def _level(state: "State") -> str:
    return level_of(state.key)


def _role(state: "State") -> str:
    role = state.owner.partition("@")[0]
    return "panel_member" if role == PANEL else role


def expand_states(states: tuple["State", ...], steps: Steps, due: str) -> Iterator["State"]:
    for state in states:
        if state.key != REVIEW:
            yield state
            continue
        for level in steps:
            for step in steps[level]:
                key = review_state(level)
                yield replace(state, key=key, step=step, owner=f"{step}@level", due=due or key)


def lift(move: "Move", steps: Steps, states: Mapping[str, "State"]) -> Iterator["Move"]:
    """The rows of one move of a machine file, with the ladder's shorthand spelled out."""
    for source, at_source in _sources(move.source, steps, states):
        row = replace(move, source=source, when=_both(move.when, at_source))
        if source.endswith(f".{PANEL}") and row.by == "owner":
            row = replace(row, by="panel_leader")
            if row.to.startswith("up:"):
                yield replace(row, by="panel_member", to=source, effect=None, unless=(), tells=())
                row = replace(row, unless=(panel_short, *row.unless))
        for to, at_target in _targets(row, steps):
            yield replace(row, to=to, when=_both(row.when, at_target))


def panel_short(facts: "Facts") -> str | None:
    """The leader's signature closes a panel only when its members' voices suffice (XC-02)."""
    return None if facts.panel.enough else "panel_short"


def _sources(source: str, steps: Steps, states: Mapping[str, "State"]) -> Iterator[tuple[str, When | None]]:
    if not source.startswith(REVIEW):
        yield from ((one, None) for one in source.split("|"))
        return
    for full in (key for key in states if level_of(key)):
        level = level_of(full)
        opens = full == first(level, steps)
        if source == "review:start" and opens:
            yield full, _starts_at(level)
        elif source == "review:later":
            yield full, (_not_starts_at(level) if opens else None)
        elif source == REVIEW or (source == "review:panel" and full.endswith(f".{PANEL}")):
            yield full, None


def _targets(row: "Move", steps: Steps) -> Iterator[tuple[str, When | None]]:
    level, _, step = row.source.partition(".")
    level = level_of(level)
    if row.to == REVIEW:
        yield from ((first(start, steps), _starts_at(start)) for start in steps)
    elif row.to == "stay":
        yield row.source, None
    elif row.to == "restart":
        if row.source != first(level, steps):
            yield first(level, steps), None
    elif row.to == "down":
        yield from ((first(below, steps), _below_is(below)) for below in steps if below != level)
    elif row.to.startswith("up:"):
        following = steps[level][steps[level].index(step) + 1 :]
        if following:
            yield f"{review_state(level)}.{following[0]}", None
            return
        pause, _, top = row.to.removeprefix("up:").rpartition("/")
        if pause:
            yield pause, lambda facts: facts.publishes_here
        yield from (
            (first(above, steps), _above_is(above)) for above in steps if LEVELS.index(above) > LEVELS.index(level)
        )
        yield top, _above_is("")
    elif row.to == "above":
        yield from ((first(above, steps), _follows_publicity(above)) for above in steps)
    else:
        yield row.to, None


def _both(one: When | None, other: When | None) -> When | None:
    if one is None or other is None:
        return one or other
    return lambda facts: other(facts) and one(facts)  # the ladder's own question first


def _starts_at(level: str) -> When:
    return lambda facts: facts.levels[0] == level


def _not_starts_at(level: str) -> When:
    return lambda facts: facts.levels[0] != level


def _above_is(level: str) -> When:
    return lambda facts: facts.level_above == level


def _follows_publicity(level: str) -> When:
    return lambda facts: facts.level_after_publicity == level


def _below_is(level: str) -> When:
    return lambda facts: facts.level_below == level
