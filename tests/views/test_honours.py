"""推荐 over HTTP: the round's pages, the application at the desk, and who may read what is filed."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from models import Case, Quota
from tests.cast import World
from tests.files import PDF
from tests.shandong import APPLICATION, FULL, PROVINCE, RIZHAO, YANTAI, Shandong, settle
from tests.web import app_for, client_for, post

PROFILE = (
    "取得人力资源服务许可证的时间", "经营场所的位置、面积", "主要办公设施", "从业人员的数量、学历构成及职业资格情况",
    "管理制度和服务规程", "分支机构设立和运营情况",
)  # fmt: skip
"""What annex 5 asks of the profile (SD-42), and of the deeds (SD-43)."""
DEEDS = (
    "开展诚信服务活动、信用管理、用工情况、客户权益、纠纷处理", "服务数量、服务质量、收益", "最近三年服务业绩",
    "公益活动、行业活动、社会评价",
)  # fmt: skip


@pytest.fixture
def shandong(world: World) -> Shandong:
    return settle(world, RIZHAO, YANTAI)


@pytest.fixture
def site(shandong: Shandong, tmp_path: Path) -> Flask:
    return app_for(shandong, data=tmp_path / "data")


def test_the_province_opens_a_round_and_every_city_reads_its_own_seats(shandong: Shandong, site: Flask) -> None:
    head = client_for(shandong, f"{PROVINCE}-head", "section_head", site)
    assert "还没有推荐批次" in head.get("/honours").text
    form = {"honour": "shandong-demo.national_model", "year": "2026", "title": "推荐示范机构"}
    wrong = post(head, "/honours", **form | {"year": "二〇二六"})
    assert (wrong.status_code, "year" in wrong.text) == (422, True)
    opened = post(head, "/honours", **form)
    assert opened.status_code == 303
    again = post(head, "/honours", **form)
    assert (again.status_code, "2026" in again.text) == (422, True)
    page = head.get(opened.location).text
    assert "共 26 名" in page and "日照" in page
    assert "调整" not in client_for(shandong, f"{RIZHAO}-handler", app=site).get(opened.location).text
    assert client_for(shandong, f"{RIZHAO}-handler", app=site).get("/honours/999").status_code == 404


def test_an_application_is_refused_field_by_field_and_then_received_and_withdrawn(
    shandong: Shandong, site: Flask
) -> None:
    one = shandong.institutions(RIZHAO, 1)[0]
    round_id = shandong.open()
    clerk = client_for(shandong, f"{RIZHAO}-clerk-1", app=site)
    form = clerk.get(f"/desk/honours/{round_id}").text
    assert "近三年" in form
    assert [words for words in (*PROFILE, *DEEDS) if words not in form] == []
    wrong = post(clerk, f"/desk/honours/{round_id}", **APPLICATION, **FULL | {"score-01": "3.5", "score-02": "1.25"})
    assert wrong.status_code == 422
    assert APPLICATION["deeds"] in wrong.text  # what was written comes back
    received = post(clerk, f"/desk/honours/{round_id}", **APPLICATION, **FULL)
    assert received.status_code == 303
    evaluator = client_for(shandong, f"{RIZHAO}-handler", app=site).get(f"/cases/{_case(shandong, one).number}").text
    for title in ("法定代表人（负责人）", "业务范围", "联系人", "联系电话", "机构情况简要介绍", "主要事迹"):
        assert f"{title}：" in evaluator  # 附件5 (SD-39)
    assert clerk.get(f"/desk/honours/{round_id}").status_code == 404  # nobody applies twice
    assert "撤回申报" in clerk.get(received.location).text
    version = _case(shandong, one).version
    silent = post(clerk, f"{received.location}/withdraw", seen_version=str(version))
    assert silent.status_code == 422
    left = post(clerk, f"{received.location}/withdraw", seen_version=str(version), opinion="本年度不再参加推荐。")
    assert (left.status_code, _case(shandong, one).state) == (303, "withdrawn")
    assert f"{received.location}/withdraw" not in clerk.get(received.location).text
    assert post(clerk, f"{received.location}/withdraw", seen_version="9", opinion="再撤一次。").status_code == 409


def test_whom_the_archive_bars_reads_why_and_stays_out(shandong: Shandong, site: Flask) -> None:
    one = shandong.institutions(RIZHAO, 1)[0]
    shandong.record(one, "abnormal_list", shandong.today)
    round_id = shandong.open()
    clerk = client_for(shandong, f"{RIZHAO}-clerk-1", app=site)
    assert "不符合（" in clerk.get(f"/desk/honours/{round_id}").text
    barred = post(clerk, f"/desk/honours/{round_id}", **APPLICATION, **FULL)
    assert (barred.status_code, "基本条件" in barred.text) == (409, True)
    assert shandong.count(Case, Case.machine == "recommendation") == 0


def test_the_seats_of_a_round_are_changed_by_who_opened_it_alone(shandong: Shandong, site: Flask) -> None:
    round_id = shandong.open()
    quota = str(shandong.quota(round_id, RIZHAO).id)
    other = client_for(shandong, f"{YANTAI}-head", "section_head", site)
    assert post(other, f"/honours/{round_id}/seats", quota=quota, seats="1").status_code == 404


def test_the_work_summary_is_read_by_the_city_and_above_and_by_nobody_beside(shandong: Shandong, site: Flask) -> None:
    round_id = shandong.open()
    city = client_for(shandong, f"{RIZHAO}-handler", app=site)
    bare = post(city, f"/honours/{round_id}/summary")
    assert bare.status_code == 422
    filed = post(city, f"/honours/{round_id}/summary", files=(io.BytesIO(PDF), "工作总结.pdf"))
    assert filed.status_code == 303
    with shandong.database.read() as session:
        file = session.scalar(select(Quota.summary_id).where(Quota.round_id == round_id, Quota.summary_id.is_not(None)))
    link, page = f"/files/{file}", f"/honours/{round_id}"
    shandong.institutions(RIZHAO, 1)
    case = f"/cases/{shandong.case(shandong.candidate(round_id, RIZHAO, 1)).number}"
    for login, role, status in (
        (f"{RIZHAO}-leader", "", 200),
        (f"{PROVINCE}-handler", "", 200),
        (f"{YANTAI}-handler", "", 404),
        (f"{RIZHAO}-clerk-1", "", 404),
    ):
        client = client_for(shandong, login, role, site)
        assert _status(client, link) == status, login
        for shown in (page, case):
            assert (f'href="{link}"' in client.get(shown).text) == (status == 200), (login, shown)


def test_the_list_goes_up_in_the_form_of_annex_3(shandong: Shandong, site: Flask) -> None:
    shandong.institutions(RIZHAO, 1, nature="public_institution")
    round_id = shandong.open()
    case = shandong.candidate(round_id, RIZHAO, 1)
    city, link = client_for(shandong, f"{RIZHAO}-handler", app=site), f"/honours/{round_id}/list.xlsx"
    assert link not in city.get(f"/honours/{round_id}").text
    shandong.do(case, "select", f"{RIZHAO}-handler")
    assert link in city.get(f"/honours/{round_id}").text
    title, head, columns, first, _note = _sheet(client_for(shandong, f"{PROVINCE}-handler", app=site), link)
    assert (title[0], head[0]) == ("全国人力资源诚信服务示范机构推荐名单", "日照市人力资源和社会保障局（盖章）")
    assert columns == ("推荐顺序", "机构名称", "机构性质", "公司地址", "联系人及联系电话")
    assert first == ("1", "日照1人力资源有限公司", "事业单位", "示例路1号", "示例乙 0000-0000000")
    beside = _sheet(client_for(shandong, f"{YANTAI}-handler", app=site), link)
    assert (len(beside), beside[1][0]) == (4, "烟台市人力资源和社会保障局（盖章）")


def _sheet(client: FlaskClient, path: str) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(client.get(path).data)).worksheets[0].iter_rows(values_only=True))


def _status(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        answer.get_data()
        return answer.status_code


def _case(world: World, institution: int) -> Case:
    with world.database.read() as session:
        return session.scalars(select(Case).where(Case.institution_id == institution)).one()
