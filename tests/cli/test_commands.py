"""The command line as its user meets it: what it prints, and the status it leaves."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.database import Database
from views.cli import xinjie
from workflow.authorities import load_locality
from workflow.reasons import TEXTS
from workflow.rules import credit_code

GOOD = credit_code.mint("91411002", "MA000001")
UNKNOWN_REGION = credit_code.mint("91419900", "MA000001")
DUE = ("calendar", "due", "--unit", "working", "--start", "counted")


@pytest.fixture(autouse=True)
def no_site_but_the_one_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XINJIE_DATA", str(tmp_path / "site"))
    monkeypatch.delenv("XINJIE_DATABASE_URL", raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(xinjie, arguments, prog_name="xinjie")


def test_help_loads_no_rule_no_setting_and_no_database() -> None:
    probe = (
        "import sys; from views.cli import xinjie; xinjie(['--help'], standalone_mode=False);"
        "sys.exit(len({'sqlalchemy', 'pydantic', 'workflow', 'flask', 'alembic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "统一社会信用代码" in done.stdout.decode()


def test_a_good_code_passes_a_doubtful_one_warns_and_a_wrong_one_is_refused() -> None:
    assert run("code", "check", GOOD).exit_code == 0
    doubtful = run("code", "check", UNKNOWN_REGION, "--json")
    assert doubtful.exit_code == 0
    assert [warning["key"] for warning in json.loads(doubtful.stdout)["warnings"]] == ["code_region_unknown"]
    wrong = run("code", "check", GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"))
    assert (wrong.exit_code, TEXTS["code_check_digit"] in wrong.stderr) == (1, True)


def test_a_deadline_is_proved_day_by_day_over_the_national_day() -> None:
    done = run(*DUE, "--from", "2026-09-29", "--count", "3", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["due"], found["provisional"]) == (0, "2026-10-08", False)
    assert found["days"][2] == {"date": "2026-10-01", "counted": False, "why": "holiday"}


def test_a_year_nobody_announced_is_only_estimated_on_request() -> None:
    refused = run(*DUE, "--from", "2098-12-30", "--count", "3")
    assert (refused.exit_code, refused.stdout) == (2, "")
    estimated = run(*DUE, "--from", "2098-12-30", "--count", "3", "--provisional", "--json")
    assert (estimated.exit_code, json.loads(estimated.stdout)["provisional"]) == (0, True)


def test_a_named_date_is_told_in_words_and_an_impossible_one_by_its_option() -> None:
    named = ("calendar", "due", "--from", "2026-09-10")
    told = run(*named, "--month", "next", "--day", "5", "--roll", "next")
    assert told.stdout.splitlines()[1] == "2026-10-08 周四 24:00 止"
    assert "次月 5 日前（含当日）" in told.stdout and "顺延至下一工作日" in told.stdout
    assert json.loads(run(*named, "--month", "5", "--day", "1", "--before", "--json").stdout)["due"] == "2026-04-30"
    wrong = run(*named, "--month", "2", "--day", "30")
    assert (wrong.exit_code, "--day" in wrong.stderr) == (2, True)
    both = run(*DUE, "--from", "2026-09-10", "--count", "3", "--month", "2", "--day", "3")
    assert (both.exit_code, "二者选一" in both.stderr) == (2, True)


def test_wrong_use_is_status_2_and_one_line() -> None:
    for arguments in (
        (*DUE, "--from", "someday", "--count", "3"),
        ("institution", "list"),
        ("--database-url", "mysql://x", "db", "check"),
        ("nothing",),
    ):
        done = run(*arguments)
        assert done.exit_code == 2, arguments
        assert "Traceback" not in done.output


def test_a_site_is_set_up_filled_and_read(tmp_path: Path) -> None:
    assert run("db", "upgrade").exit_code == 0
    assert "已是版本" in run("db", "upgrade").stdout
    assert run("db", "check").exit_code == 0
    database = Database(f"sqlite:///{tmp_path / 'site' / 'xinjie.db'}")
    with database.write() as session:
        load_locality(session, "henan", datetime(2026, 3, 2, tzinfo=UTC))
    database.close()

    file = tmp_path / "table.csv"
    good = f"示例甲公司,{GOOD},A,魏都区人社局\n"
    file.write_text(f"机构名称,统一社会信用代码,信用等级,评价单位\n{good}示例乙公司,9141XXXX,A,魏都区人社局\n")
    refused = run("institution", "import", str(file))
    assert (refused.exit_code, "第 3 行" in refused.stdout) == (1, True)
    assert json.loads(run("institution", "list", "--json").stdout) == []

    file.write_text(f"机构名称,统一社会信用代码,信用等级,评价单位\n{good}")
    assert "新增 1" in run("institution", "import", str(file), "--dry-run").stdout
    assert run("institution", "import", str(file)).exit_code == 0
    assert "无变化 1" in run("institution", "import", str(file)).stdout
    shown = json.loads(run("institution", "show", GOOD, "--json").stdout)
    assert (shown["name"], shown["authority_code"]) == ("示例甲公司", "411002")
    assert run("institution", "show", UNKNOWN_REGION).exit_code == 1
    file.write_bytes(b"PK\x03\x04")
    assert run("institution", "import", str(file)).exit_code == 2
