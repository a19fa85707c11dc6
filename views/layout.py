"""What the two layouts read on every page: navigation, who is here, and the day."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import current_app, request
from flask_babel import format_date
from flask_login import current_user
from sqlalchemy.orm import Session

from models import Appointment
from views import texts, web
from views.inbox_filters import figure
from views.terms import holiday
from views.texts import N_
from views.texts import gettext as _
from workflow.clock import SHANGHAI, legal_day
from workflow.engine.calendars import current
from workflow.engine.permissions import OFFICIALS, WORKERS
from workflow.engine.queries import admin, calendar
from workflow.engine.queries.inbox_counts import Counts, counts

ADMIN, AUDITOR = frozenset({"system_admin"}), frozenset({"audit_admin"})

# title -> (endpoint, label, roles, key of the count)
NAV: dict[str, tuple[tuple[str, str, frozenset[str], str], ...]] = {
    N_("我的"): (
        ("inbox.todo", N_("待办"), WORKERS, "todo"),
        ("inbox.office", N_("本科室待办"), OFFICIALS, "office"),
        ("inbox.done", N_("已办"), WORKERS, ""),
        ("inbox.started", N_("我发起的"), OFFICIALS, ""),
        ("inbox.messages", N_("消息"), WORKERS, ""),
    ),
    N_("事项"): (
        ("cases.index", N_("全部事项"), WORKERS, ""),
        ("rounds.index", N_("评价批次"), OFFICIALS, ""),
        ("policies.index", N_("评价规则"), OFFICIALS, ""),
        ("honours.index", N_("推荐批次"), OFFICIALS, ""),
    ),
    N_("监管"): (
        ("workload.show", N_("办理情况"), frozenset({"leader", "section_head"}), ""),
        ("archive.index", N_("诚信档案"), OFFICIALS, ""),
    ),
    N_("管理"): (
        ("admin.persons", N_("人员与任职"), ADMIN, ""),
        ("admin.authorities", N_("机关与科室"), ADMIN, ""),
        ("channels.index", N_("发送渠道"), ADMIN, ""),
        ("incidents.index", N_("异常"), ADMIN, "incidents"),
        ("deeds.index", N_("管理记录"), AUDITOR, ""),
        ("deeds.logins", N_("登录记录"), AUDITOR, ""),
        ("calendar.show", N_("放假安排"), calendar.KEEPERS, ""),
    ),
}
LINKS = (
    ("public.notices", N_("公示公告")),
    ("public.lookup", N_("机构查询")),
    ("public.track", N_("凭回执查进度")),
)
INSIDE = (("auth.home", N_("工作台")), ("account.show", N_("本人账号")))
OUTSIDE = (("auth.login", N_("登录")),)


def work(owed: Counts | None = None, **extra: Any) -> dict[str, Any]:
    """The context of work.html. A page that has counted the open work already hands the figures on."""
    role = current_user.actor.role
    with web.reading() as session:
        figures = _counts(session, owed)
        closed = frozenset() if calendar.keeps(session, current_user.actor) else frozenset({"calendar.show"})
        facts = {"authority_name": current_user.row.place, "today_label": _today_label(session)}
    return {
        "nav": _nav(role, figures, closed),
        "user_label": _user_label(),
        "clock_label": clock_label(),
        "home_url": "/",
        "user_url": web.address("account.show"),
        "search_url": web.address("cases.index") if role in OFFICIALS and _exists("cases.index") else None,
        "search_text": request.args.get("q", ""),
        "logout_url": web.address("auth.leave"),
        **facts,
        **extra,
    }


def outside(**extra: Any) -> dict[str, Any]:
    """The context of outside.html: the citizens' site, and a clerk's desk."""
    here = current_user.is_authenticated
    shown = LINKS + (INSIDE if here else OUTSIDE)
    links = [_link(endpoint, label) for endpoint, label in shown if _exists(endpoint)]
    _one_current(links)
    return {
        "site_name": _("人力资源服务机构诚信管理"),
        "site_sub": _("公示 · 查询 · 异议"),
        "links": links,
        "home_url": "/",
        "logout_url": web.address("auth.leave") if here else None,
        "clock_label": clock_label(),
        **extra,
    }


def page(**extra: Any) -> dict[str, Any]:
    """For a page that officials and clerks share: its layout is named by `frame`."""
    clerk = current_user.actor.role == "clerk"
    return {"frame": "outside.html", **outside(**extra)} if clerk else {"frame": "work.html", **work(**extra)}


def post_label(post: Appointment) -> str:
    """A post in words. The role is always there: one person may hold two in one office under one title."""
    role = texts.text(f"role.{post.role}")
    if post.office is None:
        return role
    title = f"（{post.title}）" if post.title not in ("", role) else ""
    return f"{post.office.authority.short_name}{post.office.name} · {role}{title}"


def _exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _here(endpoint: str) -> bool:
    """Whether the page asked for is this link's, or lies below it (a notice below the notices)."""
    target = web.address(endpoint)
    return request.path == target or (len(target) > 1 and request.path.startswith(f"{target}/"))


def _link(endpoint: str, label: str) -> dict[str, Any]:
    return {"url": web.address(endpoint), "label": _(label), "current": _here(endpoint)}


def _one_current(links: list[dict[str, Any]]) -> None:
    """Of the links that the page lies below, only the nearest is the current one."""
    nearest = max((link for link in links if link["current"]), key=lambda link: len(link["url"]), default=None)
    for link in links:
        link["current"] = link is nearest


def _counts(session: Session, owed: Counts | None) -> dict[str, tuple[int, bool]]:
    """By key: how many, and whether that is red."""
    actor = current_user.actor
    if actor.role in ADMIN:
        broken = admin.incident_count(session, actor)
        return {"incidents": (broken, broken > 0)}
    owed = owed or counts(session, actor, web.at())
    return {"todo": (owed.todo, owed.overdue > 0), "office": (owed.office, False)}


def _badge(count: int, over: bool) -> dict[str, Any]:
    return {"count": figure(count) if count else "", "over": over}


def _nav(role: str, figures: dict[str, tuple[int, bool]], closed: frozenset[str]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for title, entries in NAV.items():
        links = [
            _link(endpoint, label) | (_badge(*figures[key]) if key in figures else {})
            for endpoint, label, allowed, key in entries
            if role in allowed and endpoint not in closed and _exists(endpoint)
        ]
        if links:
            groups.append({"title": _(title), "links": links})
    _one_current([link for group in groups for link in group["links"]])
    return groups


def _user_label() -> str:
    actor = current_user.actor
    return f"{actor.name} · {texts.text(f'role.{actor.role}')}"


def _today_label(session: Session) -> str:
    today = legal_day(web.at())
    day = current(session).day(today, provisional=True)
    kind = (_("补班") if day.why == "makeup" else _("工作日")) if day.working else (holiday(day.name) or _("休息日"))
    unsure = _("（暂定）") if day.provisional else ""
    pattern = _("M月d日 EEE")
    return f"{format_date(today, pattern)} · {kind}{unsure}"


def clock_label() -> str:
    return _clock_label(texts.spoken.get(), web.at().replace(second=0, microsecond=0))


@lru_cache(maxsize=8)
def _clock_label(_language: str, minute: datetime) -> str:
    return _("页面时间 %(at)s", at=f"{minute.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
