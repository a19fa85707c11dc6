"""Bad input is refused with the field, the rule and the line: `bad_input.toml` holds what is entered and answered."""

import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.test import TestResponse

from models import Case, HistoryEntry, Quota, ScoreSheet
from models.database import Database
from tests import shandong, zhoushan
from tests.cast import World
from tests.engine.test_repair import published, recorded
from tests.shandong import APPLICATION, FULL, PROVINCE, YANTAI
from tests.views.test_official import Desk
from tests.web import app_for, client_for, post
from views.cli import xinjie
from workflow.rules import policy

CASES = tomllib.loads(Path(__file__).with_name("bad_input.toml").read_text(encoding="utf-8"))
STATEMENT = "所列情形已经改正，退款凭证和现场照片备查，今后依法诚信经营。"
Row = dict[str, Any]
Door = Callable[[dict[str, str]], TestResponse]


def each(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", CASES[kind], ids=lambda row: row["what"])


def said(page: str, box: str) -> str:
    """What the page says below a box."""
    found = re.search(rf'id="{box}-e"[^>]*>(.*?)</p>', page, re.S)
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def written(world: World) -> list[Any]:
    """A refusal leaves all of this as it was: so one world serves every row."""
    with world.database.read() as session:
        seats = session.query(Quota.id, Quota.seats).order_by(Quota.id).all()
    return [seats, *(world.count(one) for one in (Case, HistoryEntry, ScoreSheet))]


@pytest.fixture(scope="module")
def world(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(staged, tmp_path_factory)


@pytest.fixture(scope="module")
def months_on(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Its clock goes where a row says, so nobody else stays signed in."""
    yield from a_world(staged, tmp_path_factory)


def a_world(staged: Path, folders: pytest.TempPathFactory) -> Iterator[World]:
    file = folders.mktemp("bad") / "world.db"
    shutil.copy(staged, file)
    database = Database(f"sqlite:///{file}")
    yield World(database)
    database.close()


@pytest.fixture(scope="module")
def app(world: World) -> Flask:
    return app_for(world)


@pytest.fixture(scope="module")
def months_on_app(months_on: World) -> Flask:
    return app_for(months_on)


@pytest.fixture(scope="module")
def records(months_on: World) -> dict[str, int]:
    """Decided on 2026-04-08; entered, classed and made public the day after."""
    months_on.clock.to_local(date(2026, 4, 9), 9)
    made = {row["what"]: recorded(months_on) for row in CASES["repair"]}
    for row in (row for row in CASES["repair"] if row["class"]):
        published(months_on, made[row["what"]], row["class"], publish=row["publish"])
    return made


@pytest.fixture(scope="module")
def list_of_yantai(world: World) -> tuple[shandong.Shandong, int]:
    """One institution has not applied, one stands before the city's handler, one is on the list of three."""
    stage = shandong.settle(world, YANTAI)
    stage.institutions(YANTAI, 3)
    round_id = stage.open()
    stage.do(stage.candidate(round_id, YANTAI, 3), "select", f"{YANTAI}-handler")
    stage.apply(round_id, f"{YANTAI}-clerk-2")
    return stage, round_id


@pytest.fixture(scope="module")
def asked_expert(world: World) -> str:
    """The number of an evaluation that waits for its experts."""
    case_id = zhoushan.evaluation(world)
    world.do(case_id, "report", "clerk-haichao", statement=STATEMENT, files=[], **zhoushan.sheet())
    return world.case(case_id).number


@pytest.fixture(scope="module")
def doors(list_of_yantai: tuple[shandong.Shandong, int], asked_expert: str, app: Flask) -> dict[str, Door]:
    """Who fills in a sheet, and on which page."""
    stage, round_id = list_of_yantai
    clerk = client_for(stage, f"{YANTAI}-clerk-1", app=app)
    handler, expert = (Desk(stage, app, login) for login in (f"{YANTAI}-handler", f"{zhoushan.COUNTY}-expert1"))
    with stage.database.read() as session:
        waiting = session.query(Case.number).filter_by(machine="recommendation", state="city_review", step="handler")
        number = waiting.one()[0]
    judged = {"verdict": "fit", "attestation": "规模、管理、社会责任和参加活动情况均符合。", "opinion": "属实。"}
    return {
        "self": lambda scores: post(clerk, f"/desk/honours/{round_id}", **APPLICATION, **FULL | scores),
        "official": lambda scores: handler.act(number, "propose", **judged, **FULL | scores),
        "expert": lambda scores: expert.act(asked_expert, "score", **zhoushan.sheet() | scores),
    }


@each("score")
def test_a_score_outside_its_rule(world: World, doors: dict[str, Door], row: Row) -> None:
    before, prefix = written(world), {"official": "propose-", "expert": "score-"}.get(row["door"], "")
    answer = doors[row["door"]]({f"score-{number}": entered for number, entered in row["entered"].items()})
    assert (answer.status_code, said(answer.text, prefix + row["field"])) == (422, row["answer"])
    assert written(world) == before


@each("trial")
def test_a_score_outside_its_rule_in_a_file_of_facts(tmp_path: Path, row: Row) -> None:
    file, scheme = tmp_path / "facts.json", policy.load("shandong-2017").scoring
    sheet = {one.id: str(one.points) for one in scheme.indicators} | row["entered"]
    file.write_text(json.dumps({"on": "2017-07-01", "scores": {"official": sheet}}), encoding="utf-8")
    done = run("grade", "--policy", "shandong-2017", "--facts", str(file))
    assert (done.exit_code, done.stderr) == (2, f"错误：{file} {row['field']}：{row['answer']}\n")


@each("quota")
def test_a_quota_outside_its_rule(
    world: World, list_of_yantai: tuple[shandong.Shandong, int], app: Flask, row: Row
) -> None:
    stage, round_id = list_of_yantai
    before, quota = written(world), stage.quota(round_id, YANTAI).id
    head = client_for(stage, f"{PROVINCE}-head", "section_head", app)
    answer = post(head, f"/honours/{round_id}/seats", quota=str(quota), seats=row["entered"])
    assert (answer.status_code, said(answer.text, f"{row['field']}-{quota}")) == (422, row["answer"])
    assert f'value="{row["entered"]}"' in answer.text
    assert written(world) == before


@each("repair")
def test_a_repair_out_of_time(months_on: World, months_on_app: Flask, records: dict[str, int], row: Row) -> None:
    months_on.clock.to_local(row["on"], 9)
    before, clerk = written(months_on), client_for(months_on, "clerk-0", app=months_on_app)
    sent = {"record": str(records[row["what"]]), "statement": STATEMENT, "pledge": "given"}
    answer = post(clerk, "/desk/repairs/apply", **sent)
    assert (answer.status_code, said(answer.text, row["field"])) == (422, row["answer"])
    assert written(months_on) == before


@each("policy")
def test_a_faulty_policy_file(tmp_path: Path, row: Row) -> None:
    text = changed(row)
    file = tmp_path / f"{row['file']}.toml"
    file.write_text(text, encoding="utf-8")
    done = run("check", str(file))
    told = re.fullmatch(r"(.+):(\d+) (.+)：(.+)\n", done.stdout)
    assert told and done.exit_code == 1, done.stdout
    name, line, field, answer = told.groups()
    assert (name, field, answer) == (file.name, row["field"], row["answer"])
    assert text.splitlines()[int(line) - 1].strip() == row["line"]


@each("checksum")
def test_a_released_policy_that_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    for file in policy.FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / f"{row['file']}.toml").write_text(changed(row), encoding="utf-8")
    monkeypatch.setattr(policy.verify_lock, "__defaults__", (tmp_path,))
    done = run("check")
    assert (done.exit_code, done.stdout) == (1, f"{row['file']}.toml: ：{row['answer']}\n")


def changed(row: Row) -> str:
    before = (policy.FOLDER / f"{row['file']}.toml").read_text(encoding="utf-8")
    assert before.count(row["was"]) == 1
    return before.replace(row["was"], row["now"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(xinjie, ["policy", *arguments], prog_name="xinjie")
