"""What an authority looked up or saw is found by its day: who was checked within a year is counted from it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CHECK = sa.text("kind || '' IN ('information_check', 'verification')")


def upgrade() -> None:
    op.create_index(
        "ix_material_check", "material", ["submitted_at", "case_id"], sqlite_where=CHECK, postgresql_where=CHECK
    )


def downgrade() -> None:
    op.drop_index("ix_material_check", table_name="material")
