"""What somebody has typed into a form and not handed in is kept for them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("seen_version", BIG_ID, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}.id"], name=op.f(f"fk_draft_{one}_id"), ondelete="RESTRICT")
            for one in ("person", "case")
        ),
        sa.PrimaryKeyConstraint("person_id", "case_id", "form", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_case_id", "draft", ["case_id"])
    op.create_index("ix_draft_saved_at", "draft", ["saved_at"])


def downgrade() -> None:
    op.drop_table("draft")
