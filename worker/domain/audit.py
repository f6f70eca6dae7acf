"""What people did to an incident by hand, as it is kept beside its checkpoints."""

import getpass
import socket
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

# What somebody says who was told and has it.
ACKNOWLEDGE = "acknowledge"


class AuditRecord(BaseModel, frozen=True):
    """Written before the deed: a record without its effect says that somebody was interrupted."""

    action: str
    who: str
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    details: dict[str, Any] = Field(default_factory=dict)


def operator() -> str:
    """Who is at the keyboard, as this machine knows it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user id without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
