"""The response to an incident as rows of a table, and back."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from worker.domain.response.act import Outcome
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.text import cut
from worker.storage.rows import Row, chunks, joined

STATE = "state"
ENTRY = "entry:"
ACT = "act:"

_ENTRIES: TypeAdapter[tuple[Entry, ...]] = TypeAdapter(tuple[Entry, ...])
# A column of text ends at 32,768 UTF-16 units.
_SHOWN = 1_000


def state_row(response: Response, token: str) -> dict[str, Any]:
    """What stands beside the fold itself is for finding: by whom it is done, when something falls due."""
    due = response.next_due
    columns: dict[str, Any] = {
        "RowKey": STATE,
        "token": token,
        "incident": response.incident_id,
        "seq": response.seq,
        "state": response.state.value,
        "severity": response.severity,
        "is_due": due is not None,
        **chunks("response", response.model_dump_json(exclude_defaults=True)),
    }
    return columns | ({"due_at": due} if due is not None else {})


def response_of(row: Row) -> Response:
    return Response.model_validate_json(joined("response", row))


def entry_key(seq: int) -> str:
    return f"{ENTRY}{seq:08d}"


def entry_rows(entries: Sequence[Entry], most: int) -> Iterator[dict[str, Any]]:
    """At most so many rows; where there are more entries, each row holds some, under the key of its last."""
    in_each = max(1, -(-len(entries) // most))
    for start in range(0, len(entries), in_each):
        yield _entry_row(entries[start : start + in_each])


def _entry_row(entries: Sequence[Entry]) -> dict[str, Any]:
    """What stands beside them is for whoever looks into the table."""
    last = entries[-1]
    return {
        "RowKey": entry_key(last.seq),
        "kind": last.kind,
        "at": last.at,
        "who": last.actor.spoken,
        "text": cut(_SHOWN)(last.text),
        **chunks("entry", _ENTRIES.dump_json(tuple(entries), exclude_defaults=True).decode()),
    }


def entries_of(row: Row) -> Sequence[Entry]:
    return _ENTRIES.validate_json(joined("entry", row))


def act_key(act_id: str) -> str:
    """Of whatever characters the id is made."""
    return ACT + hashlib.sha256(act_id.encode()).hexdigest()[:32]


def act_row(act_id: str, outcome: Outcome) -> dict[str, Any]:
    return {"RowKey": act_key(act_id), "act_id": act_id, **chunks("outcome", outcome.model_dump_json())}


def outcome_of(row: Row) -> Outcome:
    return Outcome.model_validate_json(joined("outcome", row))
