"""What Graph has accepted and not yet done: operations that begin, last a while and end."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from worker.sandbox.teams.refusals import not_found
from worker.sandbox.teams.timestamps import parsed, stamp

Json = dict[str, Any]

ARCHIVE = "archiveChannel"
UNARCHIVE = "unarchiveChannel"
_ENDED = ("succeeded", "failed")
_KEPT = 1_000


@dataclass(frozen=True)
class Operation:
    id: str
    kind: str
    target: str
    created: datetime
    changed: datetime
    status: str = "notStarted"
    error: str | None = None

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "operationType": self.kind,
            "createdDateTime": stamp(self.created),
            "status": self.status,
            "lastActionDateTime": stamp(self.changed),
            "attemptsCount": 1,
            "targetResourceId": self.target,
            "targetResourceLocation": None,
            "error": self.error and {"code": "GeneralException", "message": self.error},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Operation:
        return cls(
            id=stored["id"],
            kind=stored["operationType"],
            target=stored["targetResourceId"],
            created=parsed(stored["createdDateTime"]),
            changed=parsed(stored["lastActionDateTime"]),
            status=stored["status"],
            error=(stored["error"] or {}).get("message"),
        )


class Operations:
    """Those of one team. `lasts` is how long each takes that nothing keeps from ending."""

    def __init__(self, lasts: timedelta, operations: Iterable[Operation] = ()) -> None:
        self.lasts = lasts
        self._by_id = {operation.id: operation for operation in operations}

    def __iter__(self) -> Iterator[Operation]:
        return iter(tuple(self._by_id.values()))

    def begin(self, kind: str, target: str, now: datetime) -> Operation:
        operation = Operation(str(uuid.uuid4()), kind, target, now, now)
        self._by_id[operation.id] = operation
        if len(self._by_id) > _KEPT:
            del self._by_id[next(iter(self._by_id))]
        return operation

    def get(self, operation_id: str) -> Operation:
        operation = self._by_id.get(operation_id)
        if operation is None:
            raise not_found("The operation does not exist.")
        return operation

    def due(self, now: datetime, *, stalled: bool) -> list[Operation]:
        """Those whose time has come to end, the oldest first; all others begin meanwhile."""
        under_way = [operation for operation in self if operation.status not in _ENDED]
        for operation in under_way:
            if operation.status == "notStarted" and (stalled or now - operation.created >= self.lasts / 4):
                self._by_id[operation.id] = replace(operation, status="inProgress", changed=now)
        return [] if stalled else [each for each in under_way if now - each.created >= self.lasts]

    def end(self, operation: Operation, now: datetime, *, error: str | None = None) -> None:
        status = "failed" if error else "succeeded"
        self._by_id[operation.id] = replace(operation, status=status, changed=now, error=error)
