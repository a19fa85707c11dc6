"""`honour`: recommendation rounds on the command line, from opening to the list that is sent on. What follows on one
candidate's case (evaluation, seat, outcome, revocation) is `case act`."""

from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import actor_of, answer, as_login, form, read_form, refusals, request
from views.cli.door import BadInput, Door, as_json, echo_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from models import Round
    from workflow.engine.permissions import Actor
    from workflow.engine.queries.honours import Seats

ROUND = click.argument("round_id", metavar="ROUND", type=click.IntRange(1))
AUTHORITY = click.argument("authority", metavar="CODE")
HOLDER = click.option("--holder", default="", help="获荣誉的个人 | The person, where the honour is a person's")


@click.group()
def honour() -> None:
    """推荐批次：名额、申报、排序、报送 | Recommendation rounds: quotas, applications, the ranked list"""


@honour.command("open")
@click.argument("policy")
@click.argument("key", metavar="HONOUR")
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="年度 | Year")
@click.option("--title", required=True, help="名称 | Title")
@as_login
@as_json
@click.pass_obj
def open_(door: Door, policy: str, key: str, year: int, title: str, login: str, as_json: bool) -> None:
    """开启推荐批次，按规则分配名额 | Open a round with the quotas that the policy gives"""
    from workflow.recommendations import open_round

    with refusals("recommendation"), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, "section_head", at)
        round_id = open_round(session, policy, key, year, title, actor, at)
    echo_json({"round": round_id}) if as_json else click.echo(f"批次 {round_id} 已开启")


@honour.command()
@ROUND
@as_login
@as_json
@click.pass_obj
def show(door: Door, round_id: int, login: str, as_json: bool) -> None:
    """名额的使用和推荐顺序 | How far each quota is used, and the ranked list"""
    from workflow.engine.queries import honours as query

    with door.reading() as session, refusals("recommendation"):
        at = door.instant(session)
        actor = actor_of(session, login, "", at)
        one = query.round_seen(session, round_id, actor)
        found, ranked = query.seats(session, one), query.candidates(session, one, actor)
        title, ends = one.title, one.submit_by
    if as_json:
        echo_json({"title": title, "submit_by": ends, "quotas": [_row(row) for row in found],
                   "candidates": [_row(row) for row in ranked]})  # fmt: skip
        return
    click.echo("\n".join([title, *map(_quota_line, found), *map(_candidate_line, ranked)]))


def _row(one: Any) -> dict[str, Any]:
    from dataclasses import fields

    return {field.name: getattr(one, field.name) for field in fields(one)}


def _quota_line(row: "Seats") -> str:
    base = "" if row.base is None else f"（基数 {row.base}）"
    return f"{row.authority}  名额 {row.seats}{base}，已列入 {row.taken}{'，工作总结已交' if row.summary else ''}"


def _candidate_line(row: Any) -> str:
    from views.cli.acting import state_text

    place, points = row.place or "—", f"{row.total} 分" if row.total else "未评分"
    state = state_text("recommendation", row.state, row.step)
    return f"  {place}  {row.number}  {row.name}{row.holder and f'·{row.holder}'}  {points}  {state}"


@honour.command()
@ROUND
@as_login
@as_json
@click.pass_obj
def check(door: Door, round_id: int, login: str, as_json: bool) -> None:
    """机构的基本条件及其依据 | The institution's own basic conditions, with their evidence"""
    from views import recommendation

    with door.reading() as session, refusals("recommendation"):
        at = door.instant(session)
        actor = actor_of(session, login, "clerk", at)
        facts = recommendation.before(session, _open(session, round_id, actor, at), actor, at)
        found, said = facts.eligible, recommendation.conditions(facts, facts.eligible)
    if as_json:
        echo_json(found.as_json())
    else:
        click.echo("\n".join(f"{title}：{says}" for title, says in said))


def _open(session: "Session", round_id: int, actor: "Actor", at: "datetime") -> "Round":
    """A round that this institution could still apply in, as at its desk."""
    from workflow.engine.queries import honours as query
    from workflow.engine.refusal import NotFound

    found = next((one for one in query.running(session, actor, at) if one.id == round_id), None)
    if found is None:
        raise NotFound
    return found


@honour.command()
@ROUND
@HOLDER
@form
@click.option("--file", "files", type=int, multiple=True, help="附件编号 | Numbers of attached files")
@as_login
@request
@as_json
@click.pass_obj
def apply(
    door: Door, round_id: int, holder: str, fields: tuple[str, ...], files: tuple[int, ...], login: str,
    request_id: str, as_json: bool,
) -> None:  # fmt: skip
    """机构申报；自评得分写成 score-01=3 | Apply, as the institution; self scores are fields such as score-01=3"""
    from workflow import recommendations

    with refusals("recommendation"), door.writing() as session:
        at = door.instant(session)
        asked = read_form(fields) | {"holder": holder, "files": list(files)}
        outcome = recommendations.apply(session, round_id, asked, actor_of(session, login, "clerk", at), request_id, at)
    answer(outcome, "recommendation", as_json)


@honour.command()
@ROUND
@click.argument("credit_code", metavar="CREDIT_CODE")
@HOLDER
@as_login
@request
@as_json
@click.pass_obj
def nominate(
    door: Door, round_id: int, credit_code: str, holder: str, login: str, request_id: str, as_json: bool
) -> None:
    """管理机关提名 | Nominate an institution, as the authority that manages it"""
    from sqlalchemy import select

    from models import Institution
    from workflow import recommendations
    from workflow.engine.queries.honours import round_seen
    from workflow.engine.refusal import NotFound

    with refusals("recommendation"), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, "handler", at)
        round_seen(session, round_id, actor)
        mine = (Institution.credit_code == credit_code, Institution.managing_authority_id == actor.authority_id)
        institution = session.scalar(select(Institution.id).where(*mine))
        if institution is None:
            raise NotFound
        named = {"holder": holder}
        outcome = recommendations.nominate(session, round_id, institution, named, actor, request_id, at)
    answer(outcome, "recommendation", as_json)


@honour.command()
@ROUND
@AUTHORITY
@click.argument("count", metavar="SEATS", type=click.IntRange(0, 1000))
@as_login
@click.pass_obj
def seats(door: Door, round_id: int, authority: str, count: int, login: str) -> None:
    """调整一个机关的名额 | Change the seats of one authority, within the rule"""
    from workflow.recommendations import set_seats

    with refusals("recommendation"), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, "section_head", at)
        set_seats(session, _quota(session, round_id, authority), count, actor, at)
    click.echo(f"名额 {count} 名，记入管理记录")


@honour.command()
@ROUND
@AUTHORITY
@click.argument("file", type=click.IntRange(1))
@as_login
@click.pass_obj
def summary(door: Door, round_id: int, authority: str, file: int, login: str) -> None:
    """提交工作总结，附件编号由 case attach 给出 | File the work summary of the list's authority"""
    from workflow.recommendations import file_summary

    with refusals("recommendation"), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, "handler", at)
        file_summary(session, _quota(session, round_id, authority), file, actor, at)
    click.echo("工作总结已提交")


def _quota(session: "Session", round_id: int, code: str) -> int:
    from sqlalchemy import select

    from models import Authority, Quota

    held = select(Quota.id).join(Authority, Authority.id == Quota.authority_id)
    found = session.scalar(held.where(Quota.round_id == round_id, Authority.code == code))
    if found is None:
        raise BadInput(f"批次 {round_id} 没有分给 {code} 的名额")
    return found


@honour.command()
@click.argument("reference", metavar="NUMBER|ID")
@as_login
@as_json
@click.pass_obj
def package(door: Door, reference: str, login: str, as_json: bool) -> None:
    """报送材料是否齐全；不齐的退出状态为 1 | Whether the submission package is complete; status 1 when it is not"""
    from views.texts import text
    from workflow.engine import quota
    from workflow.engine.load import facts_of
    from workflow.engine.queries import console

    with door.reading() as session, refusals("recommendation"):
        at = door.instant(session)
        actor = actor_of(session, login, "", at)
        facts = facts_of(session, console.find(session, reference).id, actor, at)
        parts, lacking = facts.rules.recommendation.package, quota.missing(facts)
    if as_json:
        echo_json({part: part not in lacking for part in parts})
    else:
        click.echo("\n".join(f"{text(f'package.{part}')}：{'缺' if part in lacking else '有'}" for part in parts))
    if lacking:
        raise SystemExit(1)
