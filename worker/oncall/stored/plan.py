"""What has to be written so that the table says what is wanted: row by row, each as it was read or not at all."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from worker.domain.errors import Rejected
from worker.domain.text import clean_line
from worker.oncall.definitions import Definitions
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import ZoneClock
from worker.oncall.stored.entities import (
    Entity,
    absence_entity,
    check_size,
    over,
    override_entity,
    person_entity,
    policy_entity,
    says,
    schedule_entities,
    service_entity,
    with_bookkeeping,
)
from worker.oncall.stored.keys import ABSENCES, Kind, Thing, thing_at
from worker.oncall.stored.reading import StoredDefinitions
from worker.oncall.stored.row import StoredRow

TOGETHER = 100  # rows in one transaction
_REMOVED_IN_ORDER = (Kind.SERVICE, Kind.POLICY, Kind.SCHEDULE, Kind.PERSON)
_DIGITS = 12
_DEFINING = ("layer", "people")

Operation = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who changes something, and when; by it a change whose answer was lost is known again."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Writing:
    """What changes in one partition; `is_new` where nobody reads any of it before its last row is there."""

    partition: str
    operations: tuple[Operation, ...]
    spoken: str
    is_new: bool = False
    is_removal: bool = False

    def transactions(self) -> Iterator[Sequence[Operation]]:
        """One, but for what nobody reads yet or any more: readers see no half. Raises Rejected."""
        if len(self.operations) > TOGETHER and not (self.is_new or self.is_removal):
            raise Rejected(
                f"{self.spoken} changes in {len(self.operations)} rows, and the table changes at most {TOGETHER} of "
                "them together; nothing was changed. Change it in several steps, such as one layer after the other."
            )
        # The row that makes it a thing is the first to go, and the last to come.
        operations = self.operations[::-1] if self.is_new else self.operations
        for start in range(0, len(operations), TOGETHER):
            yield operations[start : start + TOGETHER]


def plan(wanted: Definitions, seen: StoredDefinitions, removed: Iterable[Thing], stamp: Stamp) -> list[Writing]:
    """In an order in which nothing names what is not there yet, or no more. Raises Rejected: a row is too large."""
    people = {Thing(Kind.PERSON, name): person_entity(each) for name, each in wanted.people.items()}
    policies = {Thing(Kind.POLICY, name): policy_entity(each) for name, each in wanted.policies.items()}
    services = {Thing(Kind.SERVICE, name): service_entity(each) for name, each in wanted.services.items()}
    backwards = sorted(removed, key=lambda each: (_REMOVED_IN_ORDER.index(each.kind), each.name))
    found = [
        *(_thing(thing, [entity], seen, stamp) for thing, entity in people.items()),
        _absences(wanted, seen),
        *(_schedule(each, wanted, seen, stamp) for each in wanted.schedules.values()),
        *(_thing(thing, [entity], seen, stamp) for thing, entity in (policies | services).items()),
        *(_removal(thing, seen) for thing in backwards),
    ]
    return [writing for writing in found if writing and writing.operations]


def _schedule(schedule: Schedule, wanted: Definitions, seen: StoredDefinitions, stamp: Stamp) -> Writing | None:
    """Overrides and absences that stand there are people's: they stay, and new ones come beside them."""
    thing = Thing(Kind.SCHEDULE, schedule.name)
    partition = partition_of(thing, seen)
    beside = [
        *(override_entity(partition, each, schedule.clock, name) for name, each in _new_overrides(schedule, stamp)),
        *(absence_entity(each, each.person, partition) for each in wanted.own_absences(schedule.name)),
    ]
    once = {each["RowKey"]: each for each in beside}  # of what stands there twice the later counts
    return _thing(thing, schedule_entities(schedule), seen, stamp, list(once.values()))


def _thing(
    thing: Thing, entities: Sequence[Entity], seen: StoredDefinitions, stamp: Stamp, beside: Sequence[Entity] = ()
) -> Writing | None:
    """`entities` replace what defines the thing, the first of them is its own row; of `beside` what is new is added."""
    partition = partition_of(thing, seen)
    stored = {row.key: row for row in seen.of(partition)}
    its = next((row for row in stored.values() if row.key.casefold() == thing.kind), None)
    itself, *others = [each | {"PartitionKey": partition} for each in entities]
    operations = [*_defining(others, stored), *(("create", each) for each in beside if each["RowKey"] not in stored)]
    if its is not None and not operations and says(its, itself):
        return None
    whole = with_bookkeeping(itself, version=its.version + 1 if its else 1, by=stamp.by, at=stamp.at)
    for each in (whole, *others, *beside):
        check_size(each, str(thing))
    return Writing(partition, (put(whole, its), *operations), str(thing), is_new=its is None)


def _defining(wanted: Sequence[Entity], stored: Mapping[str, StoredRow]) -> Iterator[Operation]:
    """What has to change in a schedule's layers and people; a row that says the same stays as it is."""
    keys = {each["RowKey"] for each in wanted}
    for each in wanted:
        row = stored.get(each["RowKey"])
        if row is None or not says(row, each):
            yield put(each, row)
    for key, row in stored.items():
        if key not in keys and key.partition(":")[0].casefold() in _DEFINING:
            yield delete(row)


def _absences(wanted: Definitions, seen: StoredDefinitions) -> Writing | None:
    """Those that are new: what stands there is people's."""
    addresses = {key: person.email for key, person in (*seen.definitions.people.items(), *wanted.people.items())}
    entities = [
        absence_entity(each, addresses.get(each.person, each.person)) for each in wanted.absences if not each.key
    ]
    new = {each["RowKey"]: each for each in entities if (ABSENCES, each["RowKey"]) not in seen.by_keys}
    for each in new.values():
        check_size(each, "an absence")
    # Each stands for itself, so that any number of them may be written one after the other.
    return Writing(ABSENCES, tuple(("create", each) for each in new.values()), "the absences", is_new=True)


def _removal(thing: Thing, seen: StoredDefinitions) -> Writing:
    rows = sorted(seen.of(partition_of(thing, seen)), key=lambda row: row.key.casefold() != thing.kind)
    return Writing(rows[0].partition if rows else "", tuple(map(delete, rows)), str(thing), is_removal=True)


def partition_of(thing: Thing, seen: StoredDefinitions) -> str:
    """Where it stands, in whatever case its name was written; else where it is to stand."""
    partitions = sorted({row.partition for row in seen.rows})
    if thing.partition in partitions:
        return thing.partition
    return next((each for each in partitions if _is_at(thing, each)), thing.partition)


def _is_at(thing: Thing, partition: str) -> bool:
    there = thing_at(partition)
    return there is not None and (there.kind, clean_line(there.name).casefold()) == (thing.kind, thing.name.casefold())


def _new_overrides(schedule: Schedule, stamp: Stamp) -> Iterator[tuple[str, Override]]:
    """Those of a file, in its order, each by the name that it has in every import of it."""
    new = [each for each in schedule.overrides if not each.key]
    swaps = {
        name: _digest([each for each in new if each.swap == name], schedule) for name in {each.swap for each in new}
    }
    for number, each in enumerate(new):
        if each.start.instant(schedule.clock) >= each.end.instant(schedule.clock):
            continue  # the clock leaps over it, and the table would refuse to read it
        at = stamp.at + timedelta(microseconds=number)
        swap = swaps[each.swap] if each.swap else ""
        stamped = replace(each, swap=swap, created_by=stamp.by, created_at=at.isoformat())
        yield _digest([each], schedule), stamped


def _digest(overrides: Iterable[Override], schedule: Schedule) -> str:
    """Of what they do, without how they are called in a file."""
    told = sorted((*_effect(each, schedule.clock), bool(each.swap)) for each in overrides)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:_DIGITS]


def _effect(each: Override, clock: ZoneClock) -> tuple[str | int, ...]:
    return each.kind.value, each.person, each.replaces, each.start.instant(clock), each.end.instant(clock)


def put(entity: Entity, row: StoredRow | None) -> Operation:
    if row is None:
        return ("create", entity)
    return ("update", over(row, entity), {"mode": UpdateMode.REPLACE, **_as_read(row)})


def delete(row: StoredRow) -> Operation:
    return ("delete", {"PartitionKey": row.partition, "RowKey": row.key}, _as_read(row))


def _as_read(row: StoredRow) -> Mapping[str, object]:
    return {"etag": row.etag, "match_condition": MatchConditions.IfNotModified}
