"""The response to an incident as rows of a table, and back."""

import hashlib
from typing import Any

from worker.domain.response.act import Outcome
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.storage.rows import Row, chunks, joined

STATE = "state"
ENTRY = "entry:"
ACT = "act:"


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


def entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "RowKey": entry_key(entry.seq),
        "kind": entry.kind,
        "at": entry.at,
        "who": entry.actor.spoken,
        "text": entry.text,
        **chunks("entry", entry.model_dump_json(exclude_defaults=True)),
    }


def entry_of(row: Row) -> Entry:
    return Entry.model_validate_json(joined("entry", row))


def act_key(act_id: str) -> str:
    """Of whatever characters the id is made."""
    return ACT + hashlib.sha256(act_id.encode()).hexdigest()[:32]


def act_row(act_id: str, outcome: Outcome) -> dict[str, Any]:
    return {"RowKey": act_key(act_id), "act_id": act_id, **chunks("outcome", outcome.model_dump_json())}


def outcome_of(row: Row) -> Outcome:
    return Outcome.model_validate_json(joined("outcome", row))
