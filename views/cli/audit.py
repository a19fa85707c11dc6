"""`audit`: proof that the history is what it was."""

import click

from views.cli.door import Door, Refused, as_json, echo_json

BREACHES = {
    "chain_gap": "序号不连续",
    "chain_link": "与上一条不相连",
    "chain_hash": "内容与散列值不符",
    "chain_fold": "起始状态与上一条的结果不符",
    "chain_head": "事项的现状与流转记录不符",
    "chain_missing": "没有流转记录",
}


@click.group()
def audit() -> None:
    """核验流转记录 | Prove the history"""


@audit.command()
@as_json
@click.pass_obj
def verify(door: Door, as_json: bool) -> None:
    """逐条重算全部流转记录 | Recompute every entry of every case

    有不符之处时退出状态为 1。
    Status 1 when anything does not match.
    """
    from rich.console import Console
    from rich.progress import Progress

    from workflow.engine.audit import size
    from workflow.engine.audit import verify as verify_chains

    with door.reading() as session, Progress(console=Console(stderr=True), transient=True) as bar:
        total = size(session)
        task = bar.add_task("核验", total=total)
        found = verify_chains(session, progress=lambda done: bar.update(task, completed=done))
    if as_json:
        breaches = [{"key": one.key, "case": one.case_id, "detail": one.detail} for one in found]
        echo_json({"entries": total, "breaches": breaches})
    elif found:
        click.echo("\n".join(f"事项 {one.case_id}：{BREACHES[one.key]} {one.detail}".rstrip() for one in found))
    else:
        click.echo(f"{total} 条流转记录全部相符")
    if found:
        raise Refused(f"{total} 条流转记录中有 {len(found)} 处不符")
