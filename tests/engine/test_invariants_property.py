"""Random players, moves and clock: whatever happens, what must always hold holds (design.md §9)."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.cast import World
from tests.engine.conftest import NewWorld
from tests.engine.players import Players, set_the_scene
from workflow.engine.invariants import broken

CHANCE = st.randoms(use_true_random=False).map(lambda chance: Random(chance.getrandbits(64)))


def game(new_world: NewWorld, kind: str, scene: World, seen: Counter[str]) -> type[RuleBasedStateMachine]:
    class Game(RuleBasedStateMachine):
        players: Players | None = None
        checked: Counter[str] | None = None

        @initialize()
        def begin(self) -> None:
            self.players = Players(new_world(kind, like=scene))

        @rule(chance=CHANCE)
        def work(self, chance: Random) -> None:
            self.players.work(chance)

        @rule(chance=CHANCE, moves=st.integers(1, 15))
        def push(self, chance: Random, moves: int) -> None:
            self.players.push(chance, moves)

        @rule(chance=CHANCE, moves=st.integers(1, 15))
        def push_more(self, chance: Random, moves: int) -> None:
            self.players.push(chance, moves)

        @rule(chance=CHANCE)
        def meddle(self, chance: Random) -> None:
            for _ in range(5):
                self.players.meddle(chance)

        @rule()
        def submit_again(self) -> None:
            self.players.again()

        @rule(chance=CHANCE)
        def draft(self, chance: Random) -> None:
            self.players.draft(chance)

        @rule(chance=CHANCE)
        def object(self, chance: Random) -> None:
            self.players.object(chance)

        @rule(chance=CHANCE)
        def ask_re_review(self, chance: Random) -> None:
            self.players.ask_re_review(chance)

        @rule(chance=CHANCE)
        def keep_archive(self, chance: Random) -> None:
            self.players.keep_archive(chance)

        @rule(chance=CHANCE)
        def claim_or_release(self, chance: Random) -> None:
            self.players.claim_or_release(chance)

        @rule(chance=CHANCE)
        def leave_post(self, chance: Random) -> None:
            self.players.leave_post(chance)

        @rule(chance=CHANCE)
        def wait(self, chance: Random) -> None:
            self.players.wait(chance)

        @invariant()
        def nothing_is_broken(self) -> None:
            if self.players and self.players.happened != self.checked:
                self.checked = self.players.happened.copy()
                with self.players.world.database.read() as session:
                    assert broken(session) == []

        def teardown(self) -> None:
            if self.players:
                seen.update(self.players.happened)
                seen.update({f"! {key}": n for key, n in self.players.refused.items()})
                self.players.world.database.close()

    return Game


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_whatever_is_played_the_invariants_hold(new_world: NewWorld, kind: str) -> None:
    seen: Counter[str] = Counter()
    scene = new_world(kind)
    set_the_scene(scene)
    depth = settings(
        max_examples=max(10, settings().max_examples // 10),
        stateful_step_count=50,
        deadline=None,
        # What was played follows from seeds, which do not shrink.
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(game(new_world, kind, scene, seen), settings=depth)
    for key, n in sorted(seen.items()):
        print(n, key)
