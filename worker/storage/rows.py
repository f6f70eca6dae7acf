"""Incidents and checkpoints as rows of a table, and back."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.domain.audit import ACKNOWLEDGE, AuditRecord
from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.phone_number import masked
from worker.domain.sender_scope import Sender
from worker.domain.states import LaunchState, StepState
from worker.incidents.filter import IncidentFilter
from worker.incidents.history import Acknowledged, Attempt, AttemptOutcome, History, StepHistory
from worker.incidents.record import IncidentRecord
from worker.storage.partitions import INDEX

LEASE = "lease"
_STEP = "step:"
_TRY = "try:"
_AUDIT = "audit:"

# In an outage there are many, and the last of them tell enough: row keys repeat after so many.
_TRIES_KEPT = 100

# A string property ends at 32 Ki UTF-16 units, and one character may take two of them.
_CHUNK = 15_000
_COLUMN = re.compile(r"(?P<name>[a-z]+)_\d+")

# Cosmos DB's tables write their Timestamp in whole seconds: what they say was written then may have been later.
_TIMESTAMP_GRAIN = timedelta(seconds=1)

# Beyond any time of the next thousand years in milliseconds: subtracted from, the newest row sorts first.
_INDEX_ORIGIN = 10**14

_WILD = re.compile(r"[*?\[]")
# A query has fifteen comparisons at most.
_SERVICES_ASKED_FOR = 8

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Partition:
    """Everything stored about one incident, and the store's time at which it was read."""

    rows: Sequence[Row]
    read_at: datetime

    @property
    def lease(self) -> Row | None:
        return next((row for row in self.rows if row["RowKey"] == LEASE), None)

    def checkpoints(self) -> dict[str, Checkpoint]:
        steps = (checkpoint(row) for row in self.rows if row["RowKey"].startswith(_STEP))
        return {step.name: step for step in steps}

    def audit(self) -> list[AuditRecord]:
        """The oldest first."""
        records = [audit_record(row) for row in self.rows if row["RowKey"].startswith(_AUDIT)]
        return sorted(records, key=lambda record: record.at)

    def tries(self) -> list[Attempt]:
        """The last ones that came to an end, the oldest first."""
        return sorted(_tries(self.rows), key=lambda each: each.number)

    def history(self) -> History | None:
        return history(self.lease, self.checkpoints().values(), self.audit()) if self.lease else None

    def record(self) -> IncidentRecord | None:
        """Everything that is stored about it."""
        if (known := self.history()) is None:
            return None
        parts = {"steps": known.steps, "tries": self.tries(), "audit": self.audit()}
        return IncidentRecord.model_validate(dict(known) | parts)


def incident_columns(incident: Incident) -> dict[str, Any]:
    return {
        "key": incident.key,
        "received_at": incident.received_at,
        **_event_columns(incident.event),
    }


def event_columns(event: Event, row: Row) -> dict[str, str]:
    """In place of the row's event, which may have been longer."""
    emptied = {column: "" for column in row if (match := _COLUMN.fullmatch(column)) and match["name"] == "event"}
    return emptied | _event_columns(event)


def _event_columns(event: Event) -> dict[str, str]:
    return chunks("event", event.model_dump_json(exclude_none=True))


def playbook_columns(names: Sequence[str]) -> dict[str, str]:
    return {"playbook": ",".join(names)}


def incident(row: Row) -> Incident:
    event = Event.model_validate_json(joined("event", row))
    return Incident(key=row["key"], event=event, received_at=moment(row["received_at"]))


def lease_columns(*, owner: str, token: str, duration: timedelta) -> dict[str, Any]:
    return {"RowKey": LEASE, "owner": owner, "token": token, "lease_seconds": duration.total_seconds()}


def told_columns(*, nobody_told: bool, told_at: datetime | None) -> dict[str, Any]:
    return {"nobody_told": nobody_told} | ({"told_at": told_at} if told_at is not None else {})


def is_nobody_told(row: Row) -> bool:
    return bool(row.get("nobody_told", False))


def told_at(row: Row) -> datetime | None:
    return moment(row["told_at"]) if "told_at" in row else None


def rest_of_lease(row: Row, now: datetime) -> timedelta:
    """How much longer the lease in this row stands, by the store's clock; nothing once it was given back."""
    if not row["lease_seconds"]:
        return timedelta()
    return written_at(row) + timedelta(seconds=row["lease_seconds"]) - now


def written_at(row: Row) -> datetime:
    """When the store last wrote the row, by its own clock."""
    return moment(row.metadata["timestamp"])  # type: ignore[attr-defined]


def etag(row: Row) -> str:
    return str(row.metadata["etag"])  # type: ignore[attr-defined]


def step_key(name: str) -> str:
    return _STEP + name


def step_row(step: Checkpoint) -> dict[str, Any]:
    columns = {
        "RowKey": step_key(step.name),
        "state": step.state.value,
        "attempt": step.attempt,
        "begun_at": step.begun_at,
        "in_doubt": step.in_doubt,
        "allowance_seconds": step.allowance.total_seconds(),
    }
    if step.ended_at is not None:
        columns["ended_at"] = step.ended_at
    if step.clear_at is not None:
        columns["clear_at"] = step.clear_at
    if step.parked:
        columns["parked"] = step.parked
    if step.made:
        columns["made"] = step.made
    if step.error is not None:
        columns["error"] = step.error[:_CHUNK]
    if step.permanent:
        columns["permanent"] = True
    return columns | (chunks("result", step.result) if step.result is not None else {})


def checkpoint(row: Row) -> Checkpoint:
    allowance = timedelta(seconds=row["allowance_seconds"])
    return Checkpoint(
        name=row["RowKey"].removeprefix(_STEP),
        state=StepState(row["state"]),
        attempt=int(row["attempt"]),
        begun_at=moment(row["begun_at"]),
        ended_at=moment(row["ended_at"]) if "ended_at" in row else None,
        result=joined("result", row) or None,
        made=row.get("made", ""),
        error=row.get("error"),
        permanent=bool(row.get("permanent", False)),
        in_doubt=bool(row["in_doubt"]),
        allowance=allowance,
        clear_at=moment(row["clear_at"]) if "clear_at" in row else written_at(row) + _TIMESTAMP_GRAIN + allowance,
        parked=int(row.get("parked", 0)),
    )


def try_row(number: int, worker: str, began_at: datetime, outcome: AttemptOutcome, because: str) -> dict[str, Any]:
    return {
        "RowKey": f"{_TRY}{number % _TRIES_KEPT:02d}",
        "number": number,
        "worker": worker,
        "began_at": began_at,
        "ended_at": datetime.now(UTC),
        "outcome": outcome.value,
        "because": because[:_CHUNK],
    }


def _tries(rows: Iterable[Row]) -> Iterator[Attempt]:
    for row in rows:
        if row["RowKey"].startswith(_TRY):
            yield Attempt(
                number=int(row["number"]),
                worker=row["worker"],
                began_at=moment(row["began_at"]),
                ended_at=moment(row["ended_at"]),
                outcome=AttemptOutcome(row["outcome"]),
                because=row["because"],
            )


def index_row(incident: Incident, *, launched: bool) -> dict[str, Any]:
    """One key however often it is written; row keys sort the newest incident first.

    What it says besides is for finding, not for telling: `launched` is written last and may be missing after a crash,
    but is never untrue.
    """
    return {
        "PartitionKey": INDEX,
        "RowKey": f"{_age(incident.received_at):015d}:{incident.id}",
        "incident": incident.id,
        "severity": incident.event.severity.value,
        "service": incident.event.service.casefold(),
        "sender": incident.event.sender,
        "launched": launched,
    }


def index_query(wanted: IncidentFilter) -> tuple[str, dict[str, Any]]:
    """What the index can be asked of this; the rest is for `matches` to say."""
    conditions, values = ["PartitionKey eq @pk"], dict[str, Any](pk=INDEX)
    if wanted.until is not None:
        conditions.append("RowKey ge @until")
        values["until"] = f"{_age(wanted.until):015d}"
    if wanted.since is not None:
        conditions.append("RowKey lt @since")
        values["since"] = f"{_age(wanted.since) + 1:015d}"
    for name, choices in (("severity", sorted(wanted.severities)), ("service", sorted(wanted.services))):
        if choices:
            # With spaces around: the SDK puts the values in by words.
            conditions.append(f"( {' or '.join(f'{name} eq @{name}{n}' for n in range(len(choices)))} )")
            values |= {f"{name}{n}": choice for n, choice in enumerate(choices)}
    if seen := _seen_by(wanted.seen_by):
        conditions.append(f"( {' or '.join(f'{name} eq @seen{n}' for n, (name, _) in enumerate(seen))} )")
        values |= {f"seen{n}": value for n, (_, value) in enumerate(seen)}
    if wanted.states and LaunchState.LAUNCHED not in wanted.states:
        conditions.append("launched eq @launched")
        values["launched"] = False
    return " and ".join(conditions), values


def _seen_by(sender: Sender) -> Sequence[tuple[str, str]]:
    """Any of these columns with its value; none where all may be seen, or more than a query can say."""
    services = sender.scope.services
    if sender.is_trusted or sender.scope.reads_all or len(services) > _SERVICES_ASKED_FOR:
        return ()
    if any(_WILD.search(service) for service in services):
        return ()
    return [("sender", sender.name), *(("service", service.casefold()) for service in services)]


def listed_before(moment: datetime) -> tuple[str, dict[str, Any]]:
    """The rows of the index whose incidents were received earlier."""
    return "PartitionKey eq @pk and RowKey ge @until", {"pk": INDEX, "until": f"{_age(moment):015d}"}


def _age(received_at: datetime) -> int:
    return _INDEX_ORIGIN - int(received_at.timestamp() * 1000)


def audit_row(record: AuditRecord) -> dict[str, Any]:
    """Under a key of its own."""
    return {
        "RowKey": f"{_AUDIT}{record.at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}:{uuid.uuid4().hex[:8]}",
        "action": record.action,
        "who": record.who,
        "at": record.at,
        **chunks("details", json.dumps(record.details, ensure_ascii=False)),
    }


def once_row(record: AuditRecord) -> dict[str, Any]:
    """One key for all that the same person may do of this kind."""
    who = hashlib.sha256(record.who.encode()).hexdigest()[:32]
    return {**audit_row(record), "RowKey": f"{_AUDIT}{record.action}:{who}"}


def audit_record(row: Row) -> AuditRecord:
    details = json.loads(joined("details", row) or "{}")
    return AuditRecord(action=row["action"], who=row["who"], at=moment(row["at"]), details=details)


def is_audit(row: Row) -> bool:
    return bool(row["RowKey"].startswith(_AUDIT))


def history(row: Row, steps: Iterable[Checkpoint], audit: Iterable[AuditRecord] = ()) -> History:
    return History(
        incident_id=row["PartitionKey"],
        key=row["key"],
        state=_shown_state(row),
        event=Event.model_validate_json(joined("event", row)),
        received_at=moment(row["received_at"]),
        first_attempt_at=moment(row["first_attempt_at"]),
        launched_at=moment(row["launched_at"]) if "launched_at" in row else None,
        told_at=told_at(row),
        attempts=int(row["attempt"]),
        failure=row.get("failure") or None,
        next_try_at=_next_try_at(row),
        steps=tuple(_in_order([name for name in row.get("playbook", "").split(",") if name], steps)),
        acknowledged=tuple(Acknowledged(by=each.who, at=each.at) for each in audit if each.action == ACKNOWLEDGE),
    )


def _shown_state(row: Row) -> LaunchState:
    """Whether anybody was told is a matter of its own for the engine, and the first one for people."""
    state = LaunchState(row["state"])
    return LaunchState.NOBODY_TOLD if is_nobody_told(row) and state is not LaunchState.FAILED else state


def _next_try_at(row: Row) -> datetime | None:
    """What the last attempt said of the next one, until that one has the lease."""
    if "next_try_at" not in row or row["lease_seconds"] or row["state"] != LaunchState.LAUNCHING.value:
        return None
    return moment(row["next_try_at"])


def _in_order(playbook: Sequence[str], steps: Iterable[Checkpoint]) -> Iterator[StepHistory]:
    """The steps as the playbook lists them, each followed by its parts; what it does not name comes last."""
    stored = {step.name: _step_history(step) for step in sorted(steps, key=lambda step: (step.begun_at, step.name))}
    for name in playbook:
        yield stored.pop(name, StepHistory(name=name, state=StepState.WAITING))
        for part in [part for part in stored if part.startswith(f"{name}:")]:
            yield stored.pop(part)
    yield from stored.values()


def _step_history(step: Checkpoint) -> StepHistory:
    return StepHistory.model_validate(
        {
            "name": step.name,
            "state": step.state,
            "attempt": step.attempt,
            "begun_at": step.begun_at,
            "ended_at": step.ended_at,
            "result": step.result and json.loads(step.result, object_hook=_with_masked_phone),
            "made": step.made,
            "error": step.error,
            "permanent": step.permanent,
        }
    )


def _with_masked_phone(result: dict[str, Any]) -> dict[str, Any]:
    """Whoever may see an incident need not be able to call everybody who was on call."""
    return {**result, "phone": masked(result["phone"])} if result.get("phone") else result


def chunks(name: str, text: str) -> dict[str, str]:
    return {f"{name}_{start // _CHUNK}": text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)}


def joined(name: str, row: Row) -> str:
    count = sum(1 for column in row if (match := _COLUMN.fullmatch(column)) and match["name"] == name)
    return "".join(row[f"{name}_{number}"] for number in range(count))


def moment(value: datetime) -> datetime:
    """The SDK's own subclass of datetime, as a plain one."""
    return datetime.fromtimestamp(value.timestamp(), UTC)
