"""The import of 附件 2 tables: what is taken, what is refused, and what a second import does."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Authority, Base, Evaluation, Institution, InstitutionManagement, InstitutionName, Office
from models.database import Database
from workflow import institutions, pinyin, sheets
from workflow.authorities import LocalityConflict, load_locality
from workflow.rules import credit_code

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
HEADER = ["序号", "机构名称", "统一社会\n信用代码", "信用等级", "失信情况", "查处情况", "评价单位", "备注"]
FIRST = credit_code.mint("91411002", "MA000001")
SECOND = credit_code.mint("12411024", "MA000002")


def row(code: str, name: str = "示例甲人力资源有限公司", unit: str = "魏都区人社局") -> list[str]:
    return ["1", name, code, "A", "无", "无", unit, ""]


def table(*lines: list[str]) -> list[sheets.Row]:
    """As 附件 2 stands: a title and a reporting unit above the header, the signatures below."""
    rows = [["附件2 汇总表"], ["填报单位（盖章）："], HEADER, *lines, ["单位负责人：", "", "填表人：", "联系电话："]]
    return [sheets.Row(number, tuple(cells)) for number, cells in enumerate(rows, start=1)]


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database("sqlite://")
    Base.metadata.create_all(opened.engine)
    with opened.write() as session:
        load_locality(session, "henan", AT)
    yield opened
    opened.close()


def imported(
    database: Database, *lines: list[str], at: datetime = AT, partial: bool = False, dry_run: bool = False
) -> institutions.Report:
    with database.write() as session:
        return institutions.import_table(session, table(*lines), at, partial=partial, dry_run=dry_run)


def standing(session: Session, code: str) -> Institution:
    found = institutions.find(session, code)
    assert found
    return found


def count(database: Database, model: type[Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def reasons(report: institutions.Report) -> list[list[str]]:
    return [[finding.reason for finding in line.refusals] for line in report.lines]


def test_a_locality_is_loaded_once_with_its_offices_and_its_reporting_line(database: Database) -> None:
    before = count(database, Authority), count(database, Office)
    with database.write() as session:
        assert load_locality(session, "henan", AT) == []
        jiyuan = session.scalars(select(Authority).where(Authority.code == "419001")).one()
        assert jiyuan.level == "city"
        assert session.get_one(Authority, jiyuan.reports_to_id).code == "410000"
    assert before == (count(database, Authority), count(database, Office))
    with pytest.raises(LocalityConflict), database.write() as session:
        session.scalars(select(Authority).where(Authority.code == "419001")).one().level = "county"
        session.flush()
        load_locality(session, "henan", AT)


def test_shandong_had_seventeen_cities_and_has_sixteen(database: Database) -> None:
    """莱芜 ended on 2018-12-25; 济南 took its place (inventory §7 item 8). Every locality loads beside the others."""
    with database.write() as session:
        for name in ("shandong", "zhoushan", "xiamen"):
            assert load_locality(session, name, AT)
        found = {one.code: one for one in session.scalars(select(Authority))}
        cities = [one for one in found.values() if one.level == "city" and one.code.startswith("37")]
        for day, number in ((date(2017, 8, 10), 17), (date(2018, 12, 25), 17), (date(2018, 12, 26), 16)):
            assert sum(one.valid_to is None or one.valid_to >= day for one in cities) == number
        assert found["371200"].successor_id == found["370100"].id
        above = {code: session.get_one(Authority, found[code].reports_to_id).code for code in ("350203", "330921")}
        assert above == {"350203": "350200", "330921": "330900"}


def test_an_import_registers_name_code_and_manager_but_no_grade(database: Database) -> None:
    spaced = f"{FIRST[:4]} {FIRST[4:10]}\u3000{FIRST[10:].lower()}"
    report = imported(database, row(spaced), row(SECOND, "示例乙 人力资源(鄢陵)服务中心", "鄢陵县人力资源和社会保障局"))
    assert report.counts == {"added": 2, "renamed": 0, "unchanged": 0, "refused": 0}
    assert report.ignored_columns == ["序号"]
    assert report.lines[0].history["信用等级"] == "A"
    with database.read() as session:
        first, second = standing(session, FIRST), standing(session, SECOND)
        assert (first.managing_authority.code, first.nature, first.pinyin[:6]) == ("411002", "enterprise", "sljrlz")
        assert (second.name, second.nature) == ("示例乙人力资源（鄢陵）服务中心", "public_institution")
    assert (count(database, InstitutionManagement), count(database, Evaluation)) == (2, 0)


def test_a_repeated_import_changes_nothing_and_a_new_name_is_dated(database: Database) -> None:
    imported(database, row(FIRST))
    later = AT + timedelta(days=10)
    assert imported(database, row(FIRST), at=later).counts["unchanged"] == 1
    assert imported(database, row(FIRST, "示例丙集团"), at=later).counts["renamed"] == 1
    with database.read() as session:
        found = standing(session, FIRST)
        dated = [(entry.name, entry.valid_from, entry.valid_to) for entry in institutions.names(session, found)]
    assert found.name == "示例丙集团"
    assert dated == [
        ("示例甲人力资源有限公司", date(2026, 3, 2), date(2026, 3, 11)),
        ("示例丙集团", date(2026, 3, 12), None),
    ]


def test_one_refused_line_stops_the_table_unless_it_may_be_imported_in_part(database: Database) -> None:
    lines = [row(FIRST), row("9141XXXXXXXXXXXXXX")]
    report = imported(database, *lines)
    assert (report.written, report.counts["refused"], report.lines[1].line) == (False, 1, 5)
    assert not imported(database, row(FIRST), dry_run=True).written
    assert count(database, Institution) == 0
    assert imported(database, *lines, partial=True).written
    assert (count(database, Institution), count(database, InstitutionName)) == (1, 1)


def test_each_refusal_says_why(database: Database) -> None:
    imported(database, row(SECOND))
    report = imported(
        database,
        row("9141XXXXXXXXXXXXXX"),
        row("9.14110023456789E+17"),
        row(""),
        row(FIRST[:-1]),
        row(FIRST, ""),
        row(FIRST, unit="某某局"),
        row(SECOND, unit="鄢陵县人社局"),
        row(credit_code.mint("91411002", "MA000003"), unit=""),
    )
    assert reasons(report) == [
        ["code_placeholder"],
        ["code_as_number"],
        ["code_missing"],
        ["code_length"],
        ["name_missing"],
        ["authority_unknown", "code_repeated"],
        ["managed_elsewhere"],
        ["authority_missing"],
    ]


def test_a_table_without_the_header_is_refused(database: Database) -> None:
    with pytest.raises(sheets.SheetRefused, match="header_missing"), database.write() as session:
        institutions.import_table(session, [sheets.Row(1, ("机构名称", "评价单位"))], AT)


def xlsx(*lines: list[object]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(content)
    return content.getvalue()


def bomb() -> bytes:
    content = io.BytesIO(xlsx(["x"]))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", bytes(20 * 2**20))
    return content.getvalue()


def other_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("OFD.xml", "<x/>")
    return content.getvalue()


def test_xlsx_and_csv_in_either_encoding_give_the_same_rows() -> None:
    expected = [sheets.Row(1, ("机构", "7")), sheets.Row(3, ("名",))]
    assert sheets.read(io.BytesIO(xlsx(["机构", 7.0], [None, None], [" 名 ", None])), "t.xlsx") == expected
    for encoding in ("utf-8-sig", "utf-8", "gb18030"):
        assert sheets.read(io.BytesIO("机构,7\r\n,\r\n名,\r\n".encode(encoding)), "t.CSV") == expected


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"a,b", "t.exe", "file_type"),
        (b"a,b", "t.xlsx", "file_lies"),
        (xlsx(["x"]), "t.csv", "file_lies"),
        (other_zip(), "t.xlsx", "file_lies"),
        (bomb(), "t.xlsx", "file_unpacks_too_big"),
        (xlsx(["x"])[:-300], "t.xlsx", "file_lies"),
        (b"x" * (sheets.MAX_BYTES + 1), "t.csv", "file_too_big"),
        (b"x\n" * (sheets.MAX_ROWS + 1), "t.csv", "too_many_rows"),
        (b"x," * sheets.MAX_COLUMNS + b"x", "t.csv", "too_many_columns"),
        (b"\xff\xff\xff", "t.csv", "file_encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_lies_or_bursts_is_refused_before_it_is_read(content: bytes, name: str, reason: str) -> None:
    with pytest.raises(sheets.SheetRefused, match=reason):
        sheets.read(io.BytesIO(content), name)


def test_a_place_is_found_by_its_own_reading_and_by_the_common_one() -> None:
    assert pinyin.search_text("单县A1人力(集团)") == "sxarljt shanxiana1renlijituan dxarljt danxiana1renlijituan"
