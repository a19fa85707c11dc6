"""`run`: serve an existing site."""

from functools import partial

import click

from views.cli.door import BadInput, Door


@click.command()
@click.option("--host", help="监听地址 | Address to listen on (XINJIE_HOST)")
@click.option("--port", type=click.IntRange(1, 65535), help="端口 | Port (XINJIE_PORT)")
@click.pass_obj
def run(door: Door, host: str | None, port: int | None) -> None:
    """运行已有站点 | Serve an existing site

    SQLite 站点的时限在本进程内处理；PostgreSQL 站点另行运行 xinjie scheduler。
    On SQLite the deadlines are kept in this process; on PostgreSQL run `xinjie scheduler` beside it.
    """
    import config
    from views import serve
    from views.cli.ready import check_site
    from views.clocks import clock_of

    try:
        door.settings = settings = config.load(data=door.data, database_url=door.database_url, host=host, port=port)
    except config.SettingsError as error:
        raise BadInput(str(error)) from error
    with serve.stopped_by_signals(), door.database() as database:
        check_site(settings, database)
        ready = partial(click.echo, f"http://{settings.host}:{settings.port} ，Ctrl-C 停止")
        try:
            serve.serve(settings, database, clock_of(database), ready, sweeps=database.is_sqlite)
        except serve.CannotListen as error:
            raise BadInput(str(error)) from error
    click.echo("已停止")
