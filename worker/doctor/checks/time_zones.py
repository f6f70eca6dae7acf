"""Time zones: whether there are any, and which release says when clocks are changed."""

import re
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH

from worker.doctor.finding import CheckResult, well, wrong
from worker.settings import Settings

_AREA = "time zones"
_PACKAGE = "tzdata"
_ANY = "Europe/Berlin"
# The files in which systems say which release their zones are of.
_RELEASES = ("tzdata.zi", "+VERSION", "version")
_RELEASE = re.compile(r"(?:# version )?(\d{4}[a-z]{1,2})\b", re.ASCII)


async def check_time_zones(settings: Settings) -> AsyncIterator[CheckResult]:  # noqa: ARG001 (as every check)
    where, release = source(tuple(map(Path, TZPATH)))
    if where:
        yield well(_AREA, f"Time zones are those of {where}, release {release or 'unknown'}.")
        return
    yield wrong(
        _AREA,
        "This machine has no time zones.",
        why="No schedule can be read, and nobody is called by one.",
        remedy=f"Install the package {_PACKAGE}, of the system or of Python, and restart the workers.",
    )


def source(folders: tuple[Path, ...]) -> tuple[str, str]:
    """Where the zones are read from, the first that has any, and which release they are; empty where it is not said."""
    for folder in folders:
        if (folder / _ANY).is_file():
            return str(folder), _release(folder)
    try:
        return f"the package {_PACKAGE}", version(_PACKAGE)
    except PackageNotFoundError:
        return "", ""


def _release(folder: Path) -> str:
    for name in _RELEASES:
        path = folder / name
        if path.is_file():
            with path.open(encoding="ascii", errors="replace") as file:
                if found := _RELEASE.match(file.readline(100)):
                    return found[1]
    return ""
