"""Who staffs the demo's authorities: enough for every step, every objection and every re-review by other people."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Office
from workflow.staffing import add_person, appoint, open_account

SINCE = date(2020, 1, 1)
PANEL = ("approval", "policy", "employment", "arbitration", "inspection", "insurance")


@dataclass(frozen=True)
class Post:
    """One demo person: login suffix, name suffix, office kind, roles."""

    login: str
    name: str
    office: str
    roles: tuple[str, ...]
    title: str


POSTS = (
    Post("handler", "经办甲", "market", ("handler",), "经办"),
    Post("handler2", "经办乙", "market", ("handler",), "经办"),
    Post("head", "科长甲", "market", ("section_head", "panel_member"), "科室负责人"),
    Post("head2", "科长乙", "market", ("section_head",), "科室副职"),
    Post("head3", "科长丙", "market", ("section_head",), "科室副职"),
    Post("leader", "局领导甲", "leadership", ("leader",), "分管领导"),
    Post("leader2", "局领导乙", "leadership", ("leader",), "局领导"),
)


def staff(session: Session, at: datetime, password_hash: str) -> None:
    """The posts of every authority, and the six other department heads of the panel (XC-02)."""
    for authority in session.scalars(select(Authority).order_by(Authority.id)):
        offices = {one.kind: one for one in session.scalars(select(Office).where(Office.authority_id == authority.id))}
        place = authority.short_name.removesuffix("人社局").removesuffix("人社厅")
        for post in POSTS:
            _hire(session, at, password_hash, authority, offices[post.office], post, place)
        for number, kind in enumerate(PANEL, 1):
            seat = Post(f"panel{number}", f"{offices[kind].name}负责人", kind, ("panel_member",), "科室负责人")
            _hire(session, at, password_hash, authority, offices[kind], seat, place)


def _hire(
    session: Session, at: datetime, password_hash: str, authority: Authority, office: Office, post: Post, place: str
) -> None:
    person = add_person(session, f"{place}{post.name}", at)
    for role in post.roles:
        appoint(session, person, role, SINCE, office=office, title=post.title)
    open_account(session, person, f"{authority.code}-{post.login}", password_hash, at, is_demo=True)
