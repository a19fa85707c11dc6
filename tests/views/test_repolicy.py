"""换用规则 over HTTP: what would differ, the act, and whom the page exists for."""

from flask import Flask

from tests.cast import COUNTY, World
from tests.engine.test_repolicy import WHY, longer, variant
from tests.views.test_official import Desk, Hidden


def test_the_leader_sees_what_differs_and_moves_the_case(world: World, app: Flask) -> None:
    case = world.case(next(iter(world.round()[1].values())))
    new, leader = variant(world, longer), Desk(world, app, f"{COUNTY}-leader")
    url = f"/cases/{case.number}/policy"
    assert url in leader.page(f"/cases/{case.number}")
    page = leader.page(f"{url}?to={new}")
    assert "本环节期限" in page and "self_report.count" in page
    boxes = Hidden(page).found | {"to": new}
    silent = leader.send(url, **boxes, opinion="")
    assert silent.status_code == 422
    assert leader.send(url, **boxes, opinion=WHY).status_code == 303
    assert leader.send(url, **boxes, opinion=WHY).status_code == 303
    shown = leader.page(f"/cases/{case.number}")
    assert "换为“修订后的规则”" in shown and "期限由" in shown
    assert "本件已经适用" not in leader.page(url)


def test_the_page_is_the_leaders_of_the_managing_authority(world: World, app: Flask) -> None:
    case = world.case(next(iter(world.round()[1].values())))
    for login in (f"{COUNTY}-handler", "clerk-0"):
        assert Desk(world, app, login).client.get(f"/cases/{case.number}/policy").status_code == 404
