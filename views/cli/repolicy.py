"""`case policy`: what would differ for a case under another policy, and the change itself."""

from typing import TYPE_CHECKING

import click

from views.cli.acting import actor_of, answer, as_login, in_role, refusals, request
from views.cli.door import Door, Refused, as_json, echo_json

if TYPE_CHECKING:
    from workflow.engine.repolicy import Preview


@click.command()
@click.argument("reference", metavar="NUMBER|ID")
@click.option("--policy", "key", required=True, metavar="ID", help="换用的政策 | The policy to change to")
@click.option("--reason", "opinion", default="", help="理由 | Why")
@click.option("--dry-run", is_flag=True, help="只看有何不同，不办理 | Say what would differ, do nothing")
@as_login
@in_role
@request
@as_json
@click.pass_obj
def policy(
    door: Door,
    reference: str,
    key: str,
    opinion: str,
    dry_run: bool,
    login: str,
    role: str,
    request_id: str,
    as_json: bool,
) -> None:
    """换用规则：先看有何不同 | Move a running case to another policy, after a look at what differs

    不能换用时说明原因，退出状态为 1。
    Status 1, with the reason, when it is refused.
    """
    from workflow import repolicies
    from workflow.engine.load import facts_of
    from workflow.engine.queries import console

    with door.reading() as session, refusals():
        at = door.instant(session)
        found, actor = console.find(session, reference), actor_of(session, login, role, at)
        facts = facts_of(session, found.id, actor, at)
        to = next((one for one in repolicies.choices(session, facts) if one.key == key), None)
        if to is None:
            raise Refused(f"没有可换用的政策：{key}")
        shown, refused = repolicies.ahead(session, facts, to.checksum)
    if dry_run:
        _say(shown, refused, as_json)
        return
    with refusals(found.machine), door.writing() as session:
        sent = (session, found.id, to.checksum, opinion, actor, request_id, found.version, at)
        outcome = repolicies.move(*sent)
    answer(outcome, found.machine, as_json)


def _say(shown: "Preview", refused: str | None, as_json: bool) -> None:
    from views.texts import text

    rules = [{"place": one.place, "before": one.before, "after": one.after} for one in shown.rules]
    if as_json:
        echo_json({"due": shown.due, "steps": shown.steps, "rules": rules, "refused": refused})
    else:
        due = [f"本环节期限 {shown.due[0]} → {shown.due[1]}"] if shown.due else []
        steps = [f"{text(f'level.{level}')} {'、'.join(before)} → {'、'.join(after)}"
                 for level, before, after in shown.steps]  # fmt: skip
        each = [f"{one.place}\n  - {one.before}\n  + {one.after}" for one in shown.rules]
        click.echo("\n".join([*due, *steps, *each]))
    if refused:
        raise Refused(text(f"reason.{refused}"))
