"""tables"""
# ruff: noqa: E501, PLR0915 - written by Alembic

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("stored_as", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", BIG_ID, nullable=False),
        sa.Column("sha256", sa.String(length=128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_attachment_stored_as")),
    )
    op.create_table(
        "authority",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("reports_to_id", BIG_ID, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("level IN ('county','city','province')", name=op.f("ck_authority_level")),
        sa.ForeignKeyConstraint(
            ["reports_to_id"], ["authority.id"], name=op.f("fk_authority_reports_to_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("code", name=op.f("uq_authority_code")),
    )
    op.create_index(op.f("ix_authority_reports_to_id"), "authority", ["reports_to_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "policy",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("checksum", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("checksum", name=op.f("uq_policy_checksum")),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=128), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seal",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=128), nullable=False),
        sa.Column("prev_root", sa.String(length=128), nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.UniqueConstraint("day", name=op.f("uq_seal_day")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("count", BIG_ID, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "calendar_release",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("announces_year", BIG_ID, nullable=True),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("proposed_by_id", BIG_ID, nullable=True),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("released_by_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "released_by_id IS NULL OR released_by_id <> proposed_by_id", name=op.f("ck_calendar_release_second_person")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_calendar_release_proposed_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["person.id"], name=op.f("fk_calendar_release_released_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_release")),
        sa.UniqueConstraint("document_number", name=op.f("uq_calendar_release_document_number")),
    )
    op.create_table(
        "document",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("year", BIG_ID, nullable=False),
        sa.Column("serial", BIG_ID, nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signed_by_id", BIG_ID, nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_document_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_document_signed_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("cause", name=op.f("uq_document_cause")),
        sa.UniqueConstraint("number", name=op.f("uq_document_number")),
    )
    op.create_index("uq_document_serial", "document", ["authority_id", "kind", "year", "serial"], unique=True)
    op.create_table(
        "institution",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("pinyin", sa.String(length=400), nullable=False),
        sa.Column("nature", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("managing_authority_id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("licence_number", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("archive_version", BIG_ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["managing_authority_id"],
            ["authority.id"],
            name=op.f("fk_institution_managing_authority_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["institution.id"], name=op.f("fk_institution_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_institution_credit_code")),
    )
    op.create_index(
        op.f("ix_institution_managing_authority_id"), "institution", ["managing_authority_id"], unique=False
    )
    op.create_index(op.f("ix_institution_name"), "institution", ["name"], unique=False)
    op.create_index(op.f("ix_institution_parent_id"), "institution", ["parent_id"], unique=False)
    op.create_table(
        "office",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_office_authority_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    op.create_index(op.f("ix_office_authority_id"), "office", ["authority_id"], unique=False)
    op.create_index("uq_office_authority_id_kind", "office", ["authority_id", "kind"], unique=True)
    op.create_table(
        "policy_reuse",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("policy_key", sa.String(length=64), nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("year", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_policy_reuse_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_policy_reuse_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_reuse")),
    )
    op.create_index("uq_policy_reuse", "policy_reuse", ["policy_key", "authority_id", "year"], unique=True)
    op.create_table(
        "preference",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("how", sa.String(length=64), nullable=False),
        sa.CheckConstraint("how IN ('now','digest','inside')", name=op.f("ck_preference_how")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_preference_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("person_id", "about", name=op.f("pk_preference")),
    )
    op.create_table(
        "round",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("policy_id", BIG_ID, nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("year", BIG_ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reference_date", sa.Date(), nullable=False),
        sa.Column("opened_by_id", BIG_ID, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_round_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["person.id"], name=op.f("fk_round_opened_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_round_policy_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
    op.create_index("uq_round_scheme", "round", ["authority_id", "scheme", "year"], unique=True)
    op.create_table(
        "user",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_user_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("login", name=op.f("uq_user_login")),
    )
    op.create_index(op.f("ix_user_person_id"), "user", ["person_id"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("office_id", BIG_ID, nullable=True),
        sa.Column("institution_id", BIG_ID, nullable=True),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(role = 'clerk') = (institution_id IS NOT NULL)", name=op.f("ck_appointment_clerk_of_institution")
        ),
        sa.CheckConstraint(
            "role IN ('handler','section_head','leader','panel_member','expert','clerk','system_admin','security_admin','audit_admin')",
            name=op.f("ck_appointment_role"),
        ),
        sa.CheckConstraint("(office_id IS NULL) <> (institution_id IS NULL)", name=op.f("ck_appointment_one_place")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_appointment_dates")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_appointment_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_appointment_office_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index(op.f("ix_appointment_institution_id"), "appointment", ["institution_id"], unique=False)
    op.create_index(op.f("ix_appointment_office_id"), "appointment", ["office_id"], unique=False)
    op.create_index(op.f("ix_appointment_person_id"), "appointment", ["person_id"], unique=False)
    op.create_index("uq_appointment_post", "appointment", ["person_id", "office_id", "role", "valid_from"], unique=True)
    op.create_table(
        "archive_record",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("acted_to", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("period_year", BIG_ID, nullable=True),
        sa.Column("severity", sa.String(length=64), nullable=True),
        sa.Column("corrected_in_time", sa.Boolean(), nullable=True),
        sa.Column("judged_by_id", BIG_ID, nullable=True),
        sa.Column("judged_at", INSTANT, nullable=True),
        sa.Column("finding_authority", sa.String(length=200), nullable=False),
        sa.Column("finding_authority_id", BIG_ID, nullable=True),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("public_from", sa.Date(), nullable=True),
        sa.Column("public_to", sa.Date(), nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("recorded_by_id", BIG_ID, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("evidence <> ''", name=op.f("ck_archive_record_evidence")),
        sa.CheckConstraint(
            "severity IS NULL OR severity IN ('minor','serious','major')", name=op.f("ck_archive_record_severity")
        ),
        sa.CheckConstraint(
            "corrected_in_time IS NULL OR judged_by_id IS NOT NULL", name=op.f("ck_archive_record_correction_judge")
        ),
        sa.CheckConstraint("severity IS NULL OR judged_by_id IS NOT NULL", name=op.f("ck_archive_record_judge")),
        sa.ForeignKeyConstraint(
            ["finding_authority_id"],
            ["authority.id"],
            name=op.f("fk_archive_record_finding_authority_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_archive_record_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["person.id"], name=op.f("fk_archive_record_judged_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_archive_record_person_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_archive_record_recorded_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_record")),
    )
    op.create_index("ix_archive_record_institution_id_kind", "archive_record", ["institution_id", "kind"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("release_id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["calendar_release.id"], name=op.f("fk_calendar_day_release_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("release_id", "day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "case",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("policy_id", BIG_ID, nullable=False),
        sa.Column("round_id", BIG_ID, nullable=True),
        sa.Column("institution_id", BIG_ID, nullable=True),
        sa.Column("managing_authority_id", BIG_ID, nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("turn", BIG_ID, nullable=False),
        sa.Column("version", BIG_ID, nullable=False),
        sa.Column("material_hash", sa.String(length=128), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("imported_from", sa.String(length=200), nullable=False),
        sa.CheckConstraint("turn >= 1", name=op.f("ck_case_turn")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_case_version")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_case_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_case_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["managing_authority_id"], ["authority.id"], name=op.f("fk_case_managing_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["case.id"], name=op.f("fk_case_parent_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_case_policy_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_case_round_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index(op.f("ix_case_institution_id"), "case", ["institution_id"], unique=False)
    op.create_index("ix_case_managing_state", "case", ["managing_authority_id", "machine", "state"], unique=False)
    op.create_index(op.f("ix_case_parent_id"), "case", ["parent_id"], unique=False)
    op.create_index(op.f("ix_case_round_id"), "case", ["round_id"], unique=False)
    op.create_table(
        "channel",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=True),
        sa.Column("institution_id", BIG_ID, nullable=True),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "CASE WHEN authority_id IS NULL THEN 0 ELSE 1 END + CASE WHEN institution_id IS NULL THEN 0 ELSE 1 END + CASE WHEN person_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_channel_one_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_channel_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_channel_created_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_channel_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_channel_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
    )
    op.create_index(op.f("ix_channel_authority_id"), "channel", ["authority_id"], unique=False)
    op.create_index(op.f("ix_channel_institution_id"), "channel", ["institution_id"], unique=False)
    op.create_index(op.f("ix_channel_person_id"), "channel", ["person_id"], unique=False)
    op.create_table(
        "institution_management",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_institution_management_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_institution_management_institution_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_management")),
    )
    op.create_index(
        op.f("ix_institution_management_institution_id"), "institution_management", ["institution_id"], unique=False
    )
    op.create_index(
        "uq_institution_management_start", "institution_management", ["institution_id", "valid_from"], unique=True
    )
    op.create_table(
        "institution_name",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_institution_name_institution_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_name")),
    )
    op.create_index(op.f("ix_institution_name_institution_id"), "institution_name", ["institution_id"], unique=False)
    op.create_table(
        "interest",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_interest_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
    )
    op.create_index(op.f("ix_interest_institution_id"), "interest", ["institution_id"], unique=False)
    op.create_index(op.f("ix_interest_person_id"), "interest", ["person_id"], unique=False)
    op.create_table(
        "responsible_person",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("capacity", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_responsible_person_institution_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_responsible_person_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsible_person")),
    )
    op.create_index(
        op.f("ix_responsible_person_institution_id"), "responsible_person", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_responsible_person_person_id"), "responsible_person", ["person_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("turn", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("voice", sa.String(length=64), nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_decision_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_decision_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_person_id"), "decision", ["person_id"], unique=False)
    op.create_index("uq_decision", "decision", ["case_id", "state", "step", "turn", "person_id"], unique=True)
    op.create_table(
        "delivery",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=True),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("how", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(delivered_at IS NULL) = (how IS NULL)", name=op.f("ck_delivery_how")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_delivery_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_delivery_document_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_delivery_institution_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_case_id"), "delivery", ["case_id"], unique=False)
    op.create_index(op.f("ix_delivery_document_id"), "delivery", ["document_id"], unique=False)
    op.create_index(op.f("ix_delivery_institution_id"), "delivery", ["institution_id"], unique=False)
    op.create_index("uq_delivery", "delivery", ["document_id", "case_id"], unique=True)
    op.create_table(
        "evaluation",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("round_id", BIG_ID, nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=False),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("archive_version", BIG_ID, nullable=True),
        sa.Column("proposed_grade", sa.String(length=64), nullable=True),
        sa.Column("grade", sa.String(length=64), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("confirmation_id", BIG_ID, nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("re_review_until", INSTANT, nullable=True),
        sa.CheckConstraint("(grade IS NULL) = (effective_from IS NULL)", name=op.f("ck_evaluation_effective")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_evaluation_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["confirmation_id"], ["document.id"], name=op.f("fk_evaluation_confirmation_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_evaluation_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_evaluation_round_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_evaluation")),
    )
    op.create_index("ix_evaluation_grade", "evaluation", ["institution_id", "effective_from"], unique=False)
    op.create_index("uq_evaluation", "evaluation", ["institution_id", "round_id", "occasion"], unique=True)
    op.create_table(
        "history_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("version", BIG_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("move", sa.String(length=64), nullable=False),
        sa.Column("from_state", sa.String(length=64), nullable=False),
        sa.Column("from_step", sa.String(length=64), nullable=False),
        sa.Column("to_state", sa.String(length=64), nullable=False),
        sa.Column("to_step", sa.String(length=64), nullable=False),
        sa.Column("turn", BIG_ID, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("appointment_id", BIG_ID, nullable=True),
        sa.Column("authority_id", BIG_ID, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("commitment", sa.String(length=128), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("prev_hash", sa.String(length=128), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_history_entry_appointment_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_history_entry_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_history_entry_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_history_entry_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_entry")),
    )
    op.create_index(op.f("ix_history_entry_person_id"), "history_entry", ["person_id"], unique=False)
    op.create_index("uq_history_entry_case_id_seq", "history_entry", ["case_id", "seq"], unique=True)
    op.create_table(
        "login_session",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("appointment_id", BIG_ID, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_login_session_appointment_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_session_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(op.f("ix_login_session_user_id"), "login_session", ["user_id"], unique=False)
    op.create_table(
        "material",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("version", BIG_ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_material_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_material_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
    )
    op.create_index("uq_material", "material", ["case_id", "kind", "version"], unique=True)
    op.create_table(
        "notice",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=False),
        sa.Column("round_id", BIG_ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("opens_at", INSTANT, nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("closes_at", INSTANT, nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("shown_hash", sa.String(length=128), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_notice_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_notice_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_notice_round_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_notice")),
    )
    op.create_table(
        "nudge",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_nudge_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
    )
    op.create_index("uq_nudge", "nudge", ["case_id", "person_id", "day"], unique=True)
    op.create_table(
        "objector",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_objector_case_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_objector")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=True),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=True),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_outbox_message_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_outbox_message_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_outbox_message_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_outbox_message_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    op.create_index("ix_outbox_institution", "outbox_message", ["institution_id", "id"], unique=False)
    op.create_index(op.f("ix_outbox_message_case_id"), "outbox_message", ["case_id"], unique=False)
    op.create_index(
        "ix_outbox_pending",
        "outbox_message",
        ["id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_outbox_person", "outbox_message", ["person_id", "id"], unique=False)
    op.create_index("ix_outbox_role", "outbox_message", ["authority_id", "role", "id"], unique=False)
    op.create_table(
        "remark",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_remark_case_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_remark")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("turn", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("authority_id", BIG_ID, nullable=True),
        sa.Column("office_kind", sa.String(length=64), nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=True),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by_id", BIG_ID, nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(authority_id IS NULL) <> (institution_id IS NULL)", name=op.f("ck_task_owner")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_task_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_task_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_task_closed_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_task_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(
        "ix_task_case_open",
        "task",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_task_closed_by", "task", ["closed_by_id", "closed_at"], unique=False)
    op.create_index(
        "ix_task_institution",
        "task",
        ["institution_id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_task_person",
        "task",
        ["person_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_task_pool",
        "task",
        ["authority_id", "role", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("uq_task_seat", "task", ["case_id", "seq", "purpose", "role", "person_id"], unique=True)
    op.create_table(
        "timer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("move", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("turn", BIG_ID, nullable=False),
        sa.Column("rule_key", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("fire_at", INSTANT, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("calendar_version", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("armed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("late_seconds", BIG_ID, nullable=True),
        sa.Column("attempts", BIG_ID, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('armed','fired','cancelled','parked')", name=op.f("ck_timer_status")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_timer_case_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    op.create_index("ix_timer_case", "timer", ["case_id"], unique=False)
    op.create_index(
        "ix_timer_due",
        "timer",
        ["fire_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'armed'"),
        postgresql_where=sa.text("status = 'armed'"),
    )
    op.create_index("uq_timer_once", "timer", ["case_id", "seq", "kind", "planned_at"], unique=True)
    op.create_table(
        "dispatch",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("channel_id", BIG_ID, nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("attempts", BIG_ID, nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("lane IN ('now','digest')", name=op.f("ck_dispatch_lane")),
        sa.CheckConstraint("status IN ('pending','sent','dead','gone')", name=op.f("ck_dispatch_status")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_dispatch_channel_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_message.id"], name=op.f("fk_dispatch_message_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    op.create_index(
        "ix_dispatch_lane",
        "dispatch",
        ["channel_id", "lane", "message_id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("uq_dispatch", "dispatch", ["message_id", "channel_id"], unique=True)
    op.create_table(
        "incident",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("case_id", BIG_ID, nullable=True),
        sa.Column("timer_id", BIG_ID, nullable=True),
        sa.Column("authority_id", BIG_ID, nullable=True),
        sa.Column("channel_id", BIG_ID, nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by_id", BIG_ID, nullable=True),
        sa.Column("resolution", sa.String(length=500), nullable=False),
        sa.CheckConstraint("closed_at IS NULL OR resolution <> ''", name=op.f("ck_incident_resolution")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_incident_authority_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_incident_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_incident_channel_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_incident_closed_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["timer_id"], ["timer.id"], name=op.f("fk_incident_timer_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_case_id"), "incident", ["case_id"], unique=False)
    op.create_index(
        "uq_incident_open",
        "incident",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "material_file",
        sa.Column("material_id", BIG_ID, nullable=False),
        sa.Column("attachment_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_material_file_attachment_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_file_material_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("material_id", "attachment_id", name=op.f("pk_material_file")),
    )
    op.create_table(
        "publicity_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("notice_id", BIG_ID, nullable=False),
        sa.Column("subject_id", BIG_ID, nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("snapshot_hash", sa.String(length=128), nullable=False),
        sa.Column("closes_at", INSTANT, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('','cleared','upheld','amended','removed')", name=op.f("ck_publicity_entry_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.case_id"], name=op.f("fk_publicity_entry_notice_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["case.id"], name=op.f("fk_publicity_entry_subject_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity_entry")),
    )
    op.create_index(op.f("ix_publicity_entry_notice_id"), "publicity_entry", ["notice_id"], unique=False)
    op.create_index(op.f("ix_publicity_entry_subject_id"), "publicity_entry", ["subject_id"], unique=False)
    op.create_index("uq_publicity_entry", "publicity_entry", ["notice_id", "subject_id"], unique=True)
    op.create_table(
        "objection",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_id", BIG_ID, nullable=False),
        sa.Column("by_institution_id", BIG_ID, nullable=True),
        sa.Column("entry_id", BIG_ID, nullable=True),
        sa.Column("ground", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("receipt_hash", sa.String(length=128), nullable=True),
        sa.Column("proposed_outcome", sa.String(length=64), nullable=True),
        sa.Column("proposed_grade", sa.String(length=64), nullable=True),
        sa.Column("proposed_answer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("answer_id", BIG_ID, nullable=True),
        sa.CheckConstraint("kind IN ('objection','re_review')", name=op.f("ck_objection_kind")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["document.id"], name=op.f("fk_objection_answer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_institution_id"], ["institution.id"], name=op.f("fk_objection_by_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_objection_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["publicity_entry.id"], name=op.f("fk_objection_entry_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["case.id"], name=op.f("fk_objection_subject_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_objection")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_objection_receipt_hash")),
    )
    op.create_index(op.f("ix_objection_by_institution_id"), "objection", ["by_institution_id"], unique=False)
    op.create_index(op.f("ix_objection_entry_id"), "objection", ["entry_id"], unique=False)
    op.create_index(op.f("ix_objection_subject_id"), "objection", ["subject_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_objection_subject_id"), table_name="objection")
    op.drop_index(op.f("ix_objection_entry_id"), table_name="objection")
    op.drop_index(op.f("ix_objection_by_institution_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index("uq_publicity_entry", table_name="publicity_entry")
    op.drop_index(op.f("ix_publicity_entry_subject_id"), table_name="publicity_entry")
    op.drop_index(op.f("ix_publicity_entry_notice_id"), table_name="publicity_entry")
    op.drop_table("publicity_entry")
    op.drop_table("material_file")
    op.drop_index(
        "uq_incident_open",
        table_name="incident",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_incident_case_id"), table_name="incident")
    op.drop_table("incident")
    op.drop_index("uq_dispatch", table_name="dispatch")
    op.drop_index(
        "ix_dispatch_lane",
        table_name="dispatch",
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_table("dispatch")
    op.drop_index("uq_timer_once", table_name="timer")
    op.drop_index(
        "ix_timer_due",
        table_name="timer",
        sqlite_where=sa.text("status = 'armed'"),
        postgresql_where=sa.text("status = 'armed'"),
    )
    op.drop_index("ix_timer_case", table_name="timer")
    op.drop_table("timer")
    op.drop_index("uq_task_seat", table_name="task")
    op.drop_index(
        "ix_task_pool",
        table_name="task",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "ix_task_person",
        table_name="task",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "ix_task_institution",
        table_name="task",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_task_closed_by", table_name="task")
    op.drop_index(
        "ix_task_case_open",
        table_name="task",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("task")
    op.drop_table("remark")
    op.drop_index("ix_outbox_role", table_name="outbox_message")
    op.drop_index("ix_outbox_person", table_name="outbox_message")
    op.drop_index(
        "ix_outbox_pending",
        table_name="outbox_message",
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_index(op.f("ix_outbox_message_case_id"), table_name="outbox_message")
    op.drop_index("ix_outbox_institution", table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_table("objector")
    op.drop_index("uq_nudge", table_name="nudge")
    op.drop_table("nudge")
    op.drop_table("notice")
    op.drop_index("uq_material", table_name="material")
    op.drop_table("material")
    op.drop_index(op.f("ix_login_session_user_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index("uq_history_entry_case_id_seq", table_name="history_entry")
    op.drop_index(op.f("ix_history_entry_person_id"), table_name="history_entry")
    op.drop_table("history_entry")
    op.drop_index("uq_evaluation", table_name="evaluation")
    op.drop_index("ix_evaluation_grade", table_name="evaluation")
    op.drop_table("evaluation")
    op.drop_index("uq_delivery", table_name="delivery")
    op.drop_index(op.f("ix_delivery_institution_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_document_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_case_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("uq_decision", table_name="decision")
    op.drop_index(op.f("ix_decision_person_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_responsible_person_person_id"), table_name="responsible_person")
    op.drop_index(op.f("ix_responsible_person_institution_id"), table_name="responsible_person")
    op.drop_table("responsible_person")
    op.drop_index(op.f("ix_interest_person_id"), table_name="interest")
    op.drop_index(op.f("ix_interest_institution_id"), table_name="interest")
    op.drop_table("interest")
    op.drop_index(op.f("ix_institution_name_institution_id"), table_name="institution_name")
    op.drop_table("institution_name")
    op.drop_index("uq_institution_management_start", table_name="institution_management")
    op.drop_index(op.f("ix_institution_management_institution_id"), table_name="institution_management")
    op.drop_table("institution_management")
    op.drop_index(op.f("ix_channel_person_id"), table_name="channel")
    op.drop_index(op.f("ix_channel_institution_id"), table_name="channel")
    op.drop_index(op.f("ix_channel_authority_id"), table_name="channel")
    op.drop_table("channel")
    op.drop_index(op.f("ix_case_round_id"), table_name="case")
    op.drop_index(op.f("ix_case_parent_id"), table_name="case")
    op.drop_index("ix_case_managing_state", table_name="case")
    op.drop_index(op.f("ix_case_institution_id"), table_name="case")
    op.drop_table("case")
    op.drop_table("calendar_day")
    op.drop_index("ix_archive_record_institution_id_kind", table_name="archive_record")
    op.drop_table("archive_record")
    op.drop_index("uq_appointment_post", table_name="appointment")
    op.drop_index(op.f("ix_appointment_person_id"), table_name="appointment")
    op.drop_index(op.f("ix_appointment_office_id"), table_name="appointment")
    op.drop_index(op.f("ix_appointment_institution_id"), table_name="appointment")
    op.drop_table("appointment")
    op.drop_index(op.f("ix_user_person_id"), table_name="user")
    op.drop_table("user")
    op.drop_index("uq_round_scheme", table_name="round")
    op.drop_table("round")
    op.drop_table("preference")
    op.drop_index("uq_policy_reuse", table_name="policy_reuse")
    op.drop_table("policy_reuse")
    op.drop_index("uq_office_authority_id_kind", table_name="office")
    op.drop_index(op.f("ix_office_authority_id"), table_name="office")
    op.drop_table("office")
    op.drop_index(op.f("ix_institution_parent_id"), table_name="institution")
    op.drop_index(op.f("ix_institution_name"), table_name="institution")
    op.drop_index(op.f("ix_institution_managing_authority_id"), table_name="institution")
    op.drop_table("institution")
    op.drop_index("uq_document_serial", table_name="document")
    op.drop_table("document")
    op.drop_table("calendar_release")
    op.drop_table("throttle")
    op.drop_table("seal")
    op.drop_table("request")
    op.drop_table("policy")
    op.drop_table("person")
    op.drop_index(op.f("ix_authority_reports_to_id"), table_name="authority")
    op.drop_table("authority")
    op.drop_table("attachment")
