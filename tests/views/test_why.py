"""评级说明 on the page: conditions with their facts, and a supposition that changes nothing."""

from tests.cast import COUNTY, World
from tests.views.test_official import case
from tests.web import client_for
from workflow.archive import record

__all__ = ["case"]


def test_the_page_explains_a_grade_and_answers_what_if_without_changing_anything(world: World, app, case) -> None:
    handler = world.actor(f"{COUNTY}-handler")
    fields = {"kind": "pledge_breach", "summary": "示例：承诺未履行", "acted_on": "2026-02-01",
              "finding_authority": "示例机关", "evidence": "示例证据"}  # fmt: skip
    with world.write() as session:
        fact = record(session, case.institution_id, {"pledge_breach": "未履行信用承诺"}, fields, handler, world.at)
    client = client_for(world, f"{COUNTY}-handler", app=app)
    page = client.get(f"/cases/{case.number}/grade").text
    assert "A 级：不计下列记录：示例：承诺未履行" in page
    assert "重算，结果相同" in page
    assert f'href="/cases/{case.number}/grade"' in client.get(f"/cases/{case.number}").text
    asked = client.get(f"/cases/{case.number}/grade?without={fact}").text
    assert "假设成立时的等级" in asked
    assert "A 级：未发现劳动保障违法违规行为" in asked.partition('role="status"')[2]
    for wrong, said in (
        ("without=x", "选择有误"),
        ("without=999999", "没有编号 999999"),
        ("kind=rumour&day=2026-01-01", "没有 rumour"),
        ("kind=concealment&day=soon", "日期"),
        ("on=0001-01-01", "日期"),
        ("kind=concealment&day=9999-12-31", "日期"),
    ):
        answer = client.get(f"/cases/{case.number}/grade?{wrong}")
        assert (answer.status_code, said in answer.text.partition('role="alert"')[2]) == (200, True), wrong
    assert world.case(case.id).version == case.version
