"""The rows by which an alert finds the incident that it belongs to, and those that keep each alert with its incident.

`identity:<identity>` says which incident a fingerprint or a sender's key belongs to, `group:<key>` which one a group of
fingerprints does, and `alerts:<incident>` holds one row for each alert of an incident, and the row `state` with what
they come to. By `placed:<incident>` is told of what no other alert belongs with whether it opened that incident, or was
one too many of its sender. Every alert is one insert, so that none is counted twice, and none waits for another. An
alert is kept only where its identity's row, written on condition that nobody else did, already points: so whoever has
it delivered again finds it.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient
from pydantic import TypeAdapter

from worker.domain.alert_identity import alert_id, identity
from worker.domain.alert_record import AlertRecord
from worker.domain.alert_status import AlertStatus, Disposition
from worker.domain.alert_summary import AlertSummary
from worker.domain.event import Event, EventType, Severity
from worker.domain.flood import is_flood
from worker.domain.incident import INCIDENT_ID, generation_key, incident_id, sender_key
from worker.domain.report import Report
from worker.domain.sender_scope import TRUSTED, Sender, SenderScope
from worker.domain.states import LaunchState
from worker.grouping.holding_columns import holding_columns, read_holdings
from worker.grouping.holdings import NOBODYS, NOTHING_TOLD, Holding, Holdings
from worker.incidents.history import History
from worker.settings import Settings
from worker.storage import rows
from worker.storage.partitions import ALERTS, GROUP, IDENTITY, PLACED
from worker.storage.rows import LEASE, Row, etag, moment, written_at
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import StoreClock, open_table, read_row, read_rows

_INCIDENT, _STATE, _ALERT = "incident", "state", "alert:"
_AFTER_ALERTS = "alert;"
# An alert that comes again only after so many further incidents is taken for a new one.
_KEYS_KEPT = 5
# Of one fact, until they are told for once.
_REPETITIONS = 20
_TEXT_LIMIT = 300
_REASON_LIMIT = 1_000
# A property ends at 32 Ki characters, and each of these may be 256 long and need two of them.
_RESOURCES_LIMIT = 20


Known = TypeVar("Known", bound=History)

_REPORTS: TypeAdapter[tuple[Report, ...]] = TypeAdapter(tuple[Report, ...])


@dataclass(frozen=True, slots=True)
class Pointer:
    """To which incidents an identity or a group belongs, by their keys, the current one first; none where only an end
    was told. When that was written and read is by the store's clock.

    The keys of an identity are those of the `holding` of the sender that asks; `holdings` are everybody's. `source`: of
    a group, the source of the alert that opened the current incident. `etag`: None where it stands in no row of its own
    yet.
    """

    keys: tuple[str, ...]
    since: datetime
    read_at: datetime
    etag: str | None
    source: str = ""
    holding: Holding = NOBODYS
    holdings: Holdings = NOTHING_TOLD

    @property
    def incidents(self) -> tuple[str, ...]:
        return tuple(map(incident_id, self.keys))

    @property
    def opener(self) -> str:
        """Which telling of a sender's key opened the first of its incidents; empty while none did."""
        return self.holding.opener

    @property
    def is_of_others(self) -> bool:
        """Whether the identity is held by a sender that this one may not join."""
        return self.holding is not self.holdings.first

    def opened_by(self, telling: str) -> str | None:
        """The key of the incident that this telling of a sender's key has opened already."""
        if telling in self.keys:
            return telling
        opened = [key for key in self.keys if not is_flood(key)]
        return opened[-1] if opened and telling == self.opener else None


@dataclass(frozen=True, slots=True)
class StoredCount:
    """What an incident's alerts had come to when they were last counted, in the version that the next count replaces.

    No summary where nobody has counted: the incident was only closed.
    """

    summary: AlertSummary | None
    closed: bool
    published_at: datetime | None
    etag: str


@dataclass(frozen=True, slots=True)
class IncidentAlerts:
    """All alerts of an incident, what was last counted of them, and when they were read, by the store's clock."""

    records: tuple[AlertRecord, ...]
    counted: StoredCount | None
    read_at: datetime

    @property
    def summary(self) -> AlertSummary | None:
        """As last counted."""
        return self.counted.summary if self.counted is not None else None


@dataclass(frozen=True, slots=True)
class AlertState:
    """What an incident's alerts had come to when they were last counted, and when that was, by the store's clock.

    `published_at`: all alerts that were kept until then have been published.
    """

    resolved: bool
    closed: bool
    since: datetime
    read_at: datetime
    published_at: datetime | None = None

    @property
    def age(self) -> timedelta:
        return self.read_at - self.since


class AlertStore:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def of_identity(self, identity: str, sender: Sender) -> Pointer | None:
        return await self._pointer(IDENTITY + identity, sender)

    async def of_key(self, event: Event) -> Pointer | None:
        """As of_identity, by the key that the event's sender gave.

        What an earlier release launched by it has no such row, or one that does not say who opened it.
        """
        pointer = await self.of_identity(identity(event), event.told_by)
        if event.key is None or (pointer is not None and pointer.holdings.first.opener):
            return pointer
        clock = StoreClock()
        row = await read_row(self._table, incident_id(event.key), LEASE, raw_response_hook=clock)
        if row is None:
            return pointer
        launched = rows.incident(row)
        opener = generation_key(launched.event) if row["state"] == LaunchState.LAUNCHED.value else ""
        first = Holding(launched.event.teller, launched.event.service, (launched.key,), opener)
        holdings = replace(_holdings(pointer), first=first)
        known = pointer or Pointer((), written_at(row), clock.first_date, None)
        holding = holdings.of(event.told_by)
        return replace(known, keys=holding.keys, holding=holding, holdings=holdings)

    async def of_group(self, group: str | None) -> Pointer | None:
        return await self._pointer(GROUP + group, TRUSTED) if group is not None else None

    async def _pointer(self, partition: str, sender: Sender) -> Pointer | None:
        clock = StoreClock()
        row = await read_row(self._table, partition, _INCIDENT, raw_response_hook=clock)
        return _pointer(row, sender, clock.first_date) if row is not None else None

    async def point_identity(self, alert: AlertRecord, key: str, before: Pointer | None, *, opener: str = "") -> bool:
        """Let the incident be that of the alert's identity, for its sender; False where the identity's row has changed,
        and all is to be looked at anew.

        `opener`: which telling of a sender's key opens the first of its incidents.
        """
        return await self._write_holdings(alert.identity, _holdings(before).pointing(alert, key, opener), before)

    async def keep_pointer(self, identity: str, pointer: Pointer) -> bool:
        """In a row of its own; False where there is one by now."""
        return await self._write_holdings(identity, pointer.holdings, pointer)

    async def _write_holdings(self, identity: str, holdings: Holdings, before: Pointer | None) -> bool:
        row = {"PartitionKey": IDENTITY + identity, "RowKey": _INCIDENT, **holding_columns(holdings)}
        return await self._replace(row, before.etag if before else None)

    async def point_group(self, group: str, key: str, source: str, before: Pointer | None) -> bool:
        """Let the incident be the group's; False where somebody else was quicker, who is to be joined."""
        # A group takes alerts for its last incident alone; the one before is for who died as it opened it.
        keys = list(dict.fromkeys((key, *(before.keys if before else ()))))[:_KEYS_KEPT]
        row = {"PartitionKey": GROUP + group, "RowKey": _INCIDENT, "keys": json.dumps(keys, ensure_ascii=False)}
        row |= {"source": source}
        return await self._replace(row, before.etag if before else None)

    async def keep(self, incident: str, alert: AlertRecord) -> bool:
        """Keep the alert with the incident; False where it was kept before."""
        row = {"PartitionKey": ALERTS + incident, **_alert_row(alert)}
        return await self._replace(row, None)

    async def place_alone(self, incident: str, key: str, alert: AlertRecord) -> str:
        """Note by its own incident to which one an alert belongs that no other is told from; the key first noted."""
        row = {"PartitionKey": PLACED + incident, **_alert_row(alert), "RowKey": _INCIDENT, "key": key}
        if await self._replace(row, None):
            return key
        return await self.placed_alone(incident) or key

    async def placed_alone(self, incident: str) -> str | None:
        row = await read_row(self._table, PLACED + incident, _INCIDENT)
        return row["key"] if row is not None else None

    async def has(self, incident: str, alert: str) -> bool:
        return await read_row(self._table, ALERTS + incident, _ALERT + alert) is not None

    async def has_more(self, incident: str) -> bool:
        """Whether an alert is kept with the incident beside the one that opened it, and is not the same fact again."""
        where = "PartitionKey eq @pk and RowKey ge @first and RowKey lt @last"
        values = {"pk": ALERTS + incident, "first": _ALERT, "last": _AFTER_ALERTS}
        found = [(row["opened"], row.get("fact")) async for row in read_rows(self._table, where, values, _REPETITIONS)]
        opened, facts = any(opened for opened, _ in found), {fact for _, fact in found}
        is_told_again = opened and len(facts) == 1 and None not in facts and len(found) < _REPETITIONS
        return found not in ([], [(True, None)]) and not is_told_again

    async def note_end(self, alert: AlertRecord, before: Pointer | None) -> bool:
        """Note a resolve for firings that it may have overtaken; False where its identity's row has changed."""
        holdings = _holdings(before).noting(_bounded(alert))
        return holdings is None or await self._write_holdings(alert.identity, holdings, before)

    async def record(self, alert: AlertRecord, *, into: str | None = None) -> None:
        """Note what became of an alert, for those who ask: into which incident it went, where no pointer says it."""
        row = {"PartitionKey": IDENTITY + alert.identity, **_alert_row(alert)}
        row |= {"into": into} if into is not None else {}
        try:
            await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
        except FAILURES as error:
            raise translated(error, "note what became of an alert") from error

    async def state(self, incident: str) -> AlertState | None:
        clock = StoreClock()
        row = await read_row(self._table, ALERTS + incident, _STATE, raw_response_hook=clock)
        return _alert_state(row, clock.first_date) if row is not None else None

    async def alerts(self, incident: str) -> IncidentAlerts:
        clock = StoreClock()
        where = {"pk": ALERTS + incident}
        records, counted = [], None
        async for row in read_rows(self._table, "PartitionKey eq @pk", where, raw_response_hook=clock):
            if row["RowKey"] == _STATE:
                counted = _stored_count(row)
            else:
                records.append(alert_record(row))
        return IncidentAlerts(tuple(records), counted, clock.first_date)

    async def store_count(self, incident: str, summary: AlertSummary, before: StoredCount | None) -> bool:
        """False where somebody has counted meanwhile."""
        row: dict[str, Any] = {"PartitionKey": ALERTS + incident, "RowKey": _STATE}
        # Both together may be longer than one property.
        row |= {"summary": summary.model_dump_json(exclude={"reports"}), "reports": _dump_reports(summary.reports)}
        row |= {"resolved": summary.resolved_at is not None}
        row |= {"closed": before is not None and before.closed}
        if before is not None and before.published_at is not None:
            row["published_at"] = before.published_at
        return await self._replace(row, before.etag if before is not None else None)

    async def close(self, incident: str) -> None:
        """Let it take no more alerts: nobody will launch it."""
        await self._merge_state(incident, {"resolved": False, "closed": True}, "takes no more alerts")

    async def note_published(self, incident: str, read_at: datetime) -> None:
        """Note that all alerts which were there at that moment stand where people read of them."""
        await self._merge_state(incident, {"published_at": read_at}, "was given the summary of its alerts")

    async def _merge_state(self, incident: str, columns: dict[str, Any], what: str) -> None:
        row = {"PartitionKey": ALERTS + incident, "RowKey": _STATE, **columns}
        try:
            await self._table.upsert_entity(row, mode=UpdateMode.MERGE)
        except FAILURES as error:
            raise translated(error, f"note that {incident} {what}") from error

    async def summary(self, incident: str) -> AlertSummary | None:
        """As last counted."""
        row = await read_row(self._table, ALERTS + incident, _STATE)
        return stored_summary(row) if row is not None else None

    async def with_alerts(self, known: Known | None) -> Known | None:
        """An incident, and beside its launch what its alerts had come to when they were last counted."""
        if known is None:
            return None
        return known.model_copy(update={"alerts": await self.summary(known.incident_id)})

    async def status(self, tracking_id: str) -> AlertStatus | None:
        """What became of an alert; None while no worker has seen it.

        Asked by the id of the incident that it was to open: None as well where it opened that.
        """
        if INCIDENT_ID.fullmatch(tracking_id):
            return await self._status_alone(tracking_id)
        identity, _, alert = tracking_id.partition("-")
        pointer = await self.of_identity(identity, TRUSTED)
        for incident in map(incident_id, _holdings(pointer).keys):
            row = await read_row(self._table, ALERTS + incident, _ALERT + alert)
            if row is not None:
                disposition = Disposition.OPENED if row["opened"] else Disposition.JOINED
                return _status(tracking_id, row, disposition, incident)
        row = await read_row(self._table, IDENTITY + identity, _ALERT + alert)
        return _status(tracking_id, row, _disposition(row), row.get("into")) if row is not None else None

    async def key_of(self, event: Event) -> str | None:
        """The key of the incident with which this telling of a sender's key is kept; None where it is with none."""
        pointer = await self.of_identity(identity(event), event.told_by)
        for key in _holdings(pointer).keys:
            if await self.has(incident_id(key), alert_id(event)):
                return key
        return None

    async def opened_surely(self, event: Event) -> str | None:
        """The id of the incident that this telling of a sender's key has opened, or will; None where it may join one.

        Whoever tells a key for the first time opens its first incident, and whoever does so at the same time joins it.
        """
        pointer = await self.of_key(event)
        if pointer is None or not pointer.opener:
            return incident_id(first_key(event, pointer))
        key = pointer.opened_by(generation_key(event)) or await self.key_of(event)
        return incident_id(key) if key is not None else None

    async def _status_alone(self, incident: str) -> AlertStatus | None:
        row = await read_row(self._table, PLACED + incident, _INCIDENT)
        if row is None or incident_id(row["key"]) == incident:
            return None
        disposition = Disposition.OPENED if row["opened"] else Disposition.JOINED
        return _status(incident, row, disposition, incident_id(row["key"]))

    async def _replace(self, row: dict[str, Any], before: str | None) -> bool:
        """In the place of the row with that etag; of none, where there is none. False where that is not so."""
        try:
            if before is None:
                await self._table.create_entity(row)
            else:
                unchanged = MatchConditions.IfNotModified
                await self._table.update_entity(row, UpdateMode.REPLACE, etag=before, match_condition=unchanged)
        except FAILURES as error:
            if is_conflict(error):
                return False
            raise translated(error, f"write the row {row['RowKey']} of {row['PartitionKey']}") from error
        return True


@asynccontextmanager
async def open_alert_store(settings: Settings) -> AsyncIterator[AlertStore]:
    async with open_table(settings) as table:
        yield AlertStore(table)


def is_state(row: Row) -> bool:
    """Whether it tells what an incident's alerts come to; the others beside it are the alerts."""
    return bool(row["RowKey"] == _STATE)


def is_pointer(row: Row) -> bool:
    """Whether it says which incidents a fingerprint or a group belongs to; the others beside it belong to none."""
    return bool(row["RowKey"] == _INCIDENT)


def is_of_senders_key(pointer: Row) -> bool:
    return "keys" in pointer and any(each.opener for each in read_holdings(pointer))


def pointed_to(row: Row) -> tuple[str, ...]:
    """The ids of the incidents that a pointer leads to, whoever's they are, or that what was gathered in a flood went
    into.
    """
    return tuple(map(incident_id, read_holdings(row).keys if "keys" in row else [row["key"]]))


def stored_summary(row: Row) -> AlertSummary | None:
    if "summary" not in row:
        return None
    summary = AlertSummary.model_validate_json(row["summary"])
    return summary.model_copy(update={"reports": _REPORTS.validate_json(row.get("reports", "[]"))})


def _dump_reports(reports: tuple[Report, ...]) -> str:
    return _REPORTS.dump_json(reports).decode()


def _stored_count(row: Row) -> StoredCount:
    return StoredCount(stored_summary(row), bool(row["closed"]), _published_at(row), etag(row))


def first_key(event: Event, pointer: Pointer | None) -> str:
    """Of the first incident that its sender opens by the key: that key itself, unless it is another sender's."""
    return sender_key(event) if pointer is not None and pointer.is_of_others else event.key or ""


def _holdings(pointer: Pointer | None) -> Holdings:
    return pointer.holdings if pointer is not None else NOTHING_TOLD


def _pointer(row: Row, sender: Sender, read_at: datetime) -> Pointer:
    holdings = read_holdings(row)
    holding = holdings.of(sender)
    since, source = written_at(row), row.get("source", "")
    return Pointer(holding.keys, since, read_at, etag(row), source, holding, holdings)


def _disposition(row: Row) -> Disposition:
    if "into" not in row:
        return Disposition.RECORDED
    return Disposition.OPENED if row["opened"] else Disposition.JOINED


def _bounded(alert: AlertRecord) -> AlertRecord:
    return replace(
        alert,
        title=alert.title[:_TEXT_LIMIT],
        resources=alert.resources[:_RESOURCES_LIMIT],
        because=alert.because[:_REASON_LIMIT],
    )


def _alert_row(record: AlertRecord) -> dict[str, Any]:
    alert = _bounded(record)
    row: dict[str, Any] = {
        "RowKey": _ALERT + alert.id,
        "alert": alert.id,
        "type": alert.type.value,
        "identity": alert.identity,
        "severity": alert.severity.value,
        "title": alert.title,
        "received_at": alert.received_at,
        "resources": json.dumps(alert.resources, ensure_ascii=False),
        "because": alert.because,
        "opened": alert.opened,
    }
    row |= {"sender": alert.sender} if alert.sender is not None else {}
    row |= {"service": alert.service} if alert.service else {}
    row |= {"sender_scope": alert.sender_scope.model_dump_json()} if alert.sender_scope is not None else {}
    row |= {"report": alert.report.model_dump_json()} if alert.report is not None else {}
    row |= {"fact": alert.fact} if alert.fact else {}
    row |= {"state_reason": alert.state_reason} if alert.state_reason else {}
    row |= {"left_out": alert.left_out} if alert.left_out else {}
    times = {"occurred_at": alert.occurred_at, "ended_at": alert.ended_at}
    return row | {name: moment for name, moment in times.items() if moment is not None}


def alert_record(row: Row) -> AlertRecord:
    return AlertRecord(
        id=row["alert"],
        type=EventType(row["type"]),
        identity=row["identity"],
        severity=Severity(row["severity"]),
        title=row["title"],
        received_at=moment(row["received_at"]),
        sender=row.get("sender"),
        service=row.get("service", ""),
        occurred_at=_optional_moment(row, "occurred_at"),
        ended_at=_optional_moment(row, "ended_at"),
        state_reason=row.get("state_reason", ""),
        left_out=row.get("left_out", 0),
        resources=tuple(json.loads(row["resources"])),
        because=row["because"],
        opened=bool(row["opened"]),
        report=Report.model_validate_json(row["report"]) if "report" in row else None,
        sender_scope=SenderScope.model_validate_json(row["sender_scope"]) if "sender_scope" in row else None,
        fact=row.get("fact", ""),
    )


def _alert_state(row: Row, read_at: datetime) -> AlertState:
    return AlertState(bool(row["resolved"]), bool(row["closed"]), written_at(row), read_at, _published_at(row))


def _published_at(row: Row) -> datetime | None:
    return _optional_moment(row, "published_at")


def _optional_moment(row: Row, name: str) -> datetime | None:
    return moment(row[name]) if name in row else None


def _status(tracking_id: str, row: Row, disposition: Disposition, incident: str | None) -> AlertStatus:
    return AlertStatus(
        tracking_id=tracking_id,
        type=EventType(row["type"]),
        disposition=disposition,
        incident_id=incident,
        because=row["because"],
        received_at=moment(row["received_at"]),
        sender=row.get("sender", ""),
        service=row.get("service", ""),
    )
