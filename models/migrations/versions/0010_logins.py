"""登录记录, with the same guards as the records of acts: no row is changed, removed, replaced or wiped out."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "login_event"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("user_id", BIG_ID, nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.CheckConstraint("event IN ('entered','failed','held','left')", name=op.f("ck_login_event_event")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_event_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_event")),
    )
    op.create_index(op.f("ix_login_event_at"), TABLE, ["at"])
    op.create_index(op.f("ix_login_event_user_id"), TABLE, ["user_id"])
    postgres = op.get_bind().dialect.name == "postgresql"
    for event in ("UPDATE", "DELETE"):
        _refuse(f"no_{event.lower()}", f"BEFORE {event}", "is append-only", "FOR EACH ROW", postgres)
    if postgres:
        _refuse("no_wiping", "BEFORE TRUNCATE", "is never emptied", "FOR EACH STATEMENT", postgres)
    else:
        taken = f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"
        _refuse("no_wiping", "BEFORE INSERT", "is never replaced", taken, postgres)


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for name in ("no_update", "no_delete", "no_wiping"):
        op.execute(f"DROP TRIGGER {TABLE}_{name}" + (f" ON {TABLE}" if postgres else ""))
    op.drop_table(TABLE)


def _refuse(name: str, event: str, message: str, how: str, postgres: bool) -> None:
    words = f"{TABLE} {message}"
    body = f"EXECUTE FUNCTION refuse_change('{words}')" if postgres else f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    op.execute(f"CREATE TRIGGER {TABLE}_{name} {event} ON {TABLE} {how} {body}")
