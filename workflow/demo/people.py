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
    Post("leader", "局领导甲", "leadership", ("leader",), "分管领导"),
    Post("leader2", "局领导乙", "leadership", ("leader",), "局领导"),
)

ADMINISTRATOR = Post("admin", "系统管理员", "approval", ("system_admin",), "系统管理员")
"""Of every city: keeps persons, posts and accounts, and decides nothing."""

AUDITOR = Post("auditor", "审计管理员", "policy", ("audit_admin",), "审计管理员")
"""Of every city: reads the record of what administrators did."""

COUNTY_SHOWN, CITY_SHOWN, PROVINCE_SHOWN = "411002", "411000", "410000"
DOORS = {
    "county": (f"{COUNTY_SHOWN}-handler", f"{COUNTY_SHOWN}-head", f"{COUNTY_SHOWN}-panel3", f"{COUNTY_SHOWN}-leader"),
    "city": (f"{CITY_SHOWN}-handler", f"{CITY_SHOWN}-head", f"{CITY_SHOWN}-head2", f"{CITY_SHOWN}-leader"),
    "province": (f"{PROVINCE_SHOWN}-handler", f"{PROVINCE_SHOWN}-leader2"),
    "institution": ("clerk-xinxu", "clerk-yongchang"),
    "scores": ("330902-handler", "330902-expert2", "clerk-haichao"),
    "quota": ("370000-handler", "370100-leader"),
    "system": (f"{CITY_SHOWN}-admin", f"{CITY_SHOWN}-auditor"),
}
"""Who the demo's login page offers, by group; `door.<group>`, `door.<login>.who` and `.what` are their words."""


def staff(session: Session, at: datetime, password_hash: str) -> None:
    """Every authority's people."""
    for authority in session.scalars(select(Authority).order_by(Authority.id)):
        staff_of(session, authority, at, password_hash)


def staff_of(session: Session, authority: Authority, at: datetime, password_hash: str) -> None:
    """The posts of one authority, and the six other department heads of the panel (XC-02)."""
    offices = {one.kind: one for one in session.scalars(select(Office).where(Office.authority_id == authority.id))}
    place = authority.short_name.removesuffix("人社局").removesuffix("人社厅")
    seats = [
        Post(f"panel{number}", f"{offices[kind].name}负责人", kind, ("panel_member",), "科室负责人")
        for number, kind in enumerate(PANEL, 1)
    ]
    keepers = (ADMINISTRATOR, AUDITOR) if authority.level == "city" else ()
    for post in (*POSTS, *seats, *keepers):
        _hire(session, at, password_hash, authority, offices[post.office], post, place)


def _hire(
    session: Session, at: datetime, password_hash: str, authority: Authority, office: Office, post: Post, place: str
) -> None:
    person = add_person(session, f"{place}{post.name}", at)
    for role in post.roles:
        appoint(session, person, role, SINCE, office=office, title=post.title)
    open_account(session, person, f"{authority.code}-{post.login}", password_hash, at, is_demo=True)
