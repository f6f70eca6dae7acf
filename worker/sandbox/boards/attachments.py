"""Files that were uploaded, which belong to a work item only once it is related to them."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from worker.sandbox.boards.refusal import Refusal, bad_request, too_many, unknown_attachment

# The service takes more; a sandbox shows and keeps everything at every change.
SIZE = 1_000_000
LIMIT = 500
NAME_LENGTH = 255


@dataclass(frozen=True)
class Attachment:
    id: str
    name: str
    content: bytes


class Attachments:
    def __init__(self) -> None:
        self._attachments: dict[str, Attachment] = {}

    def add(self, name: str | None, content: bytes) -> Attachment:
        if not name or len(name) > NAME_LENGTH or {"/", "\\"} & set(name):
            raise bad_request(f"The parameter fileName must be the name of a file, of up to {NAME_LENGTH} characters.")
        if len(content) > SIZE:
            raise _too_large(len(content))
        if len(self._attachments) >= LIMIT:
            raise too_many("attachments", LIMIT)
        attachment = Attachment(str(uuid4()), name, content)
        self._attachments[attachment.id] = attachment
        return attachment

    def get(self, name: str) -> Attachment:
        """By its id in any spelling."""
        try:
            return self._attachments[str(UUID(name))]
        except (ValueError, KeyError):
            raise unknown_attachment(name[:40]) from None

    def state(self) -> list[dict[str, Any]]:
        return [
            {"id": each.id, "name": each.name, "packed": base64.b64encode(zlib.compress(each.content)).decode()}
            for each in self._attachments.values()
        ]

    def restore(self, state: list[Mapping[str, Any]]) -> None:
        self._attachments = {
            each["id"]: Attachment(each["id"], each["name"], zlib.decompress(base64.b64decode(each["packed"])))
            for each in state
        }


def _too_large(size: int) -> Refusal:
    return Refusal(
        400,
        "AttachmentExceedsMaxSizeException",
        f"The attachment has {size} bytes; the sandbox takes up to {SIZE}.",
    )
