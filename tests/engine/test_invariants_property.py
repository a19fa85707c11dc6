"""Random players, moves and clock: whatever happens, what must always hold holds (design.md §9)."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.cast import World
from tests.engine.conftest import NewWorld
from tests.engine.players import Players, set_the_scene
from workflow.engine.invariants import broken

CHANCE = st.randoms(use_true_random=False).map(lambda chance: Random(chance.getrandbits(64)))

ENOUGH = 50
"""Moves really made in all games; fewer would mean that the players no longer find what to do."""
MOVES = (
    Players.work,
    Players.work,
    Players.meddle,
    Players.draft,
    Players.object,
    Players.ask_re_review,
    Players.answer,
    Players.answer,
    Players.keep_archive,
    Players.claim_or_release,
    Players.leave_post,
    Players.wait,
)


class Game(RuleBasedStateMachine):
    """One game on a copy of the scene. A subclass says where that copy comes from and where the tally goes."""

    new: Callable[[], World]
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.players = Players(type(self).new())
        self.checked: Counter[str] = Counter()

    @rule(chance=CHANCE, move=st.sampled_from(MOVES))
    def play(self, chance: Random, move: Callable[[Players, Random], None]) -> None:
        move(self.players, chance)

    @rule(chance=CHANCE, moves=st.integers(1, 8))
    def push(self, chance: Random, moves: int) -> None:
        self.players.push(chance, moves)

    @rule()
    def submit_again(self) -> None:
        self.players.again()

    @invariant()
    def nothing_is_broken(self) -> None:
        if self.players.happened != self.checked:
            self.checked = self.players.happened.copy()
            with self.players.world.database.read() as session:
                assert broken(session) == []

    def teardown(self) -> None:
        self.tally.update(self.players.happened)
        self.tally.update({f"refused: {key}": number for key, number in self.players.refused.items()})
        self.players.world.database.close()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_whatever_is_played_the_invariants_hold(new_world: NewWorld, kind: str) -> None:
    scene = new_world(kind)
    set_the_scene(scene)
    tally: Counter[str] = Counter()
    game = type("Game", (Game,), {"new": staticmethod(lambda: new_world(kind, like=scene)), "tally": tally})
    depth = settings(
        max_examples=max(8, settings().max_examples // 10),
        stateful_step_count=20,
        deadline=None,
        # What was played follows from seeds, which do not shrink.
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(game, settings=depth)
    done = sum(number for key, number in tally.items() if " > " in key)
    assert done > ENOUGH, tally
