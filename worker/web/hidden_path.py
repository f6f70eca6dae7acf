"""The path of a request as the log may show it: one that is a secret in itself is cut before the secret."""

import re

_LONGEST = 200
# However somebody mistyped the rest of it: what stands behind lets people in.
_BEFORE_A_SECRET = re.compile(r"on-call/+calendars/+", re.IGNORECASE)


def shown_path(path: str) -> str:
    found = _BEFORE_A_SECRET.search(path)
    return (path[: found.end()] + "…" if found else path)[:_LONGEST]
