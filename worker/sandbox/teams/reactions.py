"""A reaction as Graph shows it: what it is, whose, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from worker.sandbox.teams.timestamps import stamp


def reaction_of(kind: str, person_id: str, now: datetime) -> dict[str, Any]:
    # Graph tells the id of the person, and leaves the name to whoever asks the directory for it.
    user = {"id": person_id, "displayName": None, "userIdentityType": "aadUser"}
    return {
        "reactionType": kind,
        "displayName": None,
        "reactionContentUrl": None,
        "createdDateTime": stamp(now),
        "user": {"application": None, "device": None, "user": user},
    }
