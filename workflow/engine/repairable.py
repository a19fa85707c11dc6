"""可修复的记录: which archive records an institution may have repaired, from when, and why not yet.

Asked in one place: by the guards of the repair machine, by the institution's desk and by the archive page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from models import ArchiveRecord, Authority, Case, Repair, RepairRecord
from models.core import table_of
from workflow.engine.refusal import Refused
from workflow.policies_in_force import line_of
from workflow.rules.policy import PolicyRules
from workflow.rules.publication import NoOrder, Window, window

ENDED = ("granted", "refused", "not_granted", "rescinded", "withdrawn", "spent")
"""States in which a repair no longer runs: its record may be applied for again, if nothing else stands against it."""

_record, _link, _case, _repair = (table_of(model) for model in (ArchiveRecord, RepairRecord, Case, Repair))


@dataclass(frozen=True)
class Repairable:
    """`window` is None where no class or no order applies; `refused` says why an application is not in time now."""

    record: Row[Any]
    window: Window | None
    refused: Refused | None


def records(session: Session, institution_id: int, ids: Sequence[int] | None = None) -> list[Row[Any]]:
    """Records about the institution that were not voided; those about a person are not the institution's to repair."""
    query = select(_record).where(_record.c.institution_id == institution_id, _record.c.person_id.is_(None))
    query = query.where(_record.c.voided_on.is_(None)).order_by(_record.c.acted_on.desc(), _record.c.id.desc())
    return list(session.execute(query if ids is None else query.where(_record.c.id.in_(ids))))


def of_case(session: Session, case_id: int) -> list[Row[Any]]:
    query = select(_record).join(_link, _link.c.record_id == _record.c.id).where(_link.c.case_id == case_id)
    return list(session.execute(query.order_by(_record.c.id)))


def looked_at(
    session: Session, rules: PolicyRules, found: Sequence[Row[Any]], today: date, beside: int = 0
) -> list[Repairable]:
    """Each record with its dates and, where it cannot be applied for today, the reason."""
    running = _running(session, [record.id for record in found], beside)
    return [_looked_at(rules, record, today, running.get(record.id)) for record in found]


def window_of(rules: PolicyRules, record: Row[Any]) -> Window | None:
    """Raises NoOrder for a decision before the first order."""
    if record.repair_class is None or record.decided_on is None:
        return None
    return window(rules.repair, record.repair_class, record.acted_on, record.acted_to, record.decided_on)


def is_public(record: Row[Any], on: date) -> bool:
    """Inside its dates, both included, and not repaired."""
    if record.public_from is None or record.voided_on is not None:
        return False
    shown = record.public_from <= on and (record.public_to is None or on <= record.public_to)
    return shown and (record.repaired_on is None or on < record.repaired_on)


def ladder(session: Session, managing_authority_id: int, record: Row[Any]) -> list[dict[str, Any]]:
    """谁认定、谁修复: from the managing authority up to the one that made the finding, or that one alone where it does
    not stand above."""
    line = line_of(session, managing_authority_id)
    ids = [authority.id for authority in line]
    finder = record.finding_authority_id
    if finder in ids:
        line = line[: ids.index(finder) + 1]
    elif finder is not None:
        line = [session.get_one(Authority, finder)]
    return [{"level": authority.level, "authority": authority.id} for authority in line]


def _running(session: Session, ids: Sequence[int], beside: int) -> Mapping[int, str]:
    """The number of the repair that is under way for a record."""
    query = select(_link.c.record_id, _case.c.number).join(_case, _case.c.id == _link.c.case_id)
    query = query.where(_link.c.record_id.in_(ids), _case.c.id != beside, _case.c.state.not_in(ENDED))
    return {row.record_id: row.number for row in session.execute(query)}


def _looked_at(rules: PolicyRules, record: Row[Any], today: date, running: str | None) -> Repairable:
    try:
        found = window_of(rules, record)
    except NoOrder as error:
        return Repairable(record, None, Refused("repair_rule_unknown", on=error.on))
    return Repairable(record, found, _refused(rules, record, found, today, running))


def _refused(
    rules: PolicyRules, record: Row[Any], found: Window | None, today: date, running: str | None
) -> Refused | None:
    if record.repaired_on is not None:
        return Refused("already_repaired", on=record.repaired_on)
    if running is not None:
        return Refused("repair_open", number=running)
    if found is None:
        return Refused("record_not_classed")
    rule = rules.clause(found.act.clause).text
    if record.public_from is None or today < record.public_from:
        return Refused("record_never_public", rule=rule)
    if not is_public(record, today):
        return Refused("record_not_public", until=record.public_to, rule=rule)
    if today < found.earliest:
        return Refused("repair_too_early", earliest=found.earliest, rule=rule)
    if record.finding_authority_id is None:
        return Refused("found_elsewhere", who_found=record.finding_authority)
    return None


def open_upgrade(session: Session, institution_id: int, beside: int = 0) -> str:
    """The number of the institution's application for a better grade that is under way."""
    query = select(_case.c.number).join(_repair, _repair.c.case_id == _case.c.id).where(_repair.c.kind == "upgrade")
    mine = query.where(_repair.c.institution_id == institution_id, _case.c.id != beside, _case.c.state.not_in(ENDED))
    return session.scalar(mine.limit(1)) or ""
