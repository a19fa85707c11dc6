"""`calendar`: legal deadlines with their proof, from the published calendar and what the site has imported.

The notices themselves are imported and released in views.cli.notices.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from views.cli import notices, proofs
from views.cli.door import BadInput, Door, as_json, echo_json, now

if TYPE_CHECKING:
    from workflow.rules.calendar import Calendar
    from workflow.rules.deadline import Rule

UNITS = ("working", "calendar", "month", "year")


@click.group()
def calendar() -> None:
    """推算期限，导入、发布放假安排 | Legal deadlines and the notices they rest on"""


for command in notices.COMMANDS:
    calendar.add_command(command)


@calendar.command()
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="起算日 | Start day")
@click.option("--count", type=click.IntRange(1, 1000), help="期间长度 | Length of the period")
@click.option("--unit", type=click.Choice(UNITS), help="单位 | Unit")
@click.option("--start", "start_day", type=click.Choice(["counted", "next"]),
              help="起算日计入，或自次日起 | Is the start day counted")  # fmt: skip
@click.option("--month", metavar="MONTH", help="规定日期的月：1–12、this、next、next_quarter | Month of a named date")
@click.option("--day", metavar="DAY", help="规定日期的日：1–31、last | Day of a named date")
@click.option("--year", type=click.Choice(["this", "next"]), default="this", show_default=True,
              help="规定日期在当年或次年 | Year of a named date")  # fmt: skip
@click.option("--before", is_flag=True, help="规定日期当日不含 | The named day itself is late")
@click.option("--roll", type=click.Choice(["none", "next"]), default="none", show_default=True,
              help="末日逢休息日顺延 | Roll a last day that is a day off")  # fmt: skip
@click.option("--provisional", is_flag=True, help="未公布年度按法定假日暂算 | Estimate years not announced")
@proofs.as_pdf
@as_json
@click.pass_obj
def due(door: Door, start: datetime, provisional: bool, pdf: Path | None, as_json: bool, **words: Any) -> None:
    """推算末日并逐日列明 | The last day and its proof

    期间用 --count、--unit、--start；规定日期用 --month、--day。年度安排未公布时退出状态为 2，除非用 --provisional。
    A period by --count, --unit, --start; a named date by --month, --day. Status 2 for a year that nobody has
    announced, unless --provisional.
    """
    from views.proof_sheet import of_deadline
    from workflow.rules.calendar import UncoveredYear
    from workflow.rules.deadline import compute

    rule, calendar_ = _rule(words), _calendar(door)
    try:
        deadline = compute(rule, start.date(), calendar_, provisional)
    except UncoveredYear as error:
        raise BadInput(f"{error.year} 年节假日安排尚未公布，不能确定末日；加 --provisional 暂算") from error
    if as_json:
        days = [{"date": day.date, "counted": day.counted, "why": day.why} for day in deadline.days]
        echo_json({"due": deadline.due, "provisional": deadline.provisional, "days": days})
    else:
        proofs.out(of_deadline(deadline, calendar_, now()), pdf)


def _rule(words: dict[str, Any]) -> "Rule":
    """The rule that the options spell; a period and a date exclude each other."""
    from workflow.rules.deadline import DeadlineRule
    from workflow.rules.fixed_date import FixedDate

    period, named = ("count", "unit", "start_day"), ("month", "day")
    given = [name for name in (*period, *named) if words[name] is not None]
    tail: dict[str, Any] = {"roll": words["roll"], "closes": "24:00", "clause": "命令行 | command line"}
    if given == list(period):
        return DeadlineRule(**{name: words[name] for name in period}, **tail)
    if given != list(named):
        raise BadInput("期间须用 --count、--unit、--start，规定日期须用 --month、--day，二者选一")
    month, day = (int(word) if word.isdecimal() else word for word in (words["month"], words["day"]))
    try:
        return FixedDate(month=month, day=day, year=words["year"], included=not words["before"], **tail)
    except ValueError as error:
        fields = "、".join(f"--{name}" for name in str(error).rpartition(": ")[2].split(", "))
        raise BadInput(f"没有这样的日期：{fields} 不符（--help 有可用的写法）") from error


def _calendar(door: Door) -> "Calendar":
    """The site's calendar; the published one alone where there is no site yet."""
    from workflow.rules.calendar import Calendar

    if not door.has_site():
        return Calendar()
    from workflow.engine import calendars

    with door.reading() as session:
        return calendars.current(session)
