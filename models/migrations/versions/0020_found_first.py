"""What pages ask first is found by an index: a person's voice on a case, who was designated, an authority's
institutions by name, notices by day, and what waits for its publicity."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_decision_person_case", "decision", ["person_id", "case_id"])
    op.drop_index("ix_decision_person_id", table_name="decision")
    op.create_index("ix_institution_managing_name", "institution", ["managing_authority_id", "name"])
    op.drop_index("ix_institution_managing_authority_id", table_name="institution")
    op.create_index("ix_notice_opens_at", "notice", ["opens_at"])
    op.drop_index("ix_case_managing_state", table_name="case")
    op.create_index("ix_case_managing_state", "case", ["managing_authority_id", "machine", "state", "round_id"])
    ready = sa.text("state || '' = 'awaiting_publicity'")
    op.create_index("ix_case_ready", "case", ["authority_id", "round_id"], sqlite_where=ready, postgresql_where=ready)
    here, there = sa.text("designated = 1"), sa.text("designated")
    op.create_index("ix_task_designated", "task", ["person_id", "case_id"], sqlite_where=here, postgresql_where=there)


def downgrade() -> None:
    op.drop_index("ix_case_ready", table_name="case")
    op.drop_index("ix_case_managing_state", table_name="case")
    op.create_index("ix_case_managing_state", "case", ["managing_authority_id", "machine", "state"])
    op.drop_index("ix_task_designated", table_name="task")
    op.drop_index("ix_notice_opens_at", table_name="notice")
    op.create_index("ix_institution_managing_authority_id", "institution", ["managing_authority_id"])
    op.drop_index("ix_institution_managing_name", table_name="institution")
    op.create_index("ix_decision_person_id", "decision", ["person_id"])
    op.drop_index("ix_decision_person_case", table_name="decision")
