"""Policies are data that an official can read: complete, cited, frozen once released."""

import hashlib
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from workflow.machines import MACHINES
from workflow.rules import policy
from workflow.rules.conditions import Count
from workflow.rules.deadline import DeadlineRule
from workflow.rules.fixed_date import FixedDate
from workflow.rules.policy_reading import not_set
from workflow.rules.policy_tables import NEEDS, PERIODS

XUCHANG = policy.load("xuchang-2023")
DEMO = policy.load("xuchang-demo")
CHILD = """
[policy]
key = "child"
title = "本地规则"
extends = "xuchang-2023"
issued_by = "本地"
released = 2026-01-01
status = "draft"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = Path(shutil.copytree(policy.FOLDER, tmp_path / "policies"))
    monkeypatch.setattr(policy, "FOLDER", copy)
    return copy


def test_released_files_are_what_the_lock_says() -> None:
    assert policy.verify_lock() == []


def test_the_lock_notices_a_changed_a_missing_and_an_unlocked_file(folder: Path) -> None:
    (folder / "xuchang-2023.toml").write_text(CHILD, encoding="utf-8")
    (folder / "new.toml").write_text(CHILD.replace("draft", "released"), encoding="utf-8")
    (folder / "draft.toml").write_text(CHILD, encoding="utf-8")
    (folder / "xuchang-demo.toml").unlink()
    assert policy.verify_lock(folder) == [
        ("xuchang-demo.toml", "missing"),
        ("new.toml", "unlocked"),
        ("xuchang-2023.toml", "changed"),
    ]


def test_every_file_of_the_folder_loads() -> None:
    assert {"xuchang-2023", "xuchang-demo", "shandong-2017", "zhoushan-2019"} <= set(policy.available())
    assert [policy.load(key).key for key in policy.available()] == policy.available()


@pytest.mark.parametrize("rules", [XUCHANG, DEMO], ids=lambda rules: rules.key)
def test_the_body_alone_rebuilds_a_policy(rules: policy.PolicyRules) -> None:
    again = policy.from_body(rules.body)
    assert again == rules
    assert again.content == rules.content
    assert again.checksum == hashlib.sha256(rules.body.encode()).hexdigest()


def test_a_change_of_the_parent_changes_the_checksum_of_the_child(folder: Path) -> None:
    before = policy.load_text(CHILD).checksum
    parent = folder / "xuchang-2023.toml"
    parent.write_text(parent.read_text(encoding="utf-8").replace("before = [2]", "before = [3]"), encoding="utf-8")
    after = policy.load_text(CHILD)
    assert after.reminders.before == (3,)
    assert after.checksum != before


def test_xuchang_gives_the_validity_and_the_day_of_the_papers_and_no_other_period() -> None:
    local = {key: period.local for key, period in XUCHANG.content.deadlines.items()}
    assert [key for key, of_locality in local.items() if not of_locality] == ["hand_in", "submission", "validity"]
    assert XUCHANG.deadline("validity") == DeadlineRule(1, "year", "next", "none", "24:00", "XC-14")
    assert XUCHANG.clause("XC-14").text == "有效期为1年"


def test_publicity_counts_its_first_day_and_does_not_roll() -> None:
    rule = XUCHANG.period("publicity")
    assert (rule.count, rule.unit, rule.start_day, rule.roll, rule.local) == (5, "working", "counted", "none", True)
    assert XUCHANG.clause(rule.clause).text.startswith("上级文件未规定")


def test_what_a_policy_does_not_set_is_a_gap_and_never_a_guess() -> None:
    with pytest.raises(policy.PolicyGap) as gap:
        XUCHANG.deadline("self_report")
    assert (gap.value.policy, gap.value.key) == ("xuchang-2023", "self_report")
    for ask in (XUCHANG.deadline, XUCHANG.steps, XUCHANG.clause, XUCHANG.condition):
        with pytest.raises(policy.PolicyGap):
            ask("nothing")


def test_what_is_left_out_on_purpose_is_not_called_open() -> None:
    """没有数据 is a person's word, points follow from the weights, order 36 has no shortest time for a minor act."""
    open_ = {key: set(not_set(policy.load(key))) for key in policy.available()}
    assert open_["zhoushan-demo"] == {"limits", "panel", "repair", "regrade"}
    assert open_["xuchang-demo"] == {"limits", "scoring", "evaluation.branches"}
    assert {"scoring.points_by", "scoring.sections.1.indicators.01.points"} <= open_["zhoushan-2019"]
    assert "scoring.experts" in open_["shandong-2017"] and "deadlines.expert_scoring" not in open_["shandong-2017"]


def test_the_managing_authority_grades_in_the_text_and_three_levels_do_in_the_demo() -> None:
    assert (XUCHANG.evaluation.ladder_to, XUCHANG.evaluation.filing) == ("managing", ("city",))
    assert (XUCHANG.steps("county"), XUCHANG.steps("city")) == (("handler", "panel"), ("handler", "panel"))
    assert (DEMO.evaluation.ladder_to, DEMO.evaluation.publicity_by) == ("province", "round")
    assert DEMO.steps("county") == ("handler", "section_head", "panel")
    assert DEMO.steps("province") == ("handler", "leader")
    assert {"XC-38", "DEMO-ladder"} <= set(DEMO.evaluation.clauses)
    assert DEMO.re_review.by == "above"
    assert DEMO.content.deadlines.keys() <= set(PERIODS)


def test_a_child_keeps_what_it_does_not_replace() -> None:
    assert DEMO.conditions == XUCHANG.conditions
    assert DEMO.panel == XUCHANG.panel
    assert DEMO.evaluation.grades == ("A", "B", "C", "D")
    assert DEMO.content.policy.released == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("rules", "codes", "kind", "year", "covered"),
    [
        (XUCHANG, ["411002", "411000", "410000"], "hr_service", 2023, True),
        (XUCHANG, ["411000", "410000"], "hr_service", 2023, True),
        (XUCHANG, ["411000"], "hr_service", 2024, False),
        (XUCHANG, ["411000"], "training_school", 2023, False),
        (XUCHANG, ["419001", "410000"], "hr_service", 2023, False),
        (DEMO, ["411002", "411000"], "hr_service", 2026, True),
        (DEMO, ["411002", "411000"], "hr_service", 2023, False),
    ],
)
def test_a_policy_covers_its_authorities_kinds_and_years(
    rules: policy.PolicyRules, codes: list[str], kind: str, year: int, covered: bool
) -> None:
    assert rules.covers(codes, kind, year) is covered


def test_a_condition_is_replaced_by_its_id_and_a_deadline_by_its_key() -> None:
    rules = policy.load_text(
        CHILD
        + """
        [clauses.LOCAL-short]
        text = "上级文件未规定公示期的长短，本地规则设定：7日。"
        local = true
        [deadlines.publicity]
        count = 7
        unit = "calendar"
        start_day = "counted"
        roll = "none"
        closes = "17:30"
        clause = "LOCAL-short"
        local = true
        [[conditions]]
        id = "XC-C1"
        grade = "C"
        title = "一年内被查处三次以上"
        text = "一年内被查处三次以上"
        place = "一"
        clause = "LOCAL-short"
        when = { count = ["labour_violation"], op = ">=", value = 3, within = "1 year", by = "decided_on" }
        """
    )
    assert [entry.id for entry in rules.conditions] == [entry.id for entry in XUCHANG.conditions]
    when = rules.condition("XC-C1").when
    assert isinstance(when, Count)
    assert (when.value, when.within) == (3, 12)
    assert rules.deadline("publicity").closes == "17:30"
    assert rules.deadline("confirm") == XUCHANG.deadline("confirm")


CONDITION = '[[conditions]]\nid = "X"\ngrade = "B"\ntitle = "条件"\ntext = "条件"\nplace = "一"\nclause = "XC-12"\n'
PERIOD = '[deadlines.{}]\ncount = {}\nunit = "working"\nstart_day = "next"\nroll = "next"\ncloses = "24:00"\n'

DATE = '[deadlines.{}]\nmonth = {}\nday = {}\nroll = "none"\ncloses = "24:00"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[panels]\n", ("panels", "unknown_key")),
        ("[panel]\nvotes = 3\n", ("panel.votes", "unknown_key")),
        ("[panel]\nquorum = 8\n", ("panel.quorum", "more_than_members")),
        ('[panel]\nquorum = "4"\n', ("panel.quorum", "wrong_type")),
        ('[panel]\nclause = ""\n', ("panel.clause", "empty")),
        ('[panel]\nclause = "XC-99"\n', ("panel.clause", "clause_unknown")),
        ('[clauses.X]\ntext = "条"\nsource = "no"\nplace = "一"\n', ("clauses.X.source", "source_unknown")),
        ('[reminders]\noffice_hour = "9"\n', ("reminders.office_hour", "wrong_form")),
        ('[signing]\ncity = ["clerk"]\n', ("signing.city.0", "not_allowed")),
        ("[signing]\ncity = []\n", ("signing.city", "empty")),
        ('[evaluation]\nladder_to = "province"\n', ("signing.province", "empty")),
        ('[evaluation]\ngrades = ["A", "B", "C", "D", "E"]\n', ("evaluation.grades.E", "grade_without_condition")),
        ('[evaluation]\nrequires_all = ["S"]\n', ("evaluation.requires_all", "grade_unknown")),
        (PERIOD.format("lunch", 5) + 'clause = "LOCAL-review"\nlocal = true\n', ("deadlines.lunch", "unknown_key")),
        (
            PERIOD.format("confirm", 0) + 'clause = "XC-13"\nlocal = false\n',
            ("deadlines.confirm.count", "not_positive"),
        ),
        (
            DATE.format("filing", 2, 30) + 'clause = "LOCAL-filing"\nlocal = true\n',
            ("deadlines.filing.day", "date_impossible"),
        ),
        (
            DATE.format("filing", 13, 1) + 'clause = "LOCAL-filing"\nlocal = true\n',
            ("deadlines.filing.month", "not_allowed"),
        ),
        (
            DATE.format("publicity", 8, 10) + 'clause = "LOCAL-publicity"\nlocal = true\n',
            ("deadlines.publicity.month", "must_be_counted"),
        ),
        (
            DATE.format("city_review", 8, 10) + 'clause = "LOCAL-review"\nlocal = true\n',
            ("deadlines.city_review.month", "date_stands_fast"),
        ),
        (
            PERIOD.format("city_review", 1).replace("working", "month") + 'clause = "LOCAL-review"\nlocal = true\n',
            ("deadlines.city_review.unit", "only_days_pause"),
        ),
        (
            PERIOD.format("confirm", 5).replace("working", "weeks") + 'clause = "LOCAL-confirmation"\nlocal = true\n',
            ("deadlines.confirm.unit", "not_allowed"),
        ),
        (CONDITION + "when = { exists = [] }", ("conditions.X.when.exists", "empty")),
        (CONDITION + "when = { exists = ['concealment'], loud = true }", ("conditions.X.when.loud", "unknown_key")),
        (
            CONDITION + "when = { exists = ['concealment'], within = '1 year' }",
            ("conditions.X.when", "window_incomplete"),
        ),
        (
            CONDITION + "when = { exists = ['concealment'], within = '1 week', by = 'acted_on' }",
            ("conditions.X.when.within", "period_unknown"),
        ),
        (CONDITION + "when = { none_of_grades = ['E'] }", ("conditions.X.when", "grade_unknown")),
        (
            CONDITION.replace('"B"', '"E"') + "when = { exists = ['concealment'] }",
            ("conditions.X.grade", "grade_unknown"),
        ),
    ],
)
def test_a_faulty_file_is_refused_with_place_and_reason(text: str, fault: tuple[str, str]) -> None:
    with pytest.raises(policy.PolicyError) as refused:
        policy.load_text(CHILD + text, "child.toml")
    assert refused.value.faults == [fault]
    assert re.fullmatch(rf"child\.toml(:\d+)? {re.escape(fault[0])}: {fault[1]}", str(refused.value))


def test_a_fault_names_the_line_that_an_official_must_look_at() -> None:
    """The key itself; a condition by its id; what is missing, by the table that lacks it."""
    text = (
        CHILD
        + """
[panel]
quorum = 8

[[conditions]]
id = "X"
grade = "E"
title = "条件"
text = "条件"
place = "一"
when = { exists = ["concealment"] }
"""
    )
    faulty = (text, text.replace("quorum = 8", "quorum = 4"))
    lines = []
    for one in faulty:
        with pytest.raises(policy.PolicyError) as refused:
            policy.load_text(one, "child.toml")
        lines.append(dict(zip(refused.value.faults, refused.value.lines, strict=True)))
    assert lines[0] == {("conditions.X.clause", "missing"): 13}
    again = text.replace('place = "一"', 'place = "一"\nclause = "XC-12"')
    with pytest.raises(policy.PolicyError) as refused:
        policy.load_text(again, "child.toml")
    assert str(refused.value) == (
        "child.toml:11 panel.quorum: more_than_members; child.toml:15 conditions.X.grade: grade_unknown"
    )


def test_a_policy_may_run_only_some_machines_and_need_set_nothing_else() -> None:
    heading = CHILD.replace('extends = "xuchang-2023"\n', "")
    scope = '[scope]\nauthorities = ["1"]\nkinds = ["hr_service"]\nyears = [2026]\nclauses = ["X"]\nmachines = [{}]\n'
    bare = heading + "[sources]\n[clauses.X]\ntext = '本地规则设定'\nlocal = true\n"
    rules = policy.load_text(bare + scope.format(""))
    assert (rules.machines, rules.conditions) == ((), ())
    with pytest.raises(policy.PolicyGap, match="evaluation"):
        _ = rules.evaluation
    for machines, faults in (
        ('"publicity"', [("reminders", "section_missing")]),
        ('"siesta"', [("scope.machines.0", "not_allowed")]),
    ):
        with pytest.raises(policy.PolicyError) as refused:
            policy.load_text(bare + scope.format(machines))
        assert refused.value.faults == faults


def test_the_machines_that_a_policy_may_name_are_the_house_s() -> None:
    assert NEEDS.keys() == MACHINES.keys()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("conditions = 3\n", ("conditions", "wrong_type")),
        ("conditions = [3]\n", ("conditions.0", "wrong_type")),
        ("scope = 3\n", ("scope", "wrong_type")),
    ],
)
def test_a_table_of_the_wrong_kind_is_refused_like_any_fault(text: str, fault: tuple[str, str]) -> None:
    with pytest.raises(policy.PolicyError) as refused:
        policy.load_text(text + CHILD)
    assert refused.value.faults == [fault]


def test_a_period_may_be_a_date_that_the_text_names() -> None:
    filing = DATE.format("filing", 7, 31) + 'clause = "XC-30"\nlocal = false\n'
    rule = policy.load_text(CHILD + filing).deadline("filing")
    assert rule == FixedDate(7, 31, "this", True, "none", "24:00", "XC-30")


def test_two_conditions_of_one_file_cannot_share_an_id() -> None:
    text = (policy.FOLDER / "xuchang-2023.toml").read_text(encoding="utf-8").replace('id = "XC-B4"', 'id = "XC-B1"')
    with pytest.raises(policy.PolicyError) as refused:
        policy.load_text(text)
    assert refused.value.faults == [("conditions.XC-B1", "id_twice")]


def test_broken_toml_an_unknown_parent_and_a_circle_are_refused(folder: Path) -> None:
    with pytest.raises(policy.PolicyError, match="not_toml"):
        policy.load_text("[policy")
    with pytest.raises(policy.PolicyError, match="no_such_policy"):
        policy.load_text(CHILD.replace("xuchang-2023", "nowhere"))
    (folder / "circle.toml").write_text(CHILD.replace("xuchang-2023", "circle"), encoding="utf-8")
    with pytest.raises(policy.PolicyError, match="circular"):
        policy.load_text((folder / "circle.toml").read_text(encoding="utf-8"))


def test_a_file_must_be_named_after_its_key(folder: Path) -> None:
    (folder / "other-name.toml").write_text(CHILD, encoding="utf-8")
    with pytest.raises(policy.PolicyError, match="not_the_file_name"):
        policy.load("other-name")
