"""The names of the moments in a launch, read from the requests alone: which step, which checkpoint, which look-up."""

import json
import re
from collections.abc import Iterator

# The first that fits names the request; each is (name, method, pattern in the path, pattern in the body).
_REMOTE = (
    ("check", "POST", r"validateOnly=true", ""),
    ("check", "GET", r"displayName.*General", ""),
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
    ("announce", "POST", r"/v3/conversations|/messages(\?|$)", ""),
    ("find create-channel", "GET", r"/channels(\?|$)", ""),
    ("find announce", "GET", r"/messages(\?|$)", ""),
    ("read user", "GET", r"/users/", ""),
)

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

# Every checkpoint of a launch; the names of parts are cut to the person's first name.
BEGUN = ("create-work-item", "create-channel", "find-on-call", *WRITES[2:])
DONE = (*BEGUN, "assign")


def of_remote(method: str, path: str, body: bytes) -> frozenset[str]:
    text = body.decode(errors="replace")
    for name, wanted, in_path, in_body in _REMOTE:
        if method == wanted and re.search(in_path, path, re.IGNORECASE) and re.search(in_body, text):
            return frozenset({name})
    return frozenset({f"{method} {path}"})


def of_table(method: str, path: str, body: bytes) -> frozenset[str]:
    if "/$batch" in path:
        return frozenset(_of_transaction(body.decode(errors="replace")))
    if "oncall" in path and method == "GET":
        return frozenset({"read roster"})
    if method == "GET":
        return frozenset({"read rows"})
    return frozenset({"prepare" if path.rstrip("/").endswith("Tables") else "list among newest"})


def _of_transaction(text: str) -> Iterator[str]:
    rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    lease = next(row for row in rows if row["RowKey"] == "lease")
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
    return re.sub(r"^assign:(\w+)-.*", r"assign:\1", name)
