"""Every check at once, each bounded in time and none in the way of another."""

import asyncio
from datetime import timedelta

from worker.doctor.checks import CHECKS, RunCheck
from worker.doctor.finding import CheckResult, Diagnosis, Verdict, planted, wrong
from worker.domain.errors import TocsinError
from worker.settings import Settings

# What hangs is a result too, and a person is waiting.
_LONGEST = timedelta(seconds=60)
_LONGEST_CALL = timedelta(seconds=20)


async def diagnose(settings: Settings, *, longest: timedelta = _LONGEST) -> Diagnosis:
    shorter = min(settings.call_timeout_seconds, _LONGEST_CALL)
    patient = settings.model_copy(update={"call_timeout_seconds": shorter})
    found = await asyncio.gather(*(_run_check(area, patient, longest) for area in CHECKS))
    return Diagnosis(results=tuple(_judged(result, settings) for results in found for result in results))


def _judged(result: CheckResult, settings: Settings) -> CheckResult:
    """What stand-ins do not know on purpose hides nothing of a real system."""
    is_planted = settings.credential == "anonymous" and result.about.casefold() in settings.sandbox_planted
    return planted(result) if is_planted and result.verdict is Verdict.WRONG else result


async def _run_check(area: str, settings: Settings, longest: timedelta) -> list[CheckResult]:
    found: list[CheckResult] = []
    try:
        async with asyncio.timeout(longest.total_seconds()):
            await _collect(CHECKS[area], settings, found)
    except TimeoutError:
        what = f"No end of the check within {longest.total_seconds():.0f} s."
        why = "A launch would wait as long, and be tried again."
        found.append(wrong(area, what, why=why, remedy="Check the address and what lies on the way to it."))
    except TocsinError as error:
        found.append(wrong(area, str(error), why="It could not be checked.", remedy="Mend what the sentence names."))
    return found


async def _collect(check: RunCheck, settings: Settings, found: list[CheckResult]) -> None:
    async for result in check(settings):
        found.append(result)  # noqa: PERF401 (what was found before a failure stays)
