"""The system's Chromium, else playwright's own, with Chinese fonts even where the system has none."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "microsoft-edge")
"""First Chromium without its windows: pages are shown and run by the same code, in three fifths of the time."""
QUIET = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]

FONTS = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@contextmanager
def running_chromium(folder: Path) -> Generator[Browser]:
    """Start it with a font configuration written to `folder`."""
    # Chromium's sandbox refuses root.
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    program = next(filter(None, map(shutil.which, NAMES)), None)
    environment: dict[str, str | float] = {**os.environ, "FONTCONFIG_FILE": str(_font_configuration(folder))}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments, env=environment)
        yield browser
        browser.close()


def _font_configuration(folder: Path) -> Path:
    package = find_spec("pylopdf_fonts_zh_cn")
    if package is None or package.origin is None:
        raise RuntimeError("the font package of the test requirements is not installed")
    configuration = folder / "fonts.conf"
    configuration.write_text(FONTS.format(fonts=Path(package.origin).parent, cache=folder / "cache"))
    return configuration
