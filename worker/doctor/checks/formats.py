"""Formats of a house's own: that their maps were read, and where; what cannot be read is told by every start."""

from collections.abc import AsyncIterator

from worker.doctor.finding import CheckResult, well
from worker.settings import Settings

_AREA = "formats"


async def check_formats(settings: Settings) -> AsyncIterator[CheckResult]:
    if settings.formats:
        read = ", ".join(f"{each.format.name} ({each.place})" for each in settings.formats)
        yield well(_AREA, f"Read here, as the intake and every worker has to read them: {read}.")
