"""Definitions as rows of the table of schedules, each column of the type that people read and mend it in."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from azure.data.tables import EdmType, EntityProperty
from pydantic import TypeAdapter

from worker.domain.errors import Rejected
from worker.oncall.definitions import PersonRecord, Policy, ServiceRecord
from worker.oncall.reading.fields import People, read_entry
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.layer import Entry, Layer
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER, ZoneClock, instant_at
from worker.oncall.stored.keys import ABSENCES, Kind, Thing, key_of, utc
from worker.oncall.stored.row import StoredRow, row_of
from worker.oncall.stored.schedules import FIRST_LIST

Entity = dict[str, Any]

# What the store takes: a String, a row, a key (in UTF-16, two bytes a unit).
_TEXT_LIMIT = 32 * 1024
_ROW_LIMIT = 1024 * 1024
_KEY_LIMIT = 512
_PERSON = ("name", "email", "time_zone", "object_id", "boards_identity", "phone", "paging")
_PLACE = ("project", "area_path", "iteration_path", "work_item_type", "language")
_SERVICE_TEXTS = ("description", "owner", *_PLACE, "runbook")
_SERVICE_LISTS = ("schedules", "policies", "teams", "words")
_PEOPLE: TypeAdapter[tuple[Entry, ...]] = TypeAdapter(People)
_BOOKKEEPING = ("version", "changed_by", "changed_at")
# By the first word of a row's key: the columns that a definition fills.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "person": _PERSON,
    "service": (*_SERVICE_TEXTS, *_SERVICE_LISTS),
    "policy": ("levels", "severities", "repeat", "last_resort", "ack_timeout", "hours"),
    "schedule": ("time_zone", "description"),
    "layer": ("place", "priority", "time_zone", "starts", "ends", "every", "depth", "windows"),
    "people": ("people", "from", "first"),
}


def person_entity(person: PersonRecord) -> Entity:
    columns = {name: getattr(person, name) for name in _PERSON}
    return _entity(Thing(Kind.PERSON, person.key).keys, columns)


def service_entity(service: ServiceRecord) -> Entity:
    columns = {name: getattr(service, name) for name in _SERVICE_TEXTS}
    columns |= {name: _listed(getattr(service, name)) for name in _SERVICE_LISTS}
    return _entity(Thing(Kind.SERVICE, service.name).keys, columns)


def policy_entity(policy: Policy) -> Entity:
    levels = [{"notify": [str(each) for each in level.notify], "wait": _minutes(level.wait)} for level in policy.levels]
    columns = {
        "levels": json.dumps(levels, ensure_ascii=False),
        "severities": ",".join(map(str, policy.severities)),
        "repeat": policy.repeat,
        "last_resort": "; ".join(map(str, policy.last_resort)),
        "ack_timeout": "" if policy.ack_timeout is None else _minutes(policy.ack_timeout),
        "hours": "; ".join((policy.hours.time_zone, *policy.hours.windows.written)) if policy.hours else "",
    }
    return _entity(Thing(Kind.POLICY, policy.name).keys, columns)


def schedule_entities(schedule: Schedule) -> list[Entity]:
    """What its definition says: itself, its layers and their people; without overrides and absences."""
    partition, itself = Thing(Kind.SCHEDULE, schedule.name).keys
    columns = {"time_zone": schedule.clock.name, "description": schedule.description}
    found = [_entity((partition, itself), columns)]
    for place, layer in enumerate(schedule.layers):
        found += _layer_entities(partition, place, layer)
    return found


def override_entity(partition: str, override: Override, clock: ZoneClock, name: str) -> Entity:
    """`name` tells it from others that begin then; one that stands in a row stays there."""
    start, end = override.start.instant(clock), override.end.instant(clock)
    columns: Entity = {
        "kind": override.kind.value,
        "person": override.person,
        "replaces": override.replaces,
        "reason": override.reason,
        "created_by": override.created_by,
        "swap": override.swap,
        "from": instant_at(start),
        "to": instant_at(end),
    }
    if override.created_at:
        columns["created_at"] = datetime.fromisoformat(override.created_at)
    return _entity((partition, override.key or f"override:{utc(start)}:{name}"), columns)


def absence_entity(absence: Absence, address: str, partition: str = ABSENCES) -> Entity:
    """`partition`: a schedule's for one that counts there alone."""
    key = absence.key or key_of(f"{address}:{utc(absence.start)}")
    columns: Entity = {"person": absence.person, "reason": absence.reason, "from": instant_at(absence.start)}
    if absence.end < NEVER:
        columns["to"] = instant_at(absence.end)
    of_one = "" if partition == ABSENCES else "absence:"
    return _entity((partition, f"{of_one}{key}"), columns)


def says(row: StoredRow, entity: Entity) -> bool:
    """Whether the row says the same already, however people spelt it."""
    columns = _columns(row)
    wanted = row_of(entity).named(*columns)
    return row.named(*columns) == wanted and all(row.holds(name) for name in columns if name in entity)


def over(row: StoredRow, entity: Entity) -> Entity:
    """The entity in the row's place, with what stands there in columns that are not ours."""
    return {**row.beside(*_columns(row), *_BOOKKEEPING), **entity, "PartitionKey": row.partition, "RowKey": row.key}


def _columns(row: StoredRow) -> Sequence[str]:
    return _COLUMNS.get(row.key.partition(":")[0].casefold(), ())


def with_bookkeeping(entity: Entity, *, version: int, by: str, at: datetime) -> Entity:
    return entity | {"version": EntityProperty(version, EdmType.INT64), "changed_by": by, "changed_at": at}


def check_size(entity: Entity, of_what: str) -> None:
    """Raises Rejected, naming what the store would not take."""
    for key in (entity["PartitionKey"], entity["RowKey"]):
        if _units(key) > _KEY_LIMIT:
            raise Rejected(f"{of_what}: the name {key[:40]!r}… is too long for a key of the table. Shorten it.")
    texts = {name: value for name, value in entity.items() if isinstance(value, str)}
    for name, text in texts.items():
        if _units(text) > _TEXT_LIMIT:
            raise Rejected(
                f"{of_what}: {name} of the row {entity['RowKey']} has {_units(text)} characters, and a cell of the "
                f"table holds {_TEXT_LIMIT}. Shorten it."
            )
    if sum(2 * (_units(name) + _units(text)) for name, text in texts.items()) > _ROW_LIMIT:
        raise Rejected(f"{of_what}: the row {entity['RowKey']} is larger than the megabyte that the table holds.")


def _layer_entities(partition: str, place: int, layer: Layer) -> Iterator[Entity]:
    columns = {
        "place": place,
        "priority": layer.priority,
        "time_zone": layer.clock.name if layer.has_own_zone else "",
        "starts": str(layer.starts or ""),
        "ends": str(layer.ends or ""),
        "every": str(layer.every or ""),
        "depth": layer.depth,
        "windows": str(layer.windows or ""),
    }
    yield _entity((partition, f"layer:{layer.name}"), columns)
    yield _entity((partition, f"people:{layer.name}:{FIRST_LIST}"), {"people": _people(layer.people)}, keep="people")
    # Of two at the same instant the later of the list counts.
    by_instant = {change.begins.instant(layer.clock): change for change in layer.changes}
    for instant, change in by_instant.items():
        columns = {"from": str(change.begins), "people": _people(change.people)}
        columns["first"] = "" if change.first is None else _one_entry(change.first)
        yield _entity((partition, f"people:{layer.name}:{utc(instant)}"), columns, keep="people")


def _entity(keys: tuple[str, str], columns: Mapping[str, Any], keep: str = "") -> Entity:
    """Without blank columns, but for one that means something when it is blank."""
    filled = {name: value for name, value in columns.items() if value != "" or name == keep}
    return {"PartitionKey": keys[0], "RowKey": keys[1], **filled}


def _people(people: Sequence[Entry]) -> str:
    """`ada; ben + cem; -`; as JSON where names would be read as something else."""
    return _readable("; ".join(_entry(entry) for entry in people), tuple(people), _PEOPLE.validate_python)


def _entry(entry: Entry) -> str:
    return " + ".join(entry) or "-"


def _one_entry(entry: Entry) -> str:
    return _readable(_entry(entry), entry, read_entry)


def _listed(names: Sequence[str]) -> str:
    def read(text: str) -> tuple[str, ...]:
        return tuple(each.strip() for each in text.split(";") if each.strip())

    return _readable("; ".join(names), tuple(names), read)


def _readable(text: str, meant: Sequence[Any], read: Callable[[str], Sequence[Any]]) -> str:
    try:
        if read(text) == meant and not text.startswith("["):
            return text
    except ValueError:
        pass
    return json.dumps(meant, ensure_ascii=False)


def _minutes(minutes: int) -> str:
    return f"{minutes} min"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
