"""What every command shares: the settings and the database on demand, the two kinds of failure, and JSON."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from models.database import Database

as_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON | Print JSON")


class Failure(click.ClickException):
    def show(self, file: object = None) -> None:
        click.echo(f"错误：{self.message}", err=True)


class Refused(Failure):
    """A rule said no."""

    exit_code = 1


class BadInput(Failure):
    """The command cannot work with what it was given, or with the site as it is set up."""

    exit_code = 2


class Instant(click.ParamType[datetime]):
    """ISO 8601 with its offset: an hour without a place is no instant."""

    name = "ISO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("应为 ISO 8601 时刻，如 2026-03-02T09:00:00+08:00", param, ctx)
        if at.tzinfo is None:
            self.fail("时刻应带时区，如 +08:00", param, ctx)
        return at.astimezone(UTC)


@dataclass
class Door:
    """What the group was called with; commands take it by `click.pass_obj`."""

    data: Path | None = None
    database_url: str | None = None
    at: datetime | None = None

    # The imports below are late: settings and SQLAlchemy take longer to load than most commands take to run.
    @cached_property
    def settings(self) -> "Settings":
        import config

        try:
            return config.load(data=self.data, database_url=self.database_url)
        except config.SettingsError as error:
            raise BadInput(str(error)) from error

    @contextmanager
    def database(self, *, new: bool = False) -> Generator["Database"]:
        """The site's database. Only `new` may bring it into being: a mistyped address must not leave an empty one."""
        from sqlalchemy.exc import DatabaseError, DataError, IntegrityError

        from config import SettingsError
        from models.database import Database

        try:
            database = Database(self.settings.database_url, algorithm=self.settings.hash_algorithm)
            self._look_for_file(database, new)
        except SettingsError as error:
            raise BadInput(str(error)) from error
        try:
            yield database
        except SettingsError as error:
            raise BadInput(str(error)) from error
        except (DataError, IntegrityError):
            raise
        except DatabaseError as error:
            cause = str(error.orig).partition("\n")[0]
            raise BadInput(f"数据库不可用，或未经 xinjie db upgrade 升级：{cause}") from error
        finally:
            database.close()

    def has_site(self) -> bool:
        """True unless the database is a file that is not there."""
        kind, _, file = self.settings.database_url.partition(":///")
        return kind != "sqlite" or Path(file).exists()

    def _look_for_file(self, database: "Database", new: bool) -> None:
        try:
            if self.has_site():
                return
        except PermissionError as error:
            raise BadInput(f"{error.filename} 不可读写（{error.strerror}）") from error
        file = Path(database.url.database or "")
        if not new:
            raise BadInput(f"数据库 {file} 不存在，先运行 xinjie db upgrade")
        if file.parent == self.settings.data:
            self.settings.data_folder()
        elif not file.parent.is_dir():
            raise BadInput(f"文件夹 {file.parent} 不存在")

    @contextmanager
    def reading(self) -> Generator["Session"]:
        with self.database() as database, database.read() as session:
            yield session

    @contextmanager
    def writing(self) -> Generator["Session"]:
        """One unit of work, committed when the command's block ends well."""
        with self.database() as database, database.write() as session:
            yield session

    def instant(self, session: "Session") -> datetime:
        """Now; or the instant that `--at` says, which no site but a demo accepts."""
        from sqlalchemy import exists, select

        from models import User
        from views.clocks import session_clock

        if self.at is None:
            return session_clock(session)
        if not self.settings.demo and not session.scalar(select(exists().where(User.is_demo))):
            raise BadInput("--at 只用于演示库")
        return self.at


def now() -> datetime:
    """This host's, for what no site decides."""
    return datetime.now(UTC)


def echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
