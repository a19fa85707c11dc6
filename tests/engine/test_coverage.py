"""诚信档案全覆盖: who has an entry, who was checked within the year, and who has neither."""

from datetime import date

from models import Institution
from tests.cast import CITY, COUNTY, SIBLING, World
from workflow import archive
from workflow.engine.queries.archive import institutions
from workflow.engine.queries.coverage import Coverage, coverage

HANDLER = f"{COUNTY}-handler"
FACT = {
    "kind": "labour_violation", "summary": "检查发现两份劳动合同未及时订立", "acted_on": "2026-01-10",
    "finding_authority": "魏都区人社局", "evidence": "现场检查记录",
}  # fmt: skip


def seen(world: World, login: str) -> tuple[Coverage, list[str]]:
    with world.database.read() as session:
        found = coverage(session, world.actor(login), world.at)
        listed, _total = institutions(session, world.actor(login), "", 1, world.at, found.bare)
    assert len(listed) == found.bare
    return found, [one.name for one in listed]


def test_an_entry_or_a_check_of_the_last_year_covers_an_institution(world: World) -> None:
    _round, cases = world.round()
    whole = seen(world, HANDLER)[0].whole
    assert seen(world, HANDLER)[0] == Coverage(whole, recorded=0, checked=0, bare=whole)
    first, second = list(cases.values())[:2]
    with world.write() as session:
        one = world.case(first).institution_id or 0
        archive.record(session, one, {"labour_violation": ""}, FACT, world.actor(HANDLER), world.at)
    world.do(second, "report", "clerk-1", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    for _twice in range(2):
        world.do(second, "record_check", HANDLER, means="information", checked_on="2026-03-02", checked="无处罚记录。")
    found, bare = seen(world, HANDLER)
    assert found == Coverage(whole, recorded=1, checked=1, bare=whole - 2)
    names = {world.case(case).institution_id for case in (first, second)}
    with world.database.read() as session:
        assert not {session.get_one(Institution, id or 0).name for id in names} & set(bare)
    world.to(date(2027, 3, 3))
    assert seen(world, HANDLER)[0] == Coverage(whole, recorded=1, checked=0, bare=whole - 1)


def test_the_figures_are_of_ones_own_line_and_leave_out_who_has_closed(world: World) -> None:
    county, sibling, city = (seen(world, f"{code}-handler")[0].whole for code in (COUNTY, SIBLING, CITY))
    assert county + sibling <= city
    with world.write() as session:
        one = session.query(Institution).filter_by(
            managing_authority_id=world.actor(HANDLER).authority_id
        ).order_by(Institution.id).first()  # fmt: skip
        assert one
        one.closed_on = date(2026, 2, 1)
    assert seen(world, HANDLER)[0].whole == county - 1
    assert seen(world, f"{SIBLING}-handler")[0].whole == sibling
