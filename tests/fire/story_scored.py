"""The story of a scored evaluation (舟山): with a report and without, the experts, and the end of their phase."""

from collections.abc import Generator
from functools import partial
from typing import Any

from tests.cast import World
from tests.fire.acts import Story, Verb, appointed, lapse, move
from tests.fire.crowd import REPORT, new_key
from tests.zhoushan import CITY, COUNTY, POLICY, evaluation, sheet
from workflow.engine.act import Outcome
from workflow.engine.permissions import Actor
from workflow.openings import open_case, open_round


def scored(world: World) -> Story:
    reported = evaluation(world)
    silent = yield from _of_another_year(world, reported)
    yield move(world, reported, "report", "clerk-haichao", statement=REPORT, **sheet())
    yield lapse(world, silent)
    appointed(world, COUNTY, "expert", f"{COUNTY}-expert4")
    yield move(world, reported, "invite", f"{COUNTY}-handler")
    yield move(world, reported, "score", f"{COUNTY}-expert1", **sheet())
    world.do(reported, "score", f"{COUNTY}-expert2", **sheet())
    yield move(world, reported, "close_scoring", f"{COUNTY}-handler")
    yield from _left_unrated(world, reported)


def _left_unrated(world: World, case_id: int) -> Story:
    why = {"unrated": "no_data", "opinion": "本年度没有开展业务。"}
    yield move(world, case_id, "leave_unrated", f"{COUNTY}-handler", **why)
    yield move(world, case_id, "agree", f"{COUNTY}-leader")
    for login in (f"{CITY}-handler", f"{CITY}-leader"):
        world.do(case_id, "agree", login)
    yield move(world, case_id, "acknowledge", "clerk-haichao")


def _of_another_year(world: World, like: int) -> Generator[Verb, Any, int]:
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        round_id = open_round(session, POLICY, 2025, "2025年度评估", head, world.at)
    return (yield partial(_open, world, round_id, world.case(like).institution_id or 0, head)).case_id


def _open(world: World, round_id: int, institution: int, head: Actor) -> Outcome:
    with world.write() as session:
        return open_case(session, round_id, institution, head, new_key(), world.at)
