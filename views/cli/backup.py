"""`backup` and `restore`: a whole site in one file, and back."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from views.cli.door import BadInput, Door, Refused, now

FAULTS = {
    "target_exists": "{0} 已存在，换一个文件名",
    "data_in_use": "{0} 中已有站点，用 --data 另选空文件夹",
    "not_a_backup": "{0} 不是本系统的备份，或已损坏",
    "database_damaged": "数据库已损坏：{0}",
    "attachment_missing": "附件 {0} 不在文件夹中，先查明去向",
    "attachment_changed": "附件 {0} 与登记的摘要不符，先查明原因",
    "hash_differs": "备份中的 {0} 与清单的摘要不符，未恢复",
}


@contextmanager
def _told() -> Generator[None]:
    from workflow.backup import BackupError

    try:
        yield
    except BackupError as error:
        raise Refused(FAULTS[error.key].format(error.detail)) from error
    except OSError as error:
        raise BadInput(f"{error.filename}：{error.strerror}") from error
    except sqlite3.Error as error:
        raise BadInput(f"数据库无法读写：{error}") from error


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-secret", is_flag=True, help="一并备份会话密钥，须妥善保管 | Include the key that signs sessions")
@click.pass_obj
def backup(door: Door, file: Path, with_secret: bool) -> None:
    """备份数据库和附件到一个文件 | The database and the attachments into one file

    站点可照常运行。默认不含会话密钥，恢复后各账号须重新登录。PostgreSQL 用其自身的工具备份数据库。
    The site may go on. Without the key everybody signs in anew. For PostgreSQL use its own tools.
    """
    from workflow import backup as site

    with _told(), door.database() as database:
        if not database.is_sqlite:
            raise Refused("本命令只备份 SQLite 站点；PostgreSQL 用 pg_dump 备份数据库，另存附件文件夹 files")
        source = Path(database.url.database or "")
        listed = site.backup(source, door.settings.data, file, now(), secret=with_secret)
    attachments = sum(name.startswith(f"{site.FILES}/") for name in listed)
    click.echo(f"已备份到 {file}：数据库一份，附件 {attachments} 件{'，含会话密钥' if with_secret else ''}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(door: Door, file: Path) -> None:
    """由备份恢复到空的数据文件夹 | A backup into an empty data folder

    恢复后依次运行 db upgrade、audit verify、doctor。
    Afterwards run db upgrade, audit verify and doctor.
    """
    from workflow import backup as site

    with _told():
        listed = site.restore(file, door.settings.data)
    click.echo(
        f"已恢复 {len(listed)} 个文件到 {door.settings.data} ，接着运行 ./xinjie db upgrade 和 ./xinjie audit verify"
    )
