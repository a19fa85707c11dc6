"""`xinjie bench`: speed beside bare SQL, on databases of its own."""

from typing import TYPE_CHECKING

import click

from views.cli.door import as_json

if TYPE_CHECKING:
    from bench.measure import Figure

KINDS = ("sqlite", "postgres")
NAMES = ("approvals", "growth", "timers", "inbox", "web", "grading")
WIDTHS = "{:<26}{:<10}{:>10} {:<11}{:>8} {:>7} {:>7} {:>15}  {}"


@click.command()
@click.option("--only", "names", multiple=True, type=click.Choice(NAMES), help="只测这一项，可重复 | Only this one")
@click.option("--database", "kind", type=click.Choice(KINDS), help="只测这种数据库 | Only this kind of database")
@click.option(
    "--postgres", multiple=True, metavar="URL", help="改用这个空库，可重复 | An empty database instead of a private one"
)
@click.option("--peers", is_flag=True, help="另与同类软件对照，首次自行安装 | Also beside peers, which it installs")
@click.option("--full", is_flag=True, help="足量数据（很慢）| The full sizes; slow")
@as_json
def bench(
    names: tuple[str, ...], kind: str | None, postgres: tuple[str, ...], peers: bool, full: bool, as_json: bool
) -> None:
    """测量速度，与直接写 SQL 同轮对照 | Speed, beside bare SQL in the same run

    数据库由本命令另建，测完即弃。--json 每行一个对象。比值以中位数计。
    """
    import json

    from bench import runs

    chosen = (*(names or NAMES), *(("peers",) if peers else ()))
    if postgres and len(postgres) < (needed := runs.needed(chosen)):
        raise click.UsageError(f"这些项目要 {needed} 个空库 | These need {needed} empty databases")
    if not as_json:
        click.echo(WIDTHS.format("name", "database", "value", "unit", "ratio", "floor", "aim", "min-max", "beside"))
    for figure in runs.run((kind,) if kind else KINDS, chosen, full=full, postgres=postgres):
        click.echo(json.dumps(figure.as_row(), ensure_ascii=False) if as_json else _line(figure))


def _line(figure: "Figure") -> str:
    mark = {"aim": "达标", "floor": "过底线", "short": "未到底线"}[figure.verdict]
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
    cells = (figure.name, figure.database, f"{figure.value:.4g}", figure.unit, ratio, figure.floor, figure.aim)
    return WIDTHS.format(*cells, f"{figure.min:.3g}-{figure.max:.3g}", f"{figure.beside} {mark}".strip())
