"""The pages of docs/machines say what the machines and policies say today."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from views.drawing import Arrow, Box, svg
from views.machine_page import pages
from workflow.machines import MACHINES
from workflow.rules.policy import available, load

FOLDER = Path(__file__).parent.parent / "docs/machines"
MADE = pages(MACHINES, [load(key) for key in available()])


@pytest.mark.parametrize("name", MADE)
def test_a_page_is_what_its_machine_says(name: str) -> None:
    path = FOLDER / name
    assert path.exists() and path.read_text(encoding="utf-8") == MADE[name], "run: ./xinjie machine pages"


def test_no_page_is_left_of_a_machine_that_is_gone() -> None:
    assert {path.name for path in FOLDER.iterdir()} == MADE.keys()


def test_arrows_that_meet_have_lanes_of_their_own_and_backward_ones_stay_on_the_left() -> None:
    boxes = [Box(key, key) for key in "abcd"]
    arrows = [Arrow("a", "b"), Arrow("a", "c"), Arrow("b", "d"), Arrow("d", "a"), Arrow("b", "b")]
    paths = ElementTree.fromstring(svg("t", boxes, arrows)).iter("{http://www.w3.org/2000/svg}path")
    drawn = [path.attrib["d"] for path in paths if "H" in path.attrib["d"]]
    lanes = [int(path.split("H")[1].split("V")[0]) for path in drawn]
    starts = [int(path[1:].split(" ")[0]) for path in drawn]
    assert len(drawn) == 4
    assert [lane > start for lane, start in zip(lanes, starts, strict=True)] == [False, True, True, True]
    assert len(set(lanes[1:])) > 1
