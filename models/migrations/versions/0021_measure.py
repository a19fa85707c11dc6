"""What an authority ordered or imposed upon a breach: the form asks for the concrete measure."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("archive_record", sa.Column("measure", sa.String(100), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("archive_record", "measure")
