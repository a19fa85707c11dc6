"""管理记录, and guards against the ways around a delete guard: REPLACE on SQLite, TRUNCATE on PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

# Each table with a key under which a second row could push out the first.
WIPEABLE = {
    "history_entry": ("id", "case_id, seq"),
    "decision": ("id", "case_id, state, step, turn, person_id"),
    "material": ("id",),
    "document": ("id",),
    "seal": ("id", "day"),
    "deed": ("seq",),
}
APPEND_ONLY = ("seal", "deed")


def upgrade() -> None:
    op.create_table(
        "deed",
        sa.Column("seq", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("deed", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("appointment_id", BIG_ID, nullable=True),
        sa.Column("authority_id", BIG_ID, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("prev_hash", sa.String(length=128), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_deed_person_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_deed_appointment_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_deed_authority_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_deed")),
    )
    op.create_index(op.f("ix_deed_person_id"), "deed", ["person_id"])
    op.create_index(op.f("ix_deed_authority_id"), "deed", ["authority_id"])
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            _refuse(
                f"{table}_no_{event.lower()}",
                f"BEFORE {event}",
                table,
                f"{table} is append-only",
                "FOR EACH ROW",
                postgres,
            )
    for table, keys in WIPEABLE.items():
        if postgres:
            _refuse(
                f"{table}_no_wiping",
                "BEFORE TRUNCATE",
                table,
                f"{table} is never emptied",
                "FOR EACH STATEMENT",
                postgres,
            )
        else:
            taken = f"WHEN {' OR '.join(_taken(table, key.split(', ')) for key in keys)}"
            _refuse(f"{table}_no_wiping", "BEFORE INSERT", table, f"{table} is never replaced", taken, postgres)


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    names = [(f"{table}_no_wiping", table) for table in WIPEABLE]
    names += [(f"{table}_no_{event}", table) for table in APPEND_ONLY for event in ("update", "delete")]
    for name, table in names:
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgres else f"DROP TRIGGER {name}")
    op.drop_table("deed")


def _taken(table: str, key: list[str]) -> str:
    """Whether a row has the new one's key; apart for each key, so that each is found by its index."""
    return f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)})"


def _refuse(name: str, event: str, table: str, message: str, how: str, postgres: bool) -> None:
    body = (
        f"EXECUTE FUNCTION refuse_change('{message}')" if postgres else f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )
    op.execute(f"CREATE TRIGGER {name} {event} ON {table} {how} {body}")
