"""Holiday notices by the command line: checked, proposed, released by another, and the deadlines recomputed."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.database import Database
from tests.cast import CITY, COUNTY, World, stage
from tests.stages import Stages
from views.cli import xinjie

STORM = 'document = "许政办〔2026〕9号"\n[[off]]\nname = "极端天气停工"\nday = 2026-03-10\n'
Run = Callable[..., Result]


@pytest.fixture
def world(stages: Stages, tmp_path: Path) -> Iterator[World]:
    shutil.copy(stages.file("cast", stage), tmp_path / "site.db")
    database = Database(f"sqlite:///{tmp_path}/site.db")
    yield World(database)
    database.close()


@pytest.fixture
def call(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("XINJIE_DATA", str(tmp_path))
    where = ("--database-url", f"sqlite:///{tmp_path}/site.db")
    return lambda *words: CliRunner().invoke(xinjie, (*where, "--at", world.at.isoformat(), *words), prog_name="xinjie")


@pytest.fixture
def run(call: Run) -> Run:
    return partial(call, "calendar")


@pytest.fixture
def storm(tmp_path: Path) -> str:
    (tmp_path / "storm.toml").write_text(STORM, encoding="utf-8")
    return str(tmp_path / "storm.toml")


def test_every_fault_of_a_file_is_told_with_its_place(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    lines = "文号,年度,日期,类型,名称\n甲,2027,2026-03-20,补班,x\n甲,2027,2026-13-20,休,x\n乙,2027,2027-01-02,补班,x\n"
    bad.write_bytes(lines.encode("gb18030"))
    told = run("import", str(bad), "--as", f"{CITY}-admin")
    assert told.exit_code == 2
    assert [line.split("：")[0].strip() for line in told.stderr.splitlines()[1:]] == [
        "第 3 行",
        "第 3 行",
        "第 4 行",
        "第 2 行",
    ]
    assert "补班日应为周六或周日" in told.stderr


def test_a_preview_keeps_nothing(run: Run, storm: str) -> None:
    shown = json.loads(run("import", storm, "--as", f"{CITY}-admin", "--dry-run", "--json").stdout)
    assert [row["day"] for row in shown["differences"]] == ["2026-03-10"]
    assert json.loads(run("list", "--json").stdout) == []


@pytest.mark.parametrize("login", [f"{COUNTY}-leader", f"{CITY}-handler"])
def test_the_calendar_is_not_everybodys(run: Run, storm: str, login: str) -> None:
    assert run("import", storm, "--as", login).exit_code == 1


def test_a_notice_is_released_by_a_second_person_and_moves_only_what_it_moves(
    run: Run, storm: str, world: World
) -> None:
    world.round()  # every self-report ends on 16 March: 10 working days after the 2nd
    assert run("import", storm, "--as", f"{CITY}-admin").exit_code == 0
    assert run("import", storm, "--as", f"{CITY}-admin").exit_code == 1
    alone = run("release", "许政办〔2026〕9号", "--as", f"{CITY}-admin")
    assert (alone.exit_code, "另一人" in alone.stderr) == (1, True)
    assert json.loads(run("recompute", "--dry-run", "--json").stdout) == []
    assert "待重算 4 件" in run("release", "许政办〔2026〕9号", "--as", f"{CITY}-leader").stdout
    ours = json.loads(run("recompute", "--apply", "--machine", "evaluation", "--json").stdout)
    assert {(row["old"], row["new"], row["refused"]) for row in ours} == {("2026-03-16", "2026-03-17", "")}
    assert run("recompute", "--apply").stdout.strip() == "没有要变动的时限"
    dues = [world.case(id).due_at for id in range(1, 5)]
    assert {due.date() for due in dues if due} == {date(2026, 3, 17)}


def test_only_one_authority_can_be_asked_for(run: Run) -> None:
    assert run("recompute", "--dry-run", "--authority", "999999").exit_code == 2
    assert run("recompute").exit_code == 2


def test_a_year_is_shown_with_its_notice_and_an_unannounced_one_as_provisional(run: Run) -> None:
    known = json.loads(run("show", "2026", "--json").stdout)
    assert (known["working_days"], known["provisional"]) == (248, False)
    assert "国办发明电〔2025〕7号" in known["documents"]
    assert "安排未公布" in run("show", "2027").stdout


def test_what_the_clock_could_not_decide_is_listed_retried_and_ended_only_when_nothing_waits(
    world: World, call: Run
) -> None:
    """Self-reports that run into 2027, for which there is no notice, are parked when they end."""
    world.clock.to_local(date(2026, 12, 24), 9)
    world.round()
    world.to(date(2027, 1, 13))
    waiting = json.loads(call("case", "list", "--json").stdout)
    assert {one["provisional"] for one in waiting} == {True}
    assert "（暂定）" in call("case", "list").stdout and "（暂定）" in call("case", "show", waiting[0]["number"]).stdout
    found = json.loads(call("incident", "list", "--json").stdout)
    assert {one["kind"] for one in found} == {"year_not_announced"}
    number, who = str(found[0]["id"]), ("--as", f"{CITY}-admin")
    early = call("incident", "close", number, "--resolution", "已知悉", *who)
    assert (early.exit_code, "重试后方可了结" in early.output) == (1, True)
    assert call("incident", "retry", number, "--reason", "再算一次", *who).exit_code == 0
    assert len(json.loads(call("incident", "list", "--json").stdout)) == len(found) - 1
    world.sweep()
    assert len(json.loads(call("incident", "list", "--json").stdout)) == len(found), "still no notice: told again"
    assert "再算一次" in call("incident", "list", "--closed").stdout
