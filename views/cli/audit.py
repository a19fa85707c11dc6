"""`audit`: proof that the history is what it was."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import refusals
from views.cli.door import BadInput, Door, Refused, as_json, echo_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.engine.audit import Breach

BREACHES = {
    "chain_gap": "序号不连续",
    "chain_link": "与上一条不相连",
    "chain_hash": "内容与散列值不符",
    "chain_fold": "起始状态与上一条的结果不符",
    "chain_head": "事项的现状与流转记录不符",
    "chain_missing": "没有流转记录",
    "deed_gap": "序号不连续",
    "deed_link": "与上一条不相连",
    "deed_hash": "内容与散列值不符",
}
WITNESS = {
    "root": "见证文件自身被改动，总散列值与内容不符",
    "gone": "见证时有此事项，现已不存在",
    "cut": "见证时的最后一条已被截去",
    "replaced": "见证时的最后一条已被替换",
}
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """核验、导出、封存流转记录 | Prove the history"""


@audit.command()
@click.option("--witness", "files", type=FILE, multiple=True, metavar="FILE",
              help="与见证文件对照，可重复 | Hold the site to a witness")  # fmt: skip
@as_json
@click.pass_obj
def verify(door: Door, files: tuple[Path, ...], as_json: bool) -> None:
    """逐条重算全部流转记录 | Recompute every entry of every case

    有不符之处时退出状态为 1，见证文件不能读取时为 2。
    Status 1 when anything does not match, 2 when a witness cannot be read.
    """
    from rich.console import Console
    from rich.progress import Progress

    from workflow.engine import seal
    from workflow.engine.audit import size
    from workflow.engine.audit import verify as verify_chains

    witnesses = {file: _witness(file) for file in files}
    with door.reading() as session, Progress(console=Console(stderr=True), transient=True) as bar:
        total = size(session)
        task = bar.add_task("核验", total=total)
        found = verify_chains(session, progress=lambda done: bar.update(task, completed=done))
        held = {file: list(seal.against(session, witness)) for file, witness in witnesses.items()}
    differences = sum(map(len, held.values()))
    if as_json:
        _echo(total, found, held)
    else:
        click.echo("\n".join(_lines(total, found, held)))
    if found or differences:
        against = f"，与见证文件有 {differences} 处不符" if differences else ""
        raise Refused(f"{total} 条记录中有 {len(found)} 处不符{against}")


def _witness(file: Path) -> dict[str, Any]:
    from workflow.engine import seal

    try:
        return seal.read(file)
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} 不是见证文件，或已残缺") from error


def _echo(total: int, found: "list[Breach]", held: dict[Path, list[tuple[str, str, int]]]) -> None:
    breaches = [{"key": one.key, "case": one.case_id, "detail": one.detail} for one in found]
    differing = [
        {"file": file, "key": key, "case": number, "seq": seq}
        for file, differences in held.items()
        for number, key, seq in differences
    ]
    echo_json({"entries": total, "breaches": breaches, "witness": differing})


def _lines(total: int, found: "list[Breach]", held: dict[Path, list[tuple[str, str, int]]]) -> "Iterator[str]":
    for one in found:
        place = f"事项 {one.case_id}" if one.case_id else "管理记录"
        yield f"{place}：{BREACHES[one.key]} {one.detail}".rstrip()
    if not found:
        yield f"{total} 条流转记录、管理记录全部相符"
    for file, differences in held.items():
        for number, key, seq in differences:
            yield f"{file.name} {number} #{seq}：{WITNESS[key]}" if number else f"{file.name}：{WITNESS[key]}"
        if not differences:
            yield f"{file.name}：与见证相符"


@audit.command()
@click.argument("reference", metavar="CASE")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 | Write to a file")
@click.pass_obj
def export(door: Door, reference: str, out: Path | None) -> None:
    """导出一件，不用本系统也能核验 | One case as a file that is checked without the system

    用 docs/verifier/verify.py 核验。内有意见、材料和文书，妥善保管。
    Check it with docs/verifier/verify.py. It holds opinions, material and documents: keep it safe.
    """
    from workflow.engine import deeds
    from workflow.engine.export import export_case, write_whole
    from workflow.engine.permissions import SYSTEM
    from workflow.engine.queries import console

    with door.writing() as session, refusals():
        case = console.find(session, reference)
        found = export_case(session, case, door.instant(session))
        deeds.record(session, SYSTEM, door.instant(session), "case_exported", case=case.number)
    if out is None:
        echo_json(found)
        return
    try:
        write_whole(out, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise BadInput(f"{out} 不能写入：{error.strerror}") from error
    click.echo(f"{case.number} 流转记录 {len(found['entries'])} 条，已写入 {out}")


@audit.command("seal")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="文件夹，默认在数据文件夹 | Folder")
@click.pass_obj
def seal_(door: Door, out: Path | None) -> None:
    """封存当日，写出见证文件 | Seal the day and write its witness

    每日一次，重复运行结果相同。见证文件交上级机关保管，日后用 audit verify --witness 对照。
    Once a day; asking again gives the same. The authority above keeps the file.
    """
    from workflow.engine import seal

    with door.writing() as session:
        witness = seal.make(session, door.instant(session))
    try:
        path = seal.keep(witness, out or door.settings.data / "witness")
    except seal.WitnessDiffers as error:
        raise Refused(f"{error} 是同日的另一份见证，内容不同，未改动") from error
    except OSError as error:
        raise BadInput(f"见证文件不能写入：{error.strerror}") from error
    click.echo(f"{witness['day']} 封存 {len(witness['heads'])} 件，见证文件 {path}")
