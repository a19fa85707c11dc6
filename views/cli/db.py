"""`db`: the schema's version, whether it is what the models say, and the first filling of a new site."""

import secrets
from typing import TYPE_CHECKING

import click

from views.cli.acting import refusals
from views.cli.door import BadInput, Door, Refused, as_json, echo_json
from views.cli.ready import check_known, check_version

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

ADMINISTRATOR, OFFICE = "系统管理员", "approval"


@click.group()
def db() -> None:
    """升级、建立、检查数据库 | The database schema"""


@db.command()
@click.pass_obj
def upgrade(door: Door) -> None:
    """升级到当前版本 | Bring the schema up to date

    可重复运行，已是当前版本时不作改动。
    Safe to repeat: an up-to-date schema is left alone.
    """
    from models import schema

    with door.database(new=True) as database:
        before = schema.current(database)
        check_known(before)
        schema.upgrade(database)
        after = schema.current(database)
    click.echo(f"数据库已是版本 {after}" if before == after else f"数据库由 {before or '空库'} 升级到 {after}")


@db.command()
@as_json
@click.pass_obj
def check(door: Door, as_json: bool) -> None:
    """核对版本与结构 | Compare version and structure

    与程序不一致时退出状态为 1。
    Status 1 when the database differs from what the programme needs.
    """
    from models import schema

    with door.database() as database:
        current, head = schema.current(database), schema.head()
        drift = [str(difference) for difference in schema.drift(database)] if current == head else []
        if as_json:
            echo_json({"current": current, "head": head, "drift": drift})
        elif current == head:
            click.echo("\n".join([f"数据库版本 {current}", *drift]))
        check_version(database)
    if drift:
        raise Refused(f"数据库结构有 {len(drift)} 处与程序不一致")


@db.command()
@click.option("--locality", metavar="NAME", required=True, help="地区，如 henan | Whose authorities to load")
@click.option(
    "--admin", "login", metavar="LOGIN", required=True, help="首个管理员账号 | The first administrator's login"
)
@click.option("--name", default=ADMINISTRATOR, show_default=True, help="管理员姓名 | The administrator's name")
@click.option("--authority", "code", metavar="CODE", help="所在机关，默认最上级 | Where; else the topmost")
@click.pass_obj
def init(door: Door, locality: str, login: str, name: str, code: str | None) -> None:
    """新站点：载入各级机关，建首个管理员 | A new site: authorities and the first administrator

    一次性密码只显示一次，首次登录须改。已有账号的站点不再初始化。
    The one-time password is shown once. A site that has accounts is left alone.
    """
    from views.passwords import one_time
    from workflow.authorities import LocalityConflict

    password, password_hash = one_time(secrets.token_hex(8))
    with door.database() as database:
        check_version(database)
        try:
            with refusals(), database.write() as session:
                count = _load(session, locality, door.instant(session))
                place = _administrator(session, login, name, code, password_hash, door.instant(session))
        except LocalityConflict as error:
            raise Refused(f"已有机关与 {locality} 的登记不一致：{error}") from error
    click.echo(f"机关 {count} 个，管理员 {login}（{place}）\n一次性密码 {password} ，仅显示这一次，首次登录须改")


def _load(session: "Session", locality: str, at: "datetime") -> int:
    from sqlalchemy import exists, func, select

    from models import Authority, User
    from workflow.authorities import LOCALITIES, load_locality

    known = sorted(path.stem for path in LOCALITIES.glob("*.toml"))
    if locality not in known:
        raise BadInput(f"没有地区 {locality}，可选 {'、'.join(known)}")
    if session.scalar(select(exists().where(User.id.is_not(None)))):
        raise Refused("本站已有账号，不再初始化")
    load_locality(session, locality, at)
    return session.scalar(select(func.count()).select_from(Authority)) or 0


def _administrator(
    session: "Session", login: str, name: str, code: str | None, password_hash: str, at: "datetime"
) -> str:
    """The first person, post and account; the name of the authority."""
    from sqlalchemy import select

    from models import Authority
    from workflow import administration, staffing
    from workflow.clock import legal_day
    from workflow.engine.permissions import SYSTEM

    where = Authority.code == code if code else Authority.reports_to_id.is_(None)
    authority = session.scalars(select(Authority).where(where)).first()
    if authority is None:
        raise BadInput(f"没有机关 {code}")
    office = staffing.office_of(session, authority.code, OFFICE)
    person = administration.add_person(session, name, SYSTEM, at)
    administration.appoint(
        session, person, "system_admin", legal_day(at), SYSTEM, at, office=office, title=ADMINISTRATOR
    )
    administration.open_account(session, person, login, password_hash, SYSTEM, at)
    return authority.short_name
