"""What still needs a thing that somebody wants to take out: from now on, for what is over may name whom it likes."""

from collections.abc import Callable, Iterator, Mapping

from worker.oncall.definitions import Definitions, NotifyTarget, Policy
from worker.oncall.schedule.layer import Entry, Layer
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.stored.keys import Kind, Thing


def references_to(thing: Thing, definitions: Definitions, now: Minute) -> list[str]:
    """As they are spoken of: `the layer week of checkout`."""
    finders: Mapping[Kind, Callable[[str, Definitions, Minute], Iterator[str]]] = {
        Kind.PERSON: _to_person,
        Kind.SCHEDULE: _to_schedule,
        Kind.POLICY: _to_policy,
    }
    find = finders.get(thing.kind)
    return list(dict.fromkeys(find(thing.name, definitions, now))) if find else []


def _to_person(person: str, definitions: Definitions, now: Minute) -> Iterator[str]:
    for schedule in definitions.schedules.values():
        for layer in schedule.layers:
            if any(person in entry for people in _lists_from(layer, now) for entry in people):
                yield f"the layer {layer.name} of {schedule.name}"
        if any(person in (each.person, each.replaces) for each in _overrides_from(schedule, now)):
            yield f"an override of {schedule.name}"
    yield from _policies_telling("person", person, definitions)


def _to_schedule(name: str, definitions: Definitions, now: Minute) -> Iterator[str]:
    del now
    for service in definitions.services.values():
        if name.casefold() in map(str.casefold, service.schedules):
            yield f"the service {service.name}"
    yield from _policies_telling("schedule", name, definitions)


def _to_policy(name: str, definitions: Definitions, now: Minute) -> Iterator[str]:
    del now
    for service in definitions.services.values():
        if name.casefold() in map(str.casefold, service.policies):
            yield f"the service {service.name}"


def _policies_telling(kind: str, name: str, definitions: Definitions) -> Iterator[str]:
    for policy in definitions.policies.values():
        if any((each.kind, each.name.casefold()) == (kind, name.casefold()) for each in _targets(policy)):
            yield f"the policy {policy.name}"


def _targets(policy: Policy) -> Iterator[NotifyTarget]:
    for level in policy.levels:
        yield from level.notify
    yield from policy.last_resort


def _lists_from(layer: Layer, now: Minute) -> Iterator[tuple[Entry, ...]]:
    """The list that counts now, and all later ones."""
    if layer.ends is not None and layer.ends.instant(layer.clock) <= now:
        return
    dated = sorted((change.begins.instant(layer.clock), change.people) for change in layer.changes)
    current = layer.people
    for instant, people in dated:
        if instant <= now:
            current = people
        else:
            yield people
    yield current


def _overrides_from(schedule: Schedule, now: Minute) -> Iterator[Override]:
    return (each for each in schedule.overrides if each.end.instant(schedule.clock) > now)
