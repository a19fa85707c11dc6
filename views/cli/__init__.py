"""The command line. A command's module is loaded only when it is called, so that starting stays quick.

Exit status: 0 done, 1 refused by a rule, 2 wrong use or unusable input. Errors are one line on stderr, never a trace.
"""

from datetime import datetime
from importlib import import_module
from pathlib import Path

import click

from views.cli.door import Door, Instant

# Command: the module that defines a click command of the same name, and its line in the list of commands.
COMMANDS = {
    "audit": ("views.cli.audit", "核验流转记录 | Prove the history"),
    "backup": ("views.cli.backup", "备份站点 | A whole site into one file"),
    "bench": ("views.cli.bench", "测量速度，与直接写 SQL 对照 | Speed, beside bare SQL"),
    "calendar": ("views.cli.calendar", "推算期限，导入放假安排 | Legal deadlines and holiday notices"),
    "case": ("views.cli.case", "开办、查看、办理事项 | Cases: open, look up, act"),
    "code": ("views.cli.code", "查验统一社会信用代码 | Unified social credit codes"),
    "db": ("views.cli.db", "升级、检查数据库 | The database schema"),
    "demo": ("views.cli.demo", "装载并运行演示 | Load the demo and serve it"),
    "doctor": ("views.cli.doctor", "检查本站 | Examine this site"),
    "honour": ("views.cli.honour", "推荐批次 | Recommendation rounds and their lists"),
    "incident": ("views.cli.incident", "异常的查看与处理 | What a person must look at"),
    "institution": ("views.cli.institution", "导入、查看机构 | Institutions: import and look up"),
    "machine": ("views.cli.machine", "列出、查看、核对事项 | Processes: list, show, check"),
    "policy": ("views.cli.policy", "查看政策 | Policies: the rules of a locality"),
    "restore": ("views.cli.backup", "由备份恢复 | A site from its backup"),
    "run": ("views.cli.run", "运行已有站点 | Serve an existing site"),
    "scheduler": ("views.cli.scheduler", "单独运行时限扫描 | Run the deadlines alone"),
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令 | Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="数据文件夹 | Data folder (XINJIE_DATA)")
@click.option("--database-url", metavar="URL", help="数据库地址 | Database address (XINJIE_DATABASE_URL)")
@click.option("--at", type=Instant(), hidden=True, help="演示库的时刻 | The instant, for a demo")
@click.pass_context
def xinjie(ctx: click.Context, data: Path | None, database_url: str | None, at: datetime | None) -> None:
    """信阶：诚信管理办件系统 | Xinjie, approvals for public integrity work"""
    ctx.obj = Door(data=data, database_url=database_url, at=at)
