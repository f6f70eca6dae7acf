"""Escalations in the form of the public vectors, with what those leave out; the answers are those of `rehearse`."""

import json
from pathlib import Path

from escalations import SEARCH, case, level, rehearsed

PUBLIC = json.loads((Path(__file__).parents[1] / "unit/oncall/examples/on-call-vectors.json").read_text())

_FIRST, _SECOND, _BOSS = level("5 min", "schedule:search#1"), level("10 min", "person:ole"), ["person:uma"]
_ALL = {"levels": [_FIRST, _SECOND], "last_resort": _BOSS, "ack_timeout": "15 min"}
_UNCOVERED = {**_ALL, "levels": [level("5 min", "schedule:later")]}
_CALM = {"severities": [3, 4, 5], "levels": [_FIRST, _SECOND], "last_resort": _BOSS}
# The clock goes from 01:59 to 03:00 in that night, so that the hours begin at 03:00.
_SPRING = {"time_zone": "Europe/Berlin", "windows": ["sun 02:30-12:00"]}
_LATER = {"time_zone": "UTC", "layers": [{"starts": "2027-05-05T10:12", "every": "1 week", "people": ["ines", "jon"]}]}


def _named(name, given, **more):
    given |= more
    expected = rehearsed(given).document()
    return {"name": name, **given, "expect": expected["told"], "end": expected["end"]}


OWN = (
    _named("time-runs-out-twice", case({"all": _ALL}, ["10:02 acknowledge jon", "10:20 acknowledge ines"], "10:50")),
    _named(
        "hours-begin-as-the-clock-is-set",
        case(
            {"calm": {**_CALM, "hours": _SPRING}},
            schedules={"search": {**SEARCH, "layers": [{**SEARCH["layers"][0], "starts": "2027-01-04T09:00"}]}},
            severity=3,
            opened_at="2027-03-28T00:50Z",
        ),
        until="2027-03-28T01:30Z",
    ),
    _named("a-shift-begins-for-what-nobody-had", case({"all": _UNCOVERED}, until="10:30", schedules={"later": _LATER})),
    _named(
        "worse-at-night",
        case(
            {
                "calm": {**_CALM, "hours": {"time_zone": "UTC", "windows": ["mon-fri 12:00-17:00"]}},
                "urgent": {"severities": [1, 2], "levels": [_SECOND, _FIRST], "last_resort": _BOSS},
            },
            [{"at": "2027-05-05T10:07Z", "type": "severity", "by": "kai", "severity": 1}],
            "10:40",
            severity=4,
        ),
    ),
    _named("by-hand-while-acknowledged", case({"all": _ALL}, ["10:02 acknowledge jon", "10:06 escalate jon"], "10:30")),
    _named("nobody-at-all", case({"all": {"levels": [level("5 min", "schedule:search#3")]}}, until="10:20")),
    _named("handed-back", case({"all": _ALL}, ["10:07 acknowledge ole", "10:09 unacknowledge ole"], "10:40")),
    _named(
        "again-and-mended",
        case({"all": {**_ALL, "repeat": 1}}, ["10:17 mitigate kai", "10:22 relapse kai", "10:30 resolve kai"], "10:50"),
    ),
    _named("reopened", case({"all": _ALL}, ["10:03 resolve kai", "10:08 reopen kai"], "10:40")),
)  # fmt: skip
VECTORS = (*PUBLIC["escalations"], *OWN)
