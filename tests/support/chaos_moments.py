"""The names of the moments in a launch, read from the requests alone: which step, which checkpoint, which look-up."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from worker.sandbox.world import DEFAULT_WORLD
from worker.storage.partitions import LANE, RESPONSE

Row = dict[str, Any]

# As the Bot Connector names the chat with Amara.
_WITH_AMARA = f"{DEFAULT_WORLD.people[0].entra_id.replace('-', '')}/activities"

_POSTING = r"/v3/conversations(\?|$)|/messages(\?|$)"

# The first that fits names the request; each is (name, method, pattern in the path, pattern in the body).
_REMOTE = (
    ("check", "POST", r"validateOnly=true", ""),
    ("check", "GET", r"displayName.*General", ""),
    ("check", "GET", r"/primaryChannel", ""),
    ("check", "POST", r"^/sms/", r'"smsRecipients":\s*\[\]'),
    ("create-work-item", "POST", r"/wit/workItems/\$Issue", ""),
    ("assign:bruno", "POST", r"/wit/workItems/\$Task", r"bruno@"),
    ("assign:dario", "POST", r"/wit/workItems/\$Task", r"dario@"),
    ("assign:owner", "PATCH", r"/wit/workItems/\d+", r"System\.AssignedTo"),
    ("link-channel", "PATCH", r"/wit/workItems/\d+", r"Hyperlink"),
    ("find create-work-item", "POST", r"/wit/wiql", ""),
    ("read work item", "GET", r"/wit/workItems/\d+", ""),
    ("read fields", "GET", r"/workitemtypes/", ""),
    ("read locations", "OPTIONS", r"", ""),
    ("create-channel", "POST", r"/channels(\?|$)", ""),
    ("open chat", "POST", r"/v3/conversations$", r'"isGroup":\s*false'),
    ("read member", "GET", r"/v3/conversations/.*/members/", ""),
    ("page:amara-chat", "POST", _WITH_AMARA, r"chat:"),
    ("complete-chats", "PUT", r"/activities/", r"chat:"),
    ("announce", "POST", _POSTING, r"announcement:"),
    ("announce-elsewhere", "POST", _POSTING, r"elsewhere:"),
    ("mention:amara", "POST", _POSTING, r"call:\w+/amara-"),
    ("report-trouble", "POST", _POSTING, r"trouble:"),
    ("report-given-up", "PUT", r"/activities/", r"trouble:\w+/given-up"),
    ("report-over", "PUT", r"/activities/", r"trouble:\w+/over"),
    ("point-to-channel", "PUT", r"/activities/", r"Open the incident's channel.*elsewhere:"),
    ("update announcement", "PUT", r"/activities/", r"announcement:"),
    ("page:amara-sms", "POST", r"^/sms/", r"\+15005550101"),
    ("report-to-last-resort", "POST", r"^/pager/", r"The launch of this incident"),
    ("page-last-resort", "POST", r"^/pager/", r"last-resort"),
    ("page:bruno-webhook-pager", "POST", r"^/pager/", r"bruno@"),
    ("find create-channel", "GET", r"/channels(\?|$)", ""),
    ("find announce", "GET", r"/messages(\?|$)", ""),
    ("read user", "GET", r"/users/", ""),
)

# A part's name: its step, whom it is for, a digest, and by which way.
_PART = re.compile(r"^([a-z-]+):([a-z]+)[a-z-]*-[0-9a-f]{8}((?:-[a-z-]+)?)$")

# What makes something in a remote system, in the order of a launch. Dario is refused: Boards does not know him.
WRITES = (
    "create-work-item",
    "create-channel",
    "assign:owner",
    "assign:bruno",
    "assign:dario",
    "link-channel",
    "announce",
)
READS = ("read fields", "read locations", "read work item", "read user", "read roster")
FINDS = ("find create-work-item", "find create-channel", "find announce")

# Every checkpoint of a launch; the names of parts are cut to the person's first name, and by which way.
BEGUN = ("create-work-item", "create-channel", "find-on-call", *WRITES[2:], "mention:amara")
DONE = ("route", *BEGUN, "assign", "mention")


def of_remote(method: str, path: str, body: bytes) -> frozenset[str]:
    text = body.decode(errors="replace")
    for name, wanted, in_path, in_body in _REMOTE:
        if method == wanted and re.search(in_path, path, re.IGNORECASE) and re.search(in_body, text):
            return frozenset({name})
    return frozenset({f"{method} {path}"})


def of_table(method: str, path: str, body: bytes) -> frozenset[str]:
    if "/$batch" in path:
        return frozenset(_of_transaction(body.decode(errors="replace")))
    if ("oncall" in path or "schedules" in path) and method == "GET":
        return frozenset({"read roster"})
    if method == "GET":
        return frozenset({"read rows"})
    return frozenset({"prepare" if path.rstrip("/").endswith("Tables") else "list among newest"})


def _of_transaction(text: str) -> Iterator[str]:
    rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    lease = next((row for row in rows if row["RowKey"] == "lease"), None)
    if lease is None:
        yield from _of_rows(rows)
    elif lease["PartitionKey"].startswith(LANE):
        yield from _of_lane(lease["PartitionKey"], rows)
    else:
        yield from _of_launch(lease, rows)


def _of_rows(rows: Sequence[Row]) -> Iterator[str]:
    """What is recorded of a response: one name for all of it, and one for each entry."""
    if not rows[0]["PartitionKey"].startswith(RESPONSE):
        yield f"keep {rows[0]['PartitionKey'].partition(':')[0]}"
        return
    yield "record"
    yield from (f"record {row['kind']}" for row in rows if row["RowKey"].startswith("entry:"))


# What a lane of these does has a part for each person and way, whose names are their own.
_OF_PERSONS = ("tells", "members")


def _of_lane(partition: str, rows: Sequence[Row]) -> Iterator[str]:
    """Those of effects: each by its lane, and by no number of an entry."""
    lane = re.sub(r"-\d+$", "", partition.rsplit(":", 1)[1])
    steps = [row for row in rows if row["RowKey"].startswith("step:")]
    if not steps:
        yield f"{lane}: lease"
    for row in steps:
        name = re.sub(r"^([a-z-]+)-\d+", r"\1", row["RowKey"].removeprefix("step:"))
        yield f"{lane}: {row['state']} {name.partition(':')[0] if lane in _OF_PERSONS else name}"


def _of_launch(lease: Row, rows: Sequence[Row]) -> Iterator[str]:
    if "event_0" in lease:
        yield "open"
    elif "playbook" in lease:
        yield "take over"
    elif "state" in lease:
        yield f"close {lease['state']}"
    elif len(rows) == 1:
        yield "renew"
    for row in rows:
        if row["RowKey"].startswith("step:"):
            yield f"{row['state']} {_short(row['RowKey'].removeprefix('step:'))}"


def _short(name: str) -> str:
    return _PART.sub(r"\1:\2\3", name)
