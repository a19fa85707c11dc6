"""Named points of an act where a test may stop a thread, to try an interleaving on purpose instead of hoping for it."""

from collections.abc import Callable

_stop: Callable[[str], None] | None = None


def point(name: str) -> None:
    if _stop is not None:
        _stop(name)


def install(stop: Callable[[str], None] | None) -> None:
    global _stop  # noqa: PLW0603 - one hook for the process, set by tests only
    _stop = stop
