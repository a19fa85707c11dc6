"""The pictures of README and guides, taken from the demo as it stands: only with `./xinjie test --long`."""

from pathlib import Path

import pytest

from tests.browser.conftest import Site
from tests.browser.pages import enter, names

FOLDER = Path(__file__).parents[2] / "docs/pictures"
WIDTH, HEIGHT = 1200, 760
PICTURES = {
    "inbox": ("411000-handler", "/inbox"),
    "case": ("411002-handler", "/cases/{in_county}"),
    "notice": ("", "/notices/{notice}"),
    "proof": ("411000-head2", "/cases/{objection}/proof"),
    "round": ("411000-head", "/rounds/{round}"),
    "persons": ("411000-admin", "/admin"),
    "calendar": ("411000-admin", "/calendar"),
    "incidents": ("411000-admin", "/admin/incidents"),
    "desk": ("clerk-xinxu", "/desk"),
    "result": ("clerk-yongchang", "/desk/cases/{own}/result"),
}
"""Name: who looks, at what."""

pytestmark = pytest.mark.long


def test_the_pictures_of_readme_and_guides_show_the_demo(demo_site: Site) -> None:
    known = names(demo_site.world.database)
    FOLDER.mkdir(exist_ok=True)
    for name, (login, path) in PICTURES.items():
        page = enter(demo_site, login, WIDTH)
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        page.goto(path.format(**known))
        page.wait_for_load_state()
        page.screenshot(path=FOLDER / f"{name}.png", scale="css")
        page.context.close()
        assert (FOLDER / f"{name}.png").stat().st_size < 300_000
    assert {file.stem for file in FOLDER.glob("*.png")} == PICTURES.keys()
    assert demo_site.errors == []
