"""Definitions, overrides and absences written to the table of schedules: whoever was slower than another is told."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from worker.domain.errors import Rejected, TocsinError
from worker.observability import telemetry
from worker.oncall.definitions import Definitions
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.stored.entities import Entity, absence_entity, check_size, override_entity, with_bookkeeping
from worker.oncall.stored.keys import ABSENCES, IMPORT, Kind, Thing, thing_at, utc
from worker.oncall.stored.plan import Operation, Stamp, Writing, delete, partition_of, plan, put
from worker.oncall.stored.reading import StoredDefinitions
from worker.oncall.stored.row import StoredRow, row_of
from worker.oncall.stored.table import ADVICE, SchedulesTable
from worker.storage.sdk_errors import FAILURES, is_conflict, translated

_AGAIN = "Look at what stands there now, and do it again if it is still right."


class ChangedMeanwhile(Rejected):
    """Somebody else has changed what was to be changed."""


class SchedulesWriter:
    """`by` is who does it. Each thing changes at once and as it was read, or not at all."""

    def __init__(self, table: SchedulesTable, by: str) -> None:
        self._table = table
        self._by = by

    async def replace(
        self, wanted: Definitions, seen: StoredDefinitions, removed: Collection[Thing] = ()
    ) -> tuple[str, ...]:
        """Make what is wanted stand there, beside all else that does; which things that changed, as they are spoken of.

        `seen` is what the wish was made from. Overrides and absences that stand there stay; new ones are added.
        Raises ChangedMeanwhile where somebody has changed one of these things since; then nothing was changed.
        Raises TocsinError, whose sentence says what was changed before the table did not answer.
        """
        stamp = Stamp(self._by, datetime.now(UTC))
        writings = plan(wanted, seen, removed, stamp)
        prepared = [(writing, list(writing.transactions())) for writing in writings]
        if not prepared:
            return ()
        if not seen.rows:
            await self._table.create()
        done: list[str] = []
        try:
            _refuse_changed(writings, seen, await self._table.stored())
            if len(prepared) > 1:
                await self._write("the set of definitions", [_guard(seen, stamp)])
            for writing, transactions in prepared:
                for operations in transactions:
                    await self._write(writing.spoken, operations)
                done.append(writing.spoken)
        except TocsinError as error:
            raise type(error)(f"{error} {_so_far(done)}") from error
        return tuple(done)

    async def replace_schedule(self, schedule: Schedule, if_version: int) -> None:
        """Raises ChangedMeanwhile where another version of it stands there; 0 is that of none."""
        seen = await self._table.stored()
        thing = Thing(Kind.SCHEDULE, schedule.name)
        row = seen.by_keys.get((partition_of(thing, seen), thing.keys[1]))
        if (row.version if row else 0) != if_version:
            raise _changed(str(thing), row)
        await self.replace(Definitions(schedules={schedule.name: schedule}), seen)

    async def add_overrides(self, schedule: str, overrides: Sequence[Override]) -> tuple[Override, ...]:
        """Those that belong together, such as a swap's two, at once; as they are stored. Raises Rejected."""
        seen = await self._table.stored()
        known, partition = _schedule(schedule, seen)
        now = datetime.now(UTC)
        swap = secrets.token_hex(4) if any(each.swap for each in overrides) else ""
        made: list[Override] = []
        entities: list[Entity] = []
        for number, each in enumerate(overrides):
            _check_lasts(each, known)
            at = (now + timedelta(microseconds=number)).isoformat()
            stamped = replace(each, created_by=self._by, created_at=at, swap=swap if each.swap else "", key="")
            entity = override_entity(partition, stamped, known.clock, secrets.token_hex(4))
            check_size(entity, "the override")
            made.append(replace(stamped, key=entity["RowKey"]))
            entities.append(entity)
        await self._write(f"the schedule {known.name!r}", [("create", entity) for entity in entities])
        return tuple(made)

    async def delete_override(self, schedule: str, key: str) -> tuple[Override, ...]:
        """Take it out, and the other half of a swap with it; what was taken out. Raises Rejected where it is gone."""
        seen = await self._table.stored()
        known, partition = _schedule(schedule, seen)
        asked = next((each for each in known.overrides if each.key == key), None)
        if asked is None:
            raise Rejected(f"The schedule {known.name!r} has no override {key!r}, or has it no more.")
        gone = tuple(each for each in known.overrides if each is asked or (asked.swap and each.swap == asked.swap))
        operations = [delete(seen.by_keys[partition, each.key]) for each in gone]
        await self._write(f"the schedule {known.name!r}", operations)
        return gone

    async def add_absence(self, absence: Absence) -> Absence:
        """As it is stored. Raises Rejected where one of this person that begins then stands there."""
        seen = await self._table.stored()
        if not seen.rows:
            await self._table.create()
        person = seen.definitions.people.get(absence.person)
        entity = absence_entity(replace(absence, key=""), person.email if person else absence.person)
        check_size(entity, "the absence")
        if (ABSENCES, entity["RowKey"]) in seen.by_keys:
            raise Rejected(
                f"{absence.person} is away from {utc(absence.start)} on already. Take that absence out first."
            )
        await self._write(f"the absence of {absence.person}", [("create", entity)])
        return replace(absence, key=entity["RowKey"])

    async def delete_absence(self, key: str) -> Absence:
        """What was taken out. Raises Rejected where it is gone."""
        seen = await self._table.stored()
        gone = next((each for each in seen.definitions.absences if each.key == key), None)
        row = seen.by_keys.get((ABSENCES, key))
        if gone is None or row is None:
            raise Rejected(f"There is no absence {key!r}, or it is there no more.")
        await self._write(f"the absence of {gone.person}", [delete(row)])
        return gone

    async def delete_row(self, keys: tuple[str, str]) -> None:
        """Take a row out whatever it says, such as one that cannot be read. Raises Rejected where it is gone."""
        row = (await self._table.stored()).by_keys.get(keys)
        if row is None:
            raise Rejected(f"There is no row {'/'.join(keys)}, or it is there no more.")
        await self._write(f"the row {'/'.join(keys)}", [delete(row)])

    async def _write(self, spoken: str, operations: Sequence[Operation]) -> None:
        doing = f"write {spoken} to the table of schedules {self._table.client.table_name!r}"
        with telemetry.remote_call("tables", "write", doing):
            try:
                await self._table.client.submit_transaction(operations)
            except FAILURES as error:
                if not is_conflict(error):
                    raise translated(error, doing, ADVICE) from error
            else:
                return
        await self._look_whose(spoken, operations)

    async def _look_whose(self, spoken: str, operations: Sequence[Operation]) -> None:
        """A write whose answer was lost is refused when it is sent again, and is ours all the same."""
        stored = (await self._table.stored()).by_keys
        if all(_is_done(operation, stored) for operation in operations):
            return
        rows = (stored.get((entity["PartitionKey"], entity["RowKey"])) for _, entity, *_ in operations)
        raise _changed(spoken, next((row for row in rows if row), None))


def _is_done(operation: Operation, stored: Mapping[tuple[str, str], StoredRow]) -> bool:
    kind, entity, *_ = operation
    row = stored.get((entity["PartitionKey"], entity["RowKey"]))
    return row is None if kind == "delete" else row is not None and row.columns == row_of(entity).columns


def _refuse_changed(writings: Sequence[Writing], seen: StoredDefinitions, now: StoredDefinitions) -> None:
    """Before anything is written: what a write would be refused for. Raises ChangedMeanwhile."""
    for writing in writings:
        for _, entity, *_ in writing.operations:
            keys = entity["PartitionKey"], entity["RowKey"]
            if _etag(seen, keys) != _etag(now, keys):
                changed = [row for row in now.of(writing.partition) if row.etag != _etag(seen, row.keys)]
                by_program = [row for row in changed if row.named("changed_by")]
                raise _changed(writing.spoken, next(iter((*by_program, *changed)), None))


def _etag(stored: StoredDefinitions, keys: tuple[str, str]) -> str:
    row = stored.by_keys.get(keys)
    return row.etag if row else ""


def _guard(seen: StoredDefinitions, stamp: Stamp) -> Operation:
    """Of two imports of several things that began from the same rows one wins, before anything is changed."""
    row = seen.by_keys.get((IMPORT, IMPORT))
    entity = {"PartitionKey": IMPORT, "RowKey": IMPORT}
    return put(with_bookkeeping(entity, version=row.version + 1 if row else 1, by=stamp.by, at=stamp.at), row)


def _schedule(name: str, seen: StoredDefinitions) -> tuple[Schedule, str]:
    """The schedule, and its partition. Raises Rejected."""
    partition = partition_of(Thing(Kind.SCHEDULE, name), seen)
    thing = thing_at(partition)
    schedule = seen.definitions.schedules.get(thing.name) if thing else None
    if schedule is None:
        raise Rejected(f"There is no schedule {name!r}. `tocsin roster export` lists those that there are.")
    return schedule, partition


def _check_lasts(override: Override, schedule: Schedule) -> None:
    """Raises Rejected."""
    if override.start.instant(schedule.clock) >= override.end.instant(schedule.clock):
        raise Rejected(
            f"The override from {override.start} to {override.end} has no effect: in {schedule.clock.name} it ends "
            "no later than it begins. Give it a later end."
        )


def _changed(spoken: str, row: StoredRow | None) -> ChangedMeanwhile:
    columns = row.named("changed_by", "changed_at", "created_by") if row else {}
    by, at = columns.get("changed_by") or columns.get("created_by"), columns.get("changed_at") or (row and row.written)
    who = f"{by or 'somebody'} at {at}" if at else "somebody, who took it out"
    return ChangedMeanwhile(f"{spoken[:1].upper()}{spoken[1:]} was changed meanwhile by {who}. {_AGAIN}")


def _so_far(done: Sequence[str]) -> str:
    return f"Written before that: {', '.join(done)}." if done else "Nothing of it was written."
