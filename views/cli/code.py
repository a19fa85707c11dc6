"""`code`: is this a credit code that a registrar can have issued?"""

import click

from views.cli.door import Refused, as_json, echo_json


@click.group()
def code() -> None:
    """查验统一社会信用代码 | Unified social credit codes"""


@code.command()
@click.argument("text", metavar="CODE")
@as_json
def check(text: str, as_json: bool) -> None:
    """查验一个代码 | Check one code

    不合编码规则时退出状态为 1，仅有疑点时为 0。
    Status 1 when the code is refused, 0 with mere doubts.
    """
    from workflow.reasons import TEXTS
    from workflow.rules import credit_code

    result = credit_code.check(text)
    refusals, warnings = (
        [{"key": key, "text": TEXTS[key]} for key in keys] for keys in (result.refusals, result.warnings)
    )
    if as_json:
        echo_json({"code": result.code, "ok": result.ok, "refusals": refusals, "warnings": warnings})
    elif result.ok:
        click.echo("\n".join([f"{result.code} 符合编码规则", *(f"注意：{warning['text']}" for warning in warnings)]))
    if not result.ok:
        raise Refused(f"{result.code}：" + "；".join(refusal["text"] for refusal in refusals))
