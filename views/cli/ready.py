"""What must hold before a process of a site starts: for whatever does not, one line that says what to do."""

import tempfile
from typing import TYPE_CHECKING

from views.cli.door import BadInput, Refused

if TYPE_CHECKING:
    from config import Settings
    from models.database import Database

PROBE = b"\0" * 65_536


def check_version(database: "Database") -> None:
    """Neither older nor newer than this programme."""
    from models import schema

    current, head = schema.current(database), schema.head()
    check_known(current)
    if current is None:
        raise Refused("数据库中还没有表：先运行 ./xinjie db upgrade")
    if current != head:
        raise Refused(f"数据库版本 {current}，应为 {head}：先备份，再运行 ./xinjie db upgrade")


def check_known(version: str | None) -> None:
    from models import schema

    if version and not schema.knows(version):
        raise Refused(f"数据库版本 {version} 比本程序新：用新版程序打开，或由升级前的备份恢复")


def check_site(settings: "Settings", database: "Database") -> None:
    _check_folder(settings)  # first: it says more exactly than the database what is wrong with the disk
    settings.secret()
    check_version(database)
    _check_writable(database)
    _check_clock(database)


def _check_folder(settings: "Settings") -> None:
    """Written to for a moment: rights, a disk that is read only and one that is full all come out."""
    folder = settings.data_folder()
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(PROBE)
    except OSError as error:
        raise BadInput(f"数据文件夹 {folder} 不可写（{error.strerror}）") from error


def _check_writable(database: "Database") -> None:
    """A file of another user's, or a standby: it could be read, and every act would fail."""
    from sqlalchemy import delete, false

    from models import Throttle

    with database.write() as session:
        session.execute(delete(Throttle).where(false()))


def _check_clock(database: "Database") -> None:
    """A clock behind the last entry would let deadlines that are over begin anew."""
    from sqlalchemy import select

    from models import HistoryEntry
    from views.clocks import session_clock
    from workflow.clock import SHANGHAI
    from workflow.doctor import SKEW

    with database.read() as session:
        now = session_clock(session)
        last = session.scalar(select(HistoryEntry.at).order_by(HistoryEntry.id.desc()).limit(1))
    if last and now < last - SKEW:
        times = (f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" for at in (now, last))
        raise Refused("系统时间 {} 早于最后一条流转记录 {}：先校准时钟".format(*times))
