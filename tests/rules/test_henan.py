"""The register of Henan's authorities holds together."""

import tomllib
from pathlib import Path

from workflow.rules import regions

FILE = Path(__file__).parents[2] / "workflow" / "localities" / "henan.toml"


def test_every_authority_reports_to_a_higher_level_and_has_a_known_region() -> None:
    register = tomllib.loads(FILE.read_text(encoding="utf-8"))
    authorities = {entry["code"]: entry for entry in register["authorities"]}
    rank = {"county": 0, "city": 1, "province": 2}
    for entry in authorities.values():
        assert regions.known(entry["region"])
        if entry["code"] != register["province"]:
            assert rank[authorities[entry["reports_to"]]["level"]] == rank[entry["level"]] + 1


def test_jiyuan_reports_straight_to_the_province() -> None:
    register = tomllib.loads(FILE.read_text(encoding="utf-8"))
    jiyuan = next(entry for entry in register["authorities"] if entry["code"] == "419001")
    assert (jiyuan["level"], jiyuan["reports_to"]) == ("city", "410000")
    assert set(jiyuan["office_titles"]) < {office["kind"] for office in register["offices"]}
