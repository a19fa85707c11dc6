"""`policy`: what an official reads, checks, compares and tries, and what a faulty file is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from views.cli import xinjie
from views.policy_words import caption
from views.texts import keys
from workflow.rules import policy
from workflow.rules.policy_reading import words_needed

CHILD = '[policy]\nkey = "child"\ntitle = "本地规则"\nextends = "xuchang-2023"\nissued_by = "本地"\n'
CHILD += 'released = 2026-01-01\nstatus = "draft"\n'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(xinjie, ["policy", *arguments], prog_name="xinjie")


def tried(tmp_path: Path, key: str, facts: object) -> Result:
    file = tmp_path / "facts.json"
    file.write_text(facts if isinstance(facts, str) else json.dumps(facts), encoding="utf-8")
    return run("grade", "--policy", key, "--facts", str(file), "--json")


def test_every_value_that_a_policy_may_set_has_a_caption_and_every_word_its_chinese() -> None:
    fields, words = words_needed()
    assert [one for one in sorted(fields) if one[0] not in ("deadlines", "limits") and caption(*one) == one[1]] == []
    families = ("rule.word", "machine", "due", "step", "level", "unit", "rule.start_day", "rule.roll", "date")
    families += ("rule.word.look_back",)
    assert {one for one in words if not any(f"{family}.{one}" in keys() for family in families)} <= {"this"}
    assert "办理事项：诚信评价、公示" in run("show", "xuchang-2023").stdout


def test_a_policy_reads_as_rules_with_their_clauses_and_names_what_it_leaves_open() -> None:
    read = run("show", "xuchang-2023").stdout
    assert "公示期  5 个工作日，首日计入，末日遇休息日不顺延，当日 24:00 止  [LOCAL-publicity]  本地设定" in read
    assert "有效期  1 年，自次日起算，末日遇休息日不顺延，当日 24:00 止  [XC-14]\n" in read
    draft = run("show", "zhoushan-2019").stdout
    assert "草案，尚不生效" in draft
    assert "计分：标准分值（22 项）" in draft.partition("未设定")[2]
    assert "scoring.points_by" in json.loads(run("show", "zhoushan-2019", "--json").stdout)["not_set"]


def test_what_differs_between_two_policies_is_told_by_place() -> None:
    done = run("diff", "xuchang-2023", "xuchang-demo", "--json")
    found = {one["place"]: (one["before"], one["after"]) for one in json.loads(done.stdout)}
    assert done.exit_code == 1
    assert found["evaluation.ladder_to"] == ("managing", "province")
    assert found["deadlines.self_report.count"] == (None, 10)
    assert not [place for place in found if place.startswith("conditions")]
    assert run("diff", "xuchang-2023", "xuchang-2023").exit_code == 0
    assert run("diff", "xuchang-2023", "atlantis").exit_code == 2


def test_all_policies_pass_the_check_and_a_faulty_file_is_told_line_place_and_rule(tmp_path: Path) -> None:
    assert run("check").exit_code == 0
    file = tmp_path / "child.toml"
    file.write_text(CHILD + "[panel]\nquorum = 8\n", encoding="utf-8")
    done = run("check", str(file))
    assert (done.exit_code, done.stdout) == (1, "child.toml:9 panel.quorum：通过人数多于成员人数\n")
    assert json.loads(run("check", str(file), "--json").stdout)[0]["line"] == 9
    assert run("check", str(tmp_path / "none.toml")).exit_code == 2


def test_facts_give_a_grade_and_every_condition_met_with_its_clause(tmp_path: Path) -> None:
    """XC-C1: two decisions within twelve months; each is also a minor violation corrected in time (XC-B2)."""
    judged = {"kind": "labour_violation", "severity": "minor", "corrected_in_time": True}
    records = [judged | {"acted_on": "2026-01-05", "decided_on": day} for day in ("2026-02-01", "2026-06-30")]
    found = json.loads(tried(tmp_path, "xuchang-2023", {"on": "2026-06-30", "records": records}).stdout)
    assert found["grade"] == "C"
    assert [(one["condition"], one["clause"], one["records"]) for one in found["met"]] == [
        ("XC-B2", "XC-12-B", [1, 2]),
        ("XC-C1", "XC-12-C", [1, 2]),
    ]


def test_scores_give_a_total_under_a_policy_that_scores(tmp_path: Path) -> None:
    """Annex 4 in full is 100 points; half a point less in one line is 99.5."""
    scores = {one.id: str(one.points) for one in policy.load("shandong-2017").scoring.indicators}
    given: dict[str, Any] = {"on": "2017-07-01", "scores": {"official": scores | {"22": "4.5"}, "self": scores}}
    found = json.loads(tried(tmp_path, "shandong-2017", given).stdout)
    assert (found["score"]["total"], found["score"]["sources"]["self"]) == ("99.5", "100.0")


@pytest.mark.parametrize(
    ("key", "facts", "said"),
    [
        ("xuchang-2023", '{"on": "2026-06-30",\n "records": [}\n', ":2：不是 JSON"),
        ("xuchang-2023", {"on": "2026-06-30", "records": [{"kind": "rumour", "acted_on": "2026-01-01"}]}, "没有这类"),
        ("xuchang-2023", {"on": "2026-06-30", "records": [{"kind": "concealment"}]}, "records.0.acted_on"),
        ("xuchang-2023", {"on": "0001-01-01"}, " on：日期写法"),
        (
            "xuchang-2023",
            {"on": "2026-06-30", "records": [{"kind": "concealment", "acted_on": "9999-12-31"}]},
            "acted_on：日",
        ),
        ("shandong-2017", {"on": "2017-07-01", "scores": {"gods": {}}}, "scores.gods：规则没有这个评价来源"),
        ("zhoushan-2019", {"on": "2019-06-10", "scores": {"self": {"01": "2"}}}, "规则未设定分值"),
    ],
)
def test_unusable_facts_are_told_where_and_why(tmp_path: Path, key: str, facts: object, said: str) -> None:
    done = tried(tmp_path, key, facts)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
