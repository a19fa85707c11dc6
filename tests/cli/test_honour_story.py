"""推荐 by the commands alone: a city with one seat, from the round's opening to an honour that is revoked."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from models import schema
from models.database import Database
from tests.cli.test_case_story import Story
from tests.shandong import APPLICATION, FULL, HONOUR, POLICY, PROVINCE, RIZHAO, YANTAI, Shandong, scored, settle
from workflow.engine import audit, invariants

CITY = RIZHAO
OPEN = ("honour", "open", POLICY, HONOUR, "--year", "2026", "--title", "2026年度推荐示范机构")


@pytest.fixture(scope="module")
def shandong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """日照 has three institutions and one seat; the last of them is in the register of abnormal operations."""
    file = tmp_path_factory.mktemp("shandong") / "stage.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    world = settle(Shandong(database), CITY, YANTAI)
    world.record(world.institutions(CITY, 3)[-1], "abnormal_list", date(2025, 1, 1))
    database.close()
    return file


@pytest.fixture
def story(shandong: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setenv("XINJIE_DATA", str(tmp_path))
    shutil.copy(shandong, tmp_path / "story.db")
    found = Story(f"sqlite:///{tmp_path / 'story.db'}", POLICY, "", "", (), {})
    found.on(date(2026, 3, 2))
    return found


def pairs(**fields: str) -> list[str]:
    return [part for name, value in fields.items() if value for part in ("--field", f"{name}={value}")]


def evaluated(story: Story, round_id: str, number: int, proof: str, **changes: str) -> str:
    clerk = f"{CITY}-clerk-{number}"
    form = pairs(**APPLICATION, **FULL)
    case = story.answer("honour", "apply", round_id, *form, "--file", proof, "--as", clerk)["number"]
    fit = {"verdict": "fit", "attestation": "规模、管理、社会责任和参加活动情况均符合。"}
    story.act(case, "propose", f"{CITY}-handler", **{**fit, **FULL, **changes})
    story.act(case, "agree", f"{CITY}-head", "section_head")
    assert story.act(case, "agree", f"{CITY}-leader")["state"] == "shortlisted"
    return case


def attached(story: Story, folder: Path, name: str) -> str:
    file = folder / name
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    return story.run("case", "attach", str(file)).strip()


def test_a_recommendation_by_commands_alone(story: Story, tmp_path: Path) -> None:
    assert "没有" in story.run(*OPEN, "--as", f"{CITY}-handler", status=2)
    round_id = str(story.answer(*OPEN, "--as", f"{PROVINCE}-head")["round"])
    assert "2026" in story.run(*OPEN, "--as", f"{PROVINCE}-head", status=1)
    checked = json.loads(story.run("honour", "check", round_id, "--as", f"{CITY}-clerk-3", "--json"))
    assert [one["condition"] for one in checked["checked"] if one["met"] is False]
    assert "不符合（" in story.run("honour", "check", round_id, "--as", f"{CITY}-clerk-3")
    barred = story.run("honour", "apply", round_id, *pairs(**APPLICATION, **FULL), "--as", f"{CITY}-clerk-3", status=1)
    assert "基本条件" in barred

    lower = evaluated(story, round_id, 1, attached(story, tmp_path, "一.png"), **scored("2"))
    higher = evaluated(story, round_id, 2, attached(story, tmp_path, "二.png"))
    ranked = json.loads(story.run("honour", "show", round_id, "--as", f"{CITY}-handler", "--json"))["candidates"]
    assert [(one["number"], one["place"], one["total"]) for one in ranked] == [(higher, 1, "100"), (lower, 2, "98")]
    assert story.act(higher, "select", f"{CITY}-handler")["state"] == "awaiting_publicity"
    full = story.run("case", "act", lower, "select", "--as", f"{CITY}-handler", status=1)
    assert "名额" in full
    story.act(lower, "hold", f"{CITY}-handler")
    below = story.run("honour", "seats", round_id, CITY, "0", "--as", f"{PROVINCE}-head", status=1)
    assert "seats：" in below
    assert "名额 3" in story.run("honour", "show", round_id, "--as", f"{PROVINCE}-head")
    story.run("honour", "seats", round_id, YANTAI, "2", "--as", f"{PROVINCE}-head")

    draft = ("--title", "推荐名单公示", "--opens-on", "2026-03-02", "--as", f"{CITY}-handler")
    notice = story.answer("case", "notice", higher, *draft)["number"]
    story.act(notice, "publish", f"{CITY}-leader")
    story.sweep(date(2026, 3, 9))
    package = ("honour", "package", higher, "--as", f"{CITY}-leader")
    story.run(*package, status=1)
    assert "材料" in story.run("case", "act", notice, "confirm_cleared", "--as", f"{CITY}-leader", status=1)
    mine = ("honour", "summary", round_id, CITY)
    assert "files：" in story.run(*mine, "999999", "--as", f"{CITY}-handler", status=1)
    story.run(*mine, attached(story, tmp_path, "总结.png"), "--as", f"{CITY}-handler")
    assert set(json.loads(story.run(*package, "--json")).values()) == {True}
    story.act(notice, "confirm_cleared", f"{CITY}-leader")
    for post, role in (("handler", ""), ("head", "section_head"), ("leader", "")):
        story.act(higher, "agree", f"{PROVINCE}-{post}", role)
    assert story.state(higher) == "reported"
    outcome = {"outcome": "designated", "number": "人社部函〔2026〕9号", "outcome_on": "2026-03-09"}
    assert story.act(higher, "record_outcome", f"{PROVINCE}-handler", **outcome)["state"] == "designated"

    ground = ("--as", f"{PROVINCE}-handler", "--field", "opinion=有举报。")
    assert "档案" in story.run("case", "act", higher, "propose_revocation", *ground, status=1)
    fact = {"kind": "abnormal_list", "summary": "被列入经营异常名录", "acted_on": "2026-03-09",
            "finding_authority": "示例市场监管部门", "evidence": "列入决定书"}  # fmt: skip
    story.run("case", "record", higher, "--as", f"{CITY}-handler", *pairs(**fact))
    story.act(higher, "propose_revocation", f"{PROVINCE}-handler", opinion="被列入经营异常名录。")
    assert story.act(higher, "revoke", f"{PROVINCE}-leader", opinion="失信事实清楚。")["state"] == "revoked"
    story.sweep(date(2026, 8, 11))
    assert story.state(lower) == "not_selected"
    unbroken(story)


def test_a_nomination_by_commands_is_filled_in_by_the_institution(story: Story, tmp_path: Path) -> None:
    round_id = str(story.answer(*OPEN, "--as", f"{PROVINCE}-head")["round"])
    known = json.loads(story.run("institution", "list", "--json"))
    code = next(one["code"] for one in known if "日照1" in one["name"])
    assert story.run("honour", "nominate", round_id, code, "--as", f"{YANTAI}-handler", status=1)
    case = story.answer("honour", "nominate", round_id, code, "--as", f"{CITY}-handler")["number"]
    assert "日照1" in story.run("honour", "show", round_id, "--as", f"{CITY}-handler")
    written = {name: text for name, text in APPLICATION.items() if text}
    filled = story.act(case, "fill", f"{CITY}-clerk-1", **written, **FULL)
    assert (filled["state"], filled["step"]) == ("city_review", "handler")
    story.act(case, "withdraw", f"{CITY}-clerk-1", opinion="本年度不再参加。")
    assert story.state(case) == "withdrawn"
    unbroken(story)


def unbroken(story: Story) -> None:
    database = Database(story.url)
    with database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
    database.close()
