"""The layout of the store: its tables, and how a message or a sent id is written as a row and read back."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.sandbox.service_bus.messages import DeadLetter, Delivery, State
from worker.sandbox.service_bus.sent_ids import Sent

VERSION = 1

# Moments are microseconds since 1970 and durations are microseconds: exact, and in order without being parsed.
# The source of a dead letter is never null in a dead letter, and so tells one from the others.
TABLES = (
    """
    CREATE TABLE messages (
        queue TEXT COLLATE NOCASE,
        sequence_number INTEGER,
        enqueued_sequence_number INTEGER,
        content BLOB,
        message_id TEXT,
        delivery_count INTEGER,
        enqueued_at INTEGER,
        time_to_live INTEGER,
        expires_at INTEGER,
        scheduled_for INTEGER,
        state INTEGER,
        dead_letter_reason TEXT,
        dead_letter_description TEXT,
        dead_letter_source TEXT,
        PRIMARY KEY (queue, sequence_number)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sent_ids (
        queue TEXT COLLATE NOCASE,
        message_id TEXT,
        sequence_number INTEGER,
        forget_at INTEGER,
        PRIMARY KEY (queue, message_id)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE last_numbers (queue TEXT COLLATE NOCASE PRIMARY KEY, last_number INTEGER) WITHOUT ROWID",
)

PUT_MESSAGE = """
    REPLACE INTO messages VALUES (
        :queue, :sequence_number, :enqueued_sequence_number, :content, :message_id, :delivery_count, :enqueued_at,
        :time_to_live, :expires_at, :scheduled_for, :state, :reason, :description, :source
    )
"""
PUT_SENT_ID = "REPLACE INTO sent_ids VALUES (:queue, :message_id, :sequence_number, :forget_at)"
PUT_LAST_NUMBER = "REPLACE INTO last_numbers VALUES (?, ?)"
DROP_MESSAGE = "DELETE FROM messages WHERE queue = ? AND sequence_number = ?"
DROP_SENT_ID = "DELETE FROM sent_ids WHERE queue = ? AND message_id = ?"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST = 2**63 - 1  # SQLite's largest integer; a time to live may be longer, and is as good as for ever


def message_row(queue: str, message: Delivery) -> dict[str, Any]:
    dead_letter = message.dead_letter
    return {
        "queue": queue,
        "sequence_number": message.sequence_number,
        "enqueued_sequence_number": message.enqueued_sequence_number,
        "content": message.content,
        "message_id": message.message_id,
        "delivery_count": message.delivery_count,
        "enqueued_at": _from_moment(message.enqueued_at),
        "time_to_live": min(message.time_to_live // MICROSECOND, LONGEST),
        "expires_at": _from_moment(message.expires_at),
        "scheduled_for": _from_moment(message.scheduled_for),
        "state": int(message.state),
        "reason": dead_letter and dead_letter.reason,
        "description": dead_letter and dead_letter.description,
        "source": dead_letter and dead_letter.source,
    }


def message_from(row: sqlite3.Row) -> Delivery:
    return Delivery(
        sequence_number=row["sequence_number"],
        enqueued_sequence_number=row["enqueued_sequence_number"],
        content=row["content"],
        message_id=row["message_id"],
        delivery_count=row["delivery_count"],
        enqueued_at=_moment(row["enqueued_at"]),
        time_to_live=row["time_to_live"] * MICROSECOND,
        expires_at=_optional_moment(row["expires_at"]),
        scheduled_for=_optional_moment(row["scheduled_for"]),
        state=State(row["state"]),
        dead_letter=_dead_letter(row),
    )


def sent_row(queue: str, sent: Sent) -> dict[str, Any]:
    return {
        "queue": queue,
        "message_id": sent.message_id,
        "sequence_number": sent.sequence_number,
        "forget_at": _from_moment(sent.forget_at),
    }


def sent_from(row: sqlite3.Row) -> Sent:
    return Sent(row["message_id"], row["sequence_number"], _moment(row["forget_at"]))


def _dead_letter(row: sqlite3.Row) -> DeadLetter | None:
    if row["dead_letter_source"] is None:
        return None
    return DeadLetter(row["dead_letter_reason"], row["dead_letter_description"], row["dead_letter_source"])


def _from_moment(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def _moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def _optional_moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _moment(microseconds)
