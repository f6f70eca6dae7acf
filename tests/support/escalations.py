"""Escalations as a few words: a case as a file holds it, and what is told as lines such as `10:05 1.2 jon ole`."""

from worker.oncall.escalation.directory import directory_of
from worker.oncall.escalation.rehearsal import rehearse
from worker.oncall.reading.build import build, spelling_of
from worker.oncall.reading.given_case import GivenCase
from worker.oncall.schedule.wall_clock import instant_at

DAY = "2027-05-05"  # a Wednesday
SEARCH = {
    "time_zone": "UTC",
    "layers": [{"starts": "2027-05-03T09:00", "every": "1 week", "people": ["ines", "jon", "kai"], "depth": 2}],
}


def moment(text):
    """`10:05` of the day, `+1 08:00` of the next one."""
    days, _, time = text.rpartition(" ")
    return f"2027-05-{5 + int(days or 0):02}T{time}Z"


def level(wait, *notify):
    return {"notify": list(notify), "wait": wait}


def happening(text, **more):
    """`10:05 acknowledge jon`, `+1 10:05 resolve`, with what else the event says."""
    words = text.split()
    days = words.pop(0) if text.startswith("+") else "+0"
    return {"at": moment(f"{days} {words[0]}"), "type": words[1], "by": "".join(words[2:]), **more}


def case(policies, events=(), until="12:00", schedules=None, **incident):
    opened = {"severity": 2, "opened_at": moment("10:00"), **incident}
    return {
        "schedules": {"search": SEARCH, **(schedules or {})},
        "policies": policies,
        "incident": opened,
        "events": [happening(each) if isinstance(each, str) else each for each in events],
        "until": moment(until),
    }


def parts(given):
    """What `rehearse` takes."""
    read = GivenCase.model_validate(given)
    definitions = build(read)
    spelling = spelling_of(definitions.people.values())
    incident = read.incident.incident(read.roles, spelling)
    directory = directory_of(definitions, incident.service)
    return directory, incident, [event.event(spelling) for event in read.events], read.until.minute


def rehearsed(given):
    return rehearse(*parts(given))


def lines(found):
    return [line(each) for each in found.told]


def line(told):
    at = instant_at(told.at)
    when = f"{at:%H:%M}" if f"{at:%Y-%m-%d}" == DAY else f"+{at.day - 5} {at:%H:%M}"
    where = "last" if told.place.is_last_resort else f"{told.place.round}.{told.place.level}"
    return " ".join([when, where, *(told.people or ("skipped" if told.is_skipped else "NOBODY",))])
