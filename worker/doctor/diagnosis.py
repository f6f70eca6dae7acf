"""Every examination at once, each bounded in time and none in the way of another."""

import asyncio
from datetime import timedelta

from worker.doctor.checks import EXAMINATIONS, Examine
from worker.doctor.finding import Diagnosis, Finding, wrong
from worker.domain.errors import TocsinError
from worker.settings import Settings

# What hangs is a finding too, and a person is waiting.
_LONGEST = timedelta(seconds=60)
_LONGEST_CALL = timedelta(seconds=20)


async def diagnose(settings: Settings, *, longest: timedelta = _LONGEST) -> Diagnosis:
    shorter = min(settings.call_timeout_seconds, _LONGEST_CALL)
    patient = settings.model_copy(update={"call_timeout_seconds": shorter})
    found = await asyncio.gather(*(_examined(area, patient, longest) for area in EXAMINATIONS))
    return Diagnosis(findings=tuple(finding for findings in found for finding in findings))


async def _examined(area: str, settings: Settings, longest: timedelta) -> list[Finding]:
    found: list[Finding] = []
    try:
        async with asyncio.timeout(longest.total_seconds()):
            await _collect(EXAMINATIONS[area], settings, found)
    except TimeoutError:
        what = f"No end of the examination within {longest.total_seconds():.0f} s."
        why = "A launch would wait as long, and be tried again."
        found.append(wrong(area, what, why=why, mend="Check the address and what lies on the way to it."))
    except TocsinError as error:
        found.append(wrong(area, str(error), why="It could not be examined.", mend="Mend what the sentence names."))
    return found


async def _collect(examine: Examine, settings: Settings, found: list[Finding]) -> None:
    async for finding in examine(settings):
        found.append(finding)  # noqa: PERF401 (what was found before a failure stays)
