"""`demo`: the demo city on an embedded database, loaded on the first start, with web and scheduler in one process."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from views.cli.door import BadInput, Door, Refused
from views.texts import text

if TYPE_CHECKING:
    from config import Settings
    from models.database import Database

PASSWORD = "xinjie-demo"
SIZES = ("1", "10", "100")


@click.command()
@click.option("--host", help="监听地址 | Address to listen on (XINJIE_HOST)")
@click.option("--port", type=click.IntRange(1, 65535), help="端口 | Port (XINJIE_PORT)")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="数据文件夹 | Data folder (XINJIE_DATA)")
@click.option("--reset", is_flag=True, help="清空演示数据，重新装载 | Load the demo anew")
@click.option("--size", type=click.Choice(SIZES), help="规模，1 为约 60 家机构 | Times sixty institutions")
@click.pass_obj
def demo(door: Door, host: str | None, port: int | None, data: Path | None, reset: bool, size: str | None) -> None:
    """装载并运行演示 | Load the demo and serve it

    首次运行装载演示数据，约 20 秒；以后直接启动。Ctrl-C 停止。规模 10 约需一两分钟，100 约需十几分钟。
    The first start plays three years of demo data. Size 10 takes a minute or two, 100 about twelve; Ctrl-C stops.
    """
    import config
    from views import serve
    from views.clocks import clock_of

    try:
        door.data = data or door.data
        given = {"data": door.data, "database_url": door.database_url, "host": host, "port": port}
        door.settings = settings = config.load(**given, demo=True)
    except config.SettingsError as error:
        raise BadInput(str(error)) from error
    with serve.stopped_by_signals(), door.database(new=True) as database:
        try:
            serve.look_for_port(settings)
            _prepare(database, reset, size)
            serve.serve(settings, database, clock_of(database), partial(_say, settings), sweeps=True)
        except serve.CannotListen as error:
            raise BadInput(str(error)) from error
    click.echo("已停止")


def _prepare(database: "Database", reset: bool, size: str | None) -> None:
    """A loaded demo stays as it is; a load that was broken off begins again; what is no demo is left alone."""
    from models import schema
    from workflow.demo import city

    version = schema.current(database)
    if version and not schema.knows(version):
        raise Refused(f"数据库版本 {version} 与本程序不符，用 --data 另选文件夹")
    schema.upgrade(database)
    with database.read() as session:
        standing = city.standing(session)
    if standing == "foreign":
        raise Refused(f"{database.url.render_as_string()} 不是演示库，用 --data 另选文件夹")
    if standing == "broken" or (reset and standing == "loaded"):
        _clear(database)
        schema.upgrade(database)
    elif standing == "loaded":
        if size:
            raise Refused("演示数据已装载，更换规模须加 --reset")
        return
    _load(database, int(size or SIZES[0]))


def _clear(database: "Database") -> None:
    """Only ever called on a demo. Rows that cite each other keep SQLite from dropping tables, so its file goes."""
    from models import schema

    database.close()
    if not database.is_sqlite:
        schema.downgrade(database)
        return
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database.url.database}{suffix}").unlink(missing_ok=True)


def _load(database: "Database", size: int) -> None:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from views.clocks import host_clock
    from views.passwords import hash_password
    from workflow.demo import city

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("还需"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        told = partial(bar.update, bar.add_task("装载演示数据"))
        city.load(
            database,
            host_clock(),
            size=size,
            password_hash=hash_password(PASSWORD),
            progress=lambda done, total: told(completed=done, total=total),
        )


def _say(settings: "Settings") -> None:
    from workflow.demo.people import DOORS

    click.echo(f"演示系统 http://{settings.host}:{settings.port} ，登录页可直接选用下列账号，密码均为 {PASSWORD}")
    for group, logins in DOORS.items():
        click.echo(f"  {text(f'door.{group}')}")
        for login in logins:
            click.echo(f"    {login:<16} {text(f'door.{login}.who')}：{text(f'door.{login}.what')}")
    click.echo("Ctrl-C 停止")
