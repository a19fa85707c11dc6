"""`scheduler`: the deadlines alone, beside any number of web processes."""

import threading

import click

from views.cli.door import Door


@click.command()
@click.pass_obj
def scheduler(door: Door) -> None:
    """单独运行时限扫描 | Run the deadlines alone

    可同时运行多个，不会重复办理。Ctrl-C 停止。
    Any number may run; nothing fires twice.
    """
    from views.cli.ready import check_site
    from views.clocks import clock_of
    from views.serve import postman, stopped_by_signals
    from workflow.scheduler import ticker

    with stopped_by_signals(), door.database() as database:
        check_site(door.settings, database)
        clock = clock_of(database)
        post = postman(door.settings, database, clock)
        ticking = ticker(database, clock, _tell, post=post.tick, witness=door.settings.data_folder() / "witness")
        click.echo("时限扫描已启动，Ctrl-C 停止")
        try:
            threading.Event().wait()
        finally:
            ticking.shutdown(wait=False)
            post.close()
    click.echo("已停止")


def _tell(fired: int) -> None:
    from views.clocks import host_clock
    from workflow.clock import SHANGHAI

    if fired:
        click.echo(f"{host_clock().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} 到期处理 {fired} 项")
