"""People who are on call for more nights in a row than anybody sleeps well after."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.spans import Span, common, joined, length
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import override_command
from worker.oncall.schedule.wall_clock import DAY, ZoneClock
from worker.oncall.wording import listed

KIND = "many-nights"
MOST_NIGHTS = 7
_EVENING, _LENGTH = 22 * 60, 9 * 60  # to 07:00
# Whoever hands over at 06:00, or goes at midnight, has had most of the night, or has it before them.
_COUNTS = 3 * 60


def find_long_runs(survey: Survey) -> Iterator[Finding]:
    for person, schedules in survey.by_person(lambda walk: walk.in_turn).items():
        nights = _nights(survey, schedules)
        run = _longest_run(nights)
        if len(run) > MOST_NIGHTS:
            yield _run(survey, person, nights, run)


def _nights(survey: Survey, schedules: Mapping[str, list[Span]]) -> dict[int, str]:
    """Those on which the person is on call, as days of the calendar, each with a schedule that has them."""
    found: dict[int, str] = {}
    for name, spans in schedules.items():
        for day in _nights_of(survey.walks[name].schedule.clock, spans):
            found.setdefault(day, name)
    return found


def _nights_of(clock: ZoneClock, spans: Sequence[Span]) -> list[int]:
    minutes: Counter[int] = Counter()
    for start, end in spans:
        for day in range(clock.reading(start) // DAY - 1, clock.reading(end) // DAY + 1):
            minutes[day] += length(common([_night(clock, day)], [(start, end)]))
    return [day for day, count in minutes.items() if count >= _COUNTS]


def _night(clock: ZoneClock, day: int) -> Span:
    evening = day * DAY + _EVENING
    return clock.reached(evening), clock.reached(evening + _LENGTH)


def _longest_run(nights: Mapping[int, str]) -> range:
    longest = range(0)
    for first, end in joined((day, day + 1) for day in nights):
        longest = max(longest, range(first, end), key=len)
    return longest


def _run(survey: Survey, person: str, nights: Mapping[int, str], run: range) -> Finding:
    names = list(dict.fromkeys(nights[day] for day in run))
    walk = survey.walks[names[0]]
    clock = walk.schedule.clock
    begins, between = _night(clock, run[0])[0], run[MOST_NIGHTS]
    command = override_command(nights[between], clock, _night(clock, between))
    return note(
        KIND,
        f"person:{person}",
        f"{survey.name(person)} is on call for {len(run)} nights in a row, from {walk.times.at(begins)} on "
        f"({listed(names)}).",
        why=f"More than {MOST_NIGHTS} nights wear people out.",
        remedy=f"Have somebody take a night between: {command}",
    )
