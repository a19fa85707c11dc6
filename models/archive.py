"""诚信档案: the dated, sourced facts that grading reads."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, to


class ArchiveRecord(Base):
    """One fact about an institution, or about a person responsible in it.

    `kind` is the class of fact a policy's conditions name (for example `labour_violation`, `annual_report_missing`).
    `severity` and `corrected_in_time` are a person's judgement (严重、重大、及时改正 are defined nowhere): they carry
    `judged_by_id` and evidence, and stay empty until somebody judges. `period_year` is the year an omission concerns.
    `public_from` / `public_to` is the window in which the record may be shown. Evidence is mandatory (XC-11).

    `repair_class` is the class of the act for credit repair, in the order that held on the day of the decision; it is a
    person's too. `remedied_on`: corrected and its effects removed, as verified: from that day no grade rests on it.
    `repaired_on`: repaired, so that from that day it is neither used nor shown. `basis_id`: the record that an entry in
    a list was made for. `measure` is what the finding authority ordered or imposed, as annex 2 asks for it (XC-34).
    """

    __tablename__ = "archive_record"
    id: Mapped[Key]
    institution_id: Mapped[int] = mapped_column(to("institution.id"))
    person_id: Mapped[int | None] = mapped_column(to("person.id"))
    kind: Mapped[Code]
    summary: Mapped[str] = mapped_column(String(500))
    acted_on: Mapped[date]
    acted_to: Mapped[date | None]
    decided_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    period_year: Mapped[int | None]
    severity: Mapped[Code | None]
    corrected_in_time: Mapped[bool | None]
    judged_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    judged_at: Mapped[datetime | None]
    finding_authority: Mapped[str] = mapped_column(String(200))
    finding_authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    document_number: Mapped[str] = mapped_column(String(100), default="")
    measure: Mapped[str] = mapped_column(String(100), default="")
    evidence: Mapped[str] = mapped_column(Text)
    public_from: Mapped[date | None]
    public_to: Mapped[date | None]
    repair_class: Mapped[Code | None]
    classed_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    remedied_on: Mapped[date | None]
    repaired_on: Mapped[date | None]
    basis_id: Mapped[int | None] = mapped_column(to("archive_record.id"), index=True)
    voided_on: Mapped[date | None]
    recorded_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_archive_record_institution_id_kind", "institution_id", "kind"),
        CheckConstraint("severity IS NULL OR severity IN ('minor','serious','major')", "severity"),
        CheckConstraint("severity IS NULL OR judged_by_id IS NOT NULL", "judge"),
        CheckConstraint("corrected_in_time IS NULL OR judged_by_id IS NOT NULL", "correction_judge"),
        CheckConstraint("evidence <> ''", "evidence"),
        CheckConstraint("repair_class IS NULL OR classed_by_id IS NOT NULL", "class_judge"),
        CheckConstraint("repaired_on IS NULL OR remedied_on IS NOT NULL", "repaired"),
    )
