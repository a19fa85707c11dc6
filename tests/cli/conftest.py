"""The commands take their instant from `--at` here, which only a demo accepts."""

import pytest


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINJIE_DEMO", "true")
