"""Archive records: public only inside their dates, and repaired only by a repair that was in time."""

from collections.abc import Iterator

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from models import ArchiveRecord, Case, Repair, RepairRecord
from workflow.engine.audit import Breach
from workflow.engine.repairable import ENDED


def records_are_public_inside_their_dates(session: Session) -> Iterator[Breach]:
    """A window begins with the decision at the earliest and has an end where the act was classed."""
    one = ArchiveRecord
    early = and_(one.public_from.is_not(None), one.public_from < one.decided_on)
    endless = and_(one.repair_class.is_not(None), one.public_from.is_not(None), one.public_to.is_(None))
    for id in session.scalars(select(one.id).where(or_(early, endless, one.public_to < one.public_from))):
        yield Breach("record_window", 0, str(id))


def repaired_records_have_their_repair(session: Session) -> Iterator[Breach]:
    """What a granted repair ended is ended, and nothing is ended without one."""
    one = ArchiveRecord
    holds = (Repair.case_id == RepairRecord.case_id, Repair.granted_on.is_not(None), Repair.rescinded_on.is_(None))
    granted = exists().where(RepairRecord.record_id == one.id, *holds)
    whole = exists().where(RepairRecord.record_id == one.id, *holds, Repair.kind == "record")
    wrong = or_(one.remedied_on.is_not(None) != granted, one.repaired_on.is_not(None) != whole)
    yield from (Breach("repaired_without_repair", 0, str(id)) for id in session.scalars(select(one.id).where(wrong)))


def repairs_were_in_time(session: Session) -> Iterator[Breach]:
    """No record was repaired before its earliest day, nor is applied for twice at a time."""
    early = select(Repair.case_id).where(Repair.granted_on < Repair.earliest)
    yield from (Breach("repaired_early", case_id, "") for case_id in session.scalars(early))
    running = select(RepairRecord.record_id).join(Case, Case.id == RepairRecord.case_id)
    running = running.join(Repair, Repair.case_id == Case.id).where(Repair.kind == "record", Case.state.not_in(ENDED))
    for id in session.scalars(running.group_by(RepairRecord.record_id).having(func.count() > 1)):
        yield Breach("repaired_twice", 0, str(id))
