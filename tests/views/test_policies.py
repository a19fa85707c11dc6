"""评价规则 on the page: what an official reads of a locality's rules."""

import pytest
from sqlalchemy import select

from models import Authority, Institution
from tests import zhoushan
from tests.cast import CITY, COUNTY, World
from tests.web import client_for
from workflow.engine.refusal import Refused
from workflow.openings import open_round
from workflow.policies_in_force import covers
from workflow.rules import policy


def test_a_rule_shows_its_words_its_clause_and_that_it_is_local(world: World, app) -> None:
    page = client_for(world, f"{COUNTY}-handler", app=app).get("/policies/xuchang-2023").text
    row = page[page.index("<td>公示期</td>") :]
    assert row.index("首日计入") < row.index("本地设定") < row.index("上级文件未规定公示期的长短") < row.index("</tr>")


def test_a_draft_says_that_it_is_in_no_force_and_what_it_does_not_set(world: World, app) -> None:
    client = client_for(world, f"{COUNTY}-handler", app=app)
    page = client.get("/policies/zhoushan-2019").text
    assert "尚未发布，不得据以办理事项" in page
    assert "标准分值（22 项）" in page
    assert "草案，尚不生效" in client.get("/policies").text
    assert client.get("/policies/atlantis").status_code == 404


def test_no_round_is_opened_under_a_draft(world: World) -> None:
    with pytest.raises(Refused, match="policy_not_released"), world.write() as session:
        open_round(session, "zhoushan-2019", 2026, "示例批次", world.actor(f"{CITY}-head", "section_head"), world.at)


def test_zhoushan_s_rules_are_for_institutions_that_trade(world: World) -> None:
    """ZS-03: 经营性人力资源服务机构 only: of two in 定海 that differ in nothing else."""
    zhoushan.settle(world)
    with world.database.read() as session:
        home = session.scalars(select(Authority.id).where(Authority.code == zhoushan.COUNTY)).one()
        both = {
            nature: Institution(nature=nature, kind="hr_service", managing_authority_id=home)
            for nature in ("enterprise", "public_institution")
        }
        for key, year in (("zhoushan-2019", 2019), ("zhoushan-demo", 2026)):
            rules = policy.load(key)
            assert [nature for nature, one in both.items() if covers(session, rules, one, year)] == ["enterprise"]
