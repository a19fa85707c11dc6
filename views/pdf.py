"""PDF files: a template of `templates/pdf` filled with data by typst, with the font that comes as a package."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "pdf"


def rendered(name: str, data: dict[str, Any]) -> bytes:
    """Equal data give equal bytes wherever this runs: no font of the system is looked at."""
    import typst  # late: it is large, and most pages need none of it

    shown = json.dumps(data, ensure_ascii=False, default=str)
    return typst.compile(
        TEMPLATES / f"{name}.typ", font_paths=[_fonts()], ignore_system_fonts=True, sys_inputs={"data": shown}
    )


@cache
def _fonts() -> Path:
    package = find_spec("pylopdf_fonts_zh_cn")
    if package is None or package.origin is None:
        raise RuntimeError("the font package of the requirements is not installed")
    return Path(package.origin).parent
