"""信用修复 by the commands alone: each refusal in its words, then from the application to the decision."""

import json
import shutil
from datetime import date
from pathlib import Path

from tests.cast import COUNTY, stage
from tests.cli.test_case_story import Story
from tests.stages import Stages
from workflow.engine import audit, invariants

STATEMENT = "我单位已全部退还所收押金，并在服务场所公示收费标准，情况说明附后。"
APPLICATION = ("--statement", STATEMENT, "--pledge", "--as", "clerk-0")


def test_the_repair_of_a_record_by_commands_alone(stages: Stages, tmp_path: Path) -> None:
    file, photo = tmp_path / "repair.db", tmp_path / "现场.png"
    shutil.copy(stages.file("cast", stage), file)
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 32)
    story = Story(f"sqlite:///{file}", "xuchang-demo", "", "", (), {})
    story.on(date(2026, 4, 9))
    story.run("case", "open-round", "xuchang-demo", "--as", "411000-head")
    case = next(one["number"] for one in json.loads(story.run("case", "list", "--json")) if "甲" in one["name"])
    fields = {
        "kind": "labour_violation",
        "summary": "向求职者收取押金",
        "acted_on": "2026-03-20",
        "decided_on": "2026-04-08",
        "finding_authority": "魏都区人社局",
        "evidence": "处罚决定书一份",
    }
    pairs = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]
    story.run("case", "record", case, "--as", f"{COUNTY}-handler", *pairs)
    assert "尚未认定失信类别" in story.run("case", "repair", "1", *APPLICATION, status=1)
    act = ("--field", "repair_class=general", "--field", "publish=yes", "--field", "evidence=按类别清单认定")
    story.run("case", "publish-record", "1", "--as", f"{COUNTY}-handler", *act)
    row = json.loads(story.run("case", "repairs", "--as", "clerk-0", "--json"))[0]
    assert (row["order"], row["earliest"], row["last"]) == ("order-36", "2026-07-09", "2027-04-08")
    assert row["reason"] == "repair_too_early"
    assert "2026-07-09 起可以申请" in story.run("case", "repair", "1", *APPLICATION, status=1)
    story.on(date(2026, 7, 9))
    assert "pledge：必填" in story.run(
        "case", "repair", "1", *(one for one in APPLICATION if one != "--pledge"), status=1
    )
    repair = story.answer("case", "repair", "1", *APPLICATION)["number"]
    story.act(repair, "accept", f"{COUNTY}-head", "section_head")
    number = story.run("case", "attach", str(photo)).strip()
    found = {"corrected": "yes", "performed": "yes", "outcome": "granted", "answer": "现场核查属实，押金已全部退还。"}
    refused = ("--field", "corrected=no", "--field", "performed=yes", "--field", "outcome=granted")
    told = story.run("case", "act", repair, "verify", "--as", f"{COUNTY}-handler2", *refused, "--field",
                     "answer=现场核查，押金尚未全部退还。", status=1)  # fmt: skip
    assert "失信行为未纠正" in told
    story.act(repair, "verify", f"{COUNTY}-handler2", files=number, **found)
    story.act(repair, "agree", f"{COUNTY}-leader")
    draft = ("--title", "信用修复公示", "--opens-on", "2026-07-09", "--as", f"{COUNTY}-handler")
    notice = story.answer("case", "notice", repair, *draft)["number"]
    story.act(notice, "publish", f"{COUNTY}-leader")
    story.sweep(date(2026, 7, 16))
    story.act(repair, "confirm", f"{COUNTY}-leader2")
    assert story.state(repair) == "granted"
    row = json.loads(story.run("case", "repairs", "--as", "clerk-0", "--json"))[0]
    assert (row["repaired_on"], row["reason"]) == ("2026-07-16", "already_repaired")
    from models.database import Database

    database = Database(story.url)
    with database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
    database.close()
