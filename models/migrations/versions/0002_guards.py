"""What no program may do to the rows, whoever opens the database: triggers, alike on SQLite and PostgreSQL."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("history_entry", "decision")
# The columns that say what was handed in or issued; nothing may change them afterwards.
FIXED = {"material": ("case_id", "kind", "version", "content", "hash"), "document": ("number", "body", "hash")}
# A move raises `version` by one; without one, state and step stay.
MOVED_RIGHTLY = (
    "NEW.version = OLD.version + 1 OR (NEW.version = OLD.version AND NEW.state = OLD.state AND NEW.step = OLD.step)"
)

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def guards() -> list[tuple[str, str, str, str, str]]:
    """Name, event, table, condition and message of each trigger."""
    found = [
        (f"{table}_no_{event.lower()}", event, table, "", f"{table} is append-only")
        for table in APPEND_ONLY
        for event in ("UPDATE", "DELETE")
    ]
    for table, columns in FIXED.items():
        found.append((f"{table}_fixed", f"UPDATE OF {', '.join(columns)}", table, "", f"{table} is fixed"))
        found.append((f"{table}_no_delete", "DELETE", table, "", f"{table} is never deleted"))
    found.append(("case_version", "UPDATE", "case", f"NOT ({MOVED_RIGHTLY})", "case moves by one version at a time"))
    return found


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(REFUSE)
    for name, event, table, condition, message in guards():
        when = f"WHEN ({condition})" if condition else ""
        body = (
            f"EXECUTE FUNCTION refuse_change('{message}')"
            if postgres
            else f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        op.execute(f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" FOR EACH ROW {when} {body}')


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, _event, table, _condition, _message in guards():
        op.execute(f'DROP TRIGGER {name} ON "{table}"' if postgres else f"DROP TRIGGER {name}")
    if postgres:
        op.execute("DROP FUNCTION refuse_change()")
