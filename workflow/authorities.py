"""The register of authorities: a locality's file into the tables."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Office
from workflow.clock import legal_day

LOCALITIES = Path(__file__).with_name("localities")


class LocalityConflict(ValueError):
    """The file says otherwise than the tables. A change of a standing authority is dated work for a person."""


def load_locality(session: Session, name: str, at: datetime) -> list[Authority]:
    """Insert what the file has and the tables lack, and end what it says has ended (with its successor); loading it
    again changes nothing. Returns what was added.

    Authorities that are not yet in force on the legal day of `at` are left for a later load.
    """
    register = tomllib.loads((LOCALITIES / f"{name}.toml").read_text(encoding="utf-8"))
    entries = [entry for entry in register["authorities"] if entry["valid_from"] <= legal_day(at)]
    known = {authority.code: authority for authority in session.scalars(select(Authority))}
    added = [_authority(entry) for entry in entries if entry["code"] not in known]
    session.add_all(added)
    known |= {authority.code: authority for authority in added}
    session.flush()
    for entry in entries:
        authority = known[entry["code"]]
        superior = known[entry["reports_to"]].id if entry["reports_to"] else None
        if authority in added:
            authority.reports_to_id = superior
        elif (authority.level, authority.region_code, authority.reports_to_id) != (
            entry["level"],
            entry["region"],
            superior,
        ):
            raise LocalityConflict(f"{entry['code']} differs from {name}.toml")
        if "valid_to" in entry:
            authority.valid_to, authority.successor_id = entry["valid_to"], known[entry["successor"]].id
        _add_offices(session, authority, entry, register["offices"])
    session.flush()
    return added


def _authority(entry: dict[str, Any]) -> Authority:
    return Authority(
        code=entry["code"],
        name=entry["name"],
        short_name=entry["short_name"],
        level=entry["level"],
        region_code=entry["region"],
        valid_from=entry["valid_from"],
    )


def _add_offices(session: Session, authority: Authority, entry: dict[str, Any], kinds: list[dict[str, Any]]) -> None:
    known = set(session.scalars(select(Office.kind).where(Office.authority_id == authority.id)))
    local_titles = entry.get("office_titles", {})
    for kind in kinds:
        if kind["kind"] not in known:
            title = local_titles.get(kind["kind"], kind[f"title_{authority.level}"])
            session.add(
                Office(authority_id=authority.id, kind=kind["kind"], name=title, valid_from=authority.valid_from)
            )
