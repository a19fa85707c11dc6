"""报送: which county has handed in its summary table and its list of models, and whether in time (XC-30)."""

from datetime import date

import pytest

from models import Round
from tests.cast import CITY, COUNTY, SIBLING, World
from workflow import hand_ins
from workflow.engine.refusal import Refused
from workflow.hand_ins import Handed

HANDLER = f"{COUNTY}-handler"


def hand(world: World, round_id: int, paper: str, login: str, role: str | None = None) -> None:
    with world.write() as session:
        hand_ins.hand_in(session, round_id, paper, world.actor(login, role), world.at)


def of(world: World, round_id: int) -> tuple[date, list[Handed]]:
    with world.database.read() as session:
        one = session.get_one(Round, round_id)
        authorities = [world.actor(f"{code}-handler").authority_id or 0 for code in (CITY, COUNTY, SIBLING)]
        return hand_ins.due(session, one).due, hand_ins.handed(session, one, authorities)


def test_xuchang_asks_for_both_by_the_end_of_july_2023(world: World) -> None:
    round_id, _cases = world.round("xuchang-2023", 2023)
    due, rows = of(world, round_id)
    assert due == date(2023, 7, 31)
    assert [(row.authority, row.papers) for row in rows] == [
        ("魏都区人社局", {"annex_2": None, "models": None}),
        ("建安区人社局", {"annex_2": None, "models": None}),
    ]


def test_what_a_county_hands_in_is_dated_and_handed_in_once(world: World) -> None:
    round_id, _cases = world.round()
    hand(world, round_id, "annex_2", HANDLER)
    first = world.at
    world.to(date(2026, 3, 31))
    with pytest.raises(Refused, match="handed_in_already"):
        hand(world, round_id, "annex_2", HANDLER)
    hand(world, round_id, "models", HANDLER)
    due, rows = of(world, round_id)
    assert rows[0].papers == {"annex_2": first, "models": world.at}
    assert not any(rows[1].papers.values())
    assert due == date(2026, 3, 30)  # 20 working days after 2 March, under the demo's own clause


def test_only_a_handler_of_an_authority_below_hands_in_and_only_what_is_asked_for(world: World) -> None:
    round_id, _cases = world.round()
    with pytest.raises(Refused, match="not_yours"):
        hand(world, round_id, "annex_2", f"{CITY}-handler")
    with pytest.raises(Refused, match="not_yours"):
        hand(world, round_id, "annex_9", HANDLER)
    with pytest.raises(Refused, match="not_yours"):
        hand(world, round_id, "annex_2", f"{COUNTY}-leader")
