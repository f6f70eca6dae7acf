"""Definitions as a file: what is read again from it is the same, but for keys of rows and who made an override."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import yaml

from worker.oncall.definitions import Definitions, PersonRecord, Policy, ServiceRecord
from worker.oncall.reading.fields import NOTHING
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.layer import Change, Entry, Layer
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import DAY, NEVER, Minute

Form = Literal["yaml", "json"]
_WIDTH = 120


def write_definitions(definitions: Definitions, form: Form = "yaml") -> str:
    written = as_written(definitions)
    if form == "json":
        return json.dumps(written, ensure_ascii=False, indent=2) + "\n"
    return yaml.dump(written, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


class _Dumper(yaml.SafeDumper):
    """What holds single values alone stands in one line; what a list holds twice stands there twice."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "default_flow_style": None})

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def as_written(definitions: Definitions) -> dict[str, Any]:
    """In the shape that files and the vectors of schedules have."""
    everywhere = frozenset(definitions.absences)
    return _without_empty(
        people={key: _person(person) for key, person in definitions.people.items()},
        schedules={name: _schedule(schedule, everywhere) for name, schedule in definitions.schedules.items()},
        services={name: _service(service) for name, service in definitions.services.items()},
        policies={name: _policy(policy) for name, policy in definitions.policies.items()},
        absences=[_absence(each) for each in definitions.absences],
    )


def _without_empty(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value not in ("", (), [], {})}


def _person(person: PersonRecord) -> dict[str, Any]:
    return _without_empty(
        name=person.name if person.name != person.key else "",
        email=person.email,
        time_zone=person.time_zone,
        object_id=person.object_id,
        boards_identity=person.boards_identity,
        phone=person.phone,
        paging=person.paging,
    )


def _service(service: ServiceRecord) -> dict[str, Any]:
    return _without_empty(
        schedules=list(service.schedules),
        policies=list(service.policies),
        description=service.description,
        owner=service.owner,
        teams=list(service.teams),
        project=service.project,
        area_path=service.area_path,
        iteration_path=service.iteration_path,
        work_item_type=service.work_item_type,
        language=service.language,
        runbook=service.runbook,
        words=list(service.words),
    )


def _policy(policy: Policy) -> dict[str, Any]:
    hours = policy.hours
    return _without_empty(
        severities=list(policy.severities),
        levels=[
            {"notify": [str(target) for target in level.notify], "wait": _duration(level.wait)}
            for level in policy.levels
        ],
        repeat=policy.repeat or None,
        last_resort=[str(target) for target in policy.last_resort],
        ack_timeout=_duration(policy.ack_timeout) if policy.ack_timeout else None,
        hours={"time_zone": hours.time_zone, "windows": list(hours.windows.written)} if hours else None,
    )


def _duration(minutes: Minute) -> str:
    for length, unit in ((DAY, "d"), (60, "h")):
        if minutes % length == 0:
            return f"{minutes // length} {unit}"
    return f"{minutes} min"


def _schedule(schedule: Schedule, everywhere: frozenset[Absence]) -> dict[str, Any]:
    return _without_empty(
        time_zone=schedule.clock.name,
        description=schedule.description,
        layers=[_layer(layer) for layer in schedule.layers],
        overrides=list(_overrides(schedule.overrides)),
        absences=[_absence(each) for each in schedule.absences.all if each not in everywhere],
    )


def _layer(layer: Layer) -> dict[str, Any]:
    written = _without_empty(
        name=layer.name,
        priority=layer.priority or None,
        time_zone=layer.clock.name if layer.has_own_zone else None,
        starts=_moment(layer.starts),
        ends=_moment(layer.ends),
        every=str(layer.every) if layer.every else None,
        depth=layer.depth if layer.depth > 1 else None,
        windows=list(layer.windows.written) if layer.windows else None,
        changes=[_change(change) for change in layer.changes],
    )
    return {**written, "people": _people(layer.people)}


def _change(change: Change) -> dict[str, Any]:
    written = {"from": str(change.begins), "people": _people(change.people)}
    return written | ({"first": _entry(change.first)} if change.first else {})


def _people(people: Sequence[Entry]) -> list[Any]:
    return [_entry(entry) for entry in people]


def _entry(entry: Entry) -> Any:
    """In a list of its own a name is taken as it stands."""
    if not entry:
        return None
    [first, *others] = entry
    is_plain = not others and " + " not in first and first.casefold() not in NOTHING
    return first if is_plain else list(entry)


def _overrides(overrides: Sequence[Override]) -> Iterator[dict[str, Any]]:
    number = 0
    while number < len(overrides):
        pair = overrides[number : number + 2]
        if _is_swap(pair):
            yield _swap(*pair)
            number += 2
        else:
            yield _override(overrides[number])
            number += 1


def _is_swap(pair: Sequence[Override]) -> bool:
    """Two halves, one behind the other: as they are made and read."""
    if len(pair) != 2 or not pair[0].swap or pair[0].swap != pair[1].swap:  # noqa: PLR2004 (halves)
        return False
    first, second = pair
    is_mutual = (first.person, first.replaces) == (second.replaces, second.person)
    return is_mutual and first.reason == second.reason and {first.kind, second.kind} == {Kind.REPLACE}


def _swap(first: Override, second: Override) -> dict[str, Any]:
    halves = [{"person": half.replaces, "from": str(half.start), "to": str(half.end)} for half in (first, second)]
    return _without_empty(swap=halves, reason=first.reason)


def _override(override: Override) -> dict[str, Any]:
    span = {"from": str(override.start), "to": str(override.end), "person": override.person}
    return span | _without_empty(
        replaces=override.replaces, add=True if override.kind is Kind.ADD else None, reason=override.reason
    )


def _absence(absence: Absence) -> dict[str, Any]:
    until = str(Moment(absence.end, is_instant=True)) if absence.end < NEVER else None
    start = str(Moment(absence.start, is_instant=True))
    return _without_empty(**{"person": absence.person, "from": start, "to": until, "reason": absence.reason})


def _moment(moment: Moment | None) -> str | None:
    return str(moment) if moment else None
