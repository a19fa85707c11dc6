"""credit repair, and the change of a standing grade"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0008"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
FIRST = sa.text("supersedes_id IS NULL")
RECORD = ("repair_class", "classed_by_id", "remedied_on", "repaired_on", "basis_id")


def upgrade() -> None:
    with op.batch_alter_table("archive_record") as table:
        table.add_column(sa.Column("repair_class", sa.String(64), nullable=True))
        table.add_column(sa.Column("classed_by_id", BIG_ID, nullable=True))
        table.add_column(sa.Column("remedied_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("repaired_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("basis_id", BIG_ID, nullable=True))
        _refers(table, "archive_record", "classed_by_id", "person.id")
        _refers(table, "archive_record", "basis_id", "archive_record.id")
        _check(table, "archive_record", "class_judge", "repair_class IS NULL OR classed_by_id IS NOT NULL")
        _check(table, "archive_record", "repaired", "repaired_on IS NULL OR remedied_on IS NOT NULL")
    op.create_index("ix_archive_record_basis_id", "archive_record", ["basis_id"])
    op.drop_index("uq_evaluation", table_name="evaluation")
    with op.batch_alter_table("evaluation") as table:
        table.add_column(sa.Column("supersedes_id", BIG_ID, nullable=True))
        table.add_column(sa.Column("reference_date", sa.Date(), nullable=True))
        _refers(table, "evaluation", "supersedes_id", "case.id")
        _check(table, "evaluation", "again", "(supersedes_id IS NULL) = (reference_date IS NULL)")
    key = ["institution_id", "round_id"]
    op.create_index("uq_evaluation", "evaluation", key, unique=True, sqlite_where=FIRST, postgresql_where=FIRST)
    op.create_index("ix_evaluation_supersedes_id", "evaluation", ["supersedes_id"])
    _repair()


def _repair() -> None:
    op.create_table(
        "repair",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("institution_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("order", sa.String(64), nullable=False),
        sa.Column("repair_class", sa.String(64), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("longest", sa.Date(), nullable=True),
        sa.Column("pledged_at", INSTANT, nullable=False),
        sa.Column("proposed_outcome", sa.String(64), nullable=True),
        sa.Column("proposed_answer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=True),
        sa.Column("answer_id", BIG_ID, nullable=True),
        sa.Column("confirmation_id", BIG_ID, nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("rescinded_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('record','upgrade')", name=op.f("ck_repair_kind")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('granted','not_granted','refused')", name=op.f("ck_repair_outcome")
        ),
        sa.CheckConstraint("rescinded_on IS NULL OR granted_on IS NOT NULL", name=op.f("ck_repair_rescinded")),
        _foreign("repair", "case_id", "case.id"),
        _foreign("repair", "institution_id", "institution.id"),
        _foreign("repair", "answer_id", "document.id"),
        _foreign("repair", "confirmation_id", "document.id"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_repair")),
    )
    op.create_index("ix_repair_institution_id", "repair", ["institution_id"])
    op.create_table(
        "repair_record",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("record_id", BIG_ID, nullable=False),
        _foreign("repair_record", "case_id", "repair.case_id"),
        _foreign("repair_record", "record_id", "archive_record.id"),
        sa.PrimaryKeyConstraint("case_id", "record_id", name=op.f("pk_repair_record")),
    )
    op.create_index("ix_repair_record_record_id", "repair_record", ["record_id"])


def downgrade() -> None:
    op.drop_table("repair_record")
    op.drop_table("repair")
    op.drop_index("ix_evaluation_supersedes_id", table_name="evaluation")
    op.drop_index("uq_evaluation", table_name="evaluation")
    with op.batch_alter_table("evaluation") as table:
        table.drop_constraint(op.f("ck_evaluation_again"), type_="check")
        table.drop_constraint(op.f("fk_evaluation_supersedes_id"), type_="foreignkey")
        table.drop_column("supersedes_id")
        table.drop_column("reference_date")
    op.create_index("uq_evaluation", "evaluation", ["institution_id", "round_id", "occasion"], unique=True)
    op.drop_index("ix_archive_record_basis_id", table_name="archive_record")
    with op.batch_alter_table("archive_record") as table:
        for name in ("class_judge", "repaired"):
            table.drop_constraint(op.f(f"ck_archive_record_{name}"), type_="check")
        for name in ("classed_by_id", "basis_id"):
            table.drop_constraint(op.f(f"fk_archive_record_{name}"), type_="foreignkey")
        for name in RECORD:
            table.drop_column(name)


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")


def _refers(batch: BatchOperations, table: str, column: str, target: str) -> None:
    other, name = target.split(".")
    batch.create_foreign_key(op.f(f"fk_{table}_{column}"), other, [column], [name], ondelete="RESTRICT")


def _check(batch: BatchOperations, table: str, name: str, condition: str) -> None:
    batch.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
