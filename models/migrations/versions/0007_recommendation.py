"""Notices over cases of any machine; recommendation for honours within quotas."""

import sqlalchemy as sa
from alembic import op

from models.base import BigId, CanonicalJson, Instant

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("machine", sa.String(64), nullable=False, server_default="evaluation"))
        table.alter_column("round_id", existing_type=BigId, nullable=True)
    with op.batch_alter_table("notice") as table:
        table.alter_column("machine", existing_type=sa.String(64), server_default=None)
    with op.batch_alter_table("authority") as table:
        table.add_column(sa.Column("successor_id", BigId, nullable=True))
        table.create_foreign_key(
            op.f("fk_authority_successor_id_authority"), "authority", ["successor_id"], ["id"], ondelete="RESTRICT"
        )
    op.add_column("round", sa.Column("submit_by", Instant, nullable=True))
    op.create_table(
        "quota",
        sa.Column("id", BigId, primary_key=True),
        _to("round_id", "round.id", "quota"),
        _to("authority_id", "authority.id", "quota"),
        sa.Column("seats", BigId, nullable=False),
        sa.Column("counted", CanonicalJson, nullable=True),
        _to("summary_id", "attachment.id", "quota", nullable=True),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_quota_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
    )
    op.create_index("uq_quota", "quota", ["round_id", "authority_id"], unique=True)
    op.create_table(
        "recommendation",
        _to("case_id", "case.id", "recommendation"),
        _to("institution_id", "institution.id", "recommendation"),
        _to("round_id", "round.id", "recommendation"),
        _to("quota_id", "quota.id", "recommendation"),
        sa.Column("honour", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("applied_at", Instant, nullable=False),
        sa.Column("self_scores", CanonicalJson, nullable=True),
        sa.Column("eligibility", CanonicalJson, nullable=True),
        sa.Column("archive_version", BigId, nullable=True),
        sa.Column("verdict", sa.String(64), nullable=True),
        sa.Column("attestation", sa.Text, nullable=False),
        sa.Column("scores", CanonicalJson, nullable=True),
        sa.Column("total", sa.String(64), nullable=True),
        sa.Column("override_reason", sa.Text, nullable=False),
        _to("override_asked_by_id", "person.id", "recommendation", nullable=True),
        _to("override_by_id", "person.id", "recommendation", nullable=True),
        sa.Column("seated_at", Instant, nullable=True),
        _to("confirmation_id", "document.id", "recommendation", nullable=True),
        sa.Column("outcome_number", sa.String(100), nullable=False),
        sa.Column("outcome_on", sa.Date, nullable=True),
        _to("revocation_by_id", "person.id", "recommendation", nullable=True),
        sa.Column("ground", sa.Text, nullable=False),
        sa.CheckConstraint(
            "override_by_id IS NULL OR override_by_id <> override_asked_by_id",
            name=op.f("ck_recommendation_second_person"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_recommendation")),
    )
    op.create_index("uq_recommendation", "recommendation", ["institution_id", "round_id", "holder"], unique=True)
    op.create_index(op.f("ix_recommendation_quota_id"), "recommendation", ["quota_id"])


def _to(name: str, target: str, table: str, *, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(target, name=op.f(f"fk_{table}_{name}_{target.partition('.')[0]}"), ondelete="RESTRICT")
    return sa.Column(name, BigId, key, nullable=nullable)


def downgrade() -> None:
    op.drop_table("recommendation")
    op.drop_table("quota")
    with op.batch_alter_table("authority") as table:
        table.drop_constraint(op.f("fk_authority_successor_id_authority"), type_="foreignkey")
        table.drop_column("successor_id")
    with op.batch_alter_table("round") as table:
        table.drop_column("submit_by")
    with op.batch_alter_table("notice") as table:
        table.drop_column("machine")
        table.alter_column("round_id", existing_type=BigId, nullable=False)
