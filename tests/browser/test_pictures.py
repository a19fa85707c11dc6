"""The README's three pictures, taken from the demo as it stands: only with `./xinjie test --long`."""

from pathlib import Path

import pytest

from tests.browser.conftest import Site

FOLDER = Path(__file__).parents[2] / "docs/pictures"
WIDTH, HEIGHT = 1200, 760
PICTURES = {"inbox": (1, "/inbox"), "case": (1, ""), "notice": (4, "")}
"""Name: the step of the tour that leads there, and where to go from it."""

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_readme_shows_the_demo(demo_site: Site, name: str) -> None:
    step, path = PICTURES[name]
    page = demo_site.new(WIDTH)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto("/tour")
    page.click(f".xj-tour > li:nth-child({step}) :is(button, a)")
    if path:
        page.goto(path)
    page.wait_for_load_state()
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", scale="css")
    page.context.close()
    assert (FOLDER / f"{name}.png").stat().st_size < 300_000
    assert demo_site.errors == []
