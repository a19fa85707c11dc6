"""评价规则 on the page: what an official reads of a locality's rules."""

from tests.cast import COUNTY, World
from tests.web import client_for


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
