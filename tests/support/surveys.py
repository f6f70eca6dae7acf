"""Definitions as people write them, surveyed from a Monday morning on."""

from datetime import datetime
from typing import Any

from worker.oncall.findings.survey import Survey
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import minute_of

BERLIN = "Europe/Berlin"
PEOPLE = {name: {"name": name.title(), "email": f"{name}@x.example"} for name in ("ines", "jon", "kai", "lia")}


def survey(
    at: str = "2027-05-03T08:00Z", *, days: int = 30, seen: dict[str, Any] | None = None, **given: Any
) -> Survey:
    """`seen`: what a survey has beside the definitions."""
    definitions = build(GivenDefinitions.model_validate({"people": PEOPLE, **given}))
    return Survey(definitions, minute_of(datetime.fromisoformat(at)), days, **(seen or {}))


def scheduled(*layers: dict[str, Any], zone: str = BERLIN, **more: Any) -> dict[str, Any]:
    """One schedule, of the name `checkout`."""
    return {"checkout": {"time_zone": zone, "layers": list(layers), **more}}


def weekly(*people: Any, **more: Any) -> dict[str, Any]:
    """A layer in which the people take turns of a week, from that Monday on."""
    return {"name": "week", "starts": "2027-05-03T09:00", "every": "1 week", "people": list(people), **more}
