"""Reads a JSON Patch document as Azure DevOps accepts one: bounded, and only the paths a work item has."""

from dataclasses import dataclass
from typing import Any

from worker.sandbox.boards.refusal import bad_patch

OPERATIONS_LIMIT = 200
OPERATIONS = ("add", "replace", "remove", "test")


@dataclass(frozen=True)
class Operation:
    op: str
    path: str
    value: Any

    @property
    def segments(self) -> list[str]:
        return self.path.strip("/").split("/")


def read_patch(document: object) -> list[Operation]:
    if not isinstance(document, list) or not document:
        raise bad_patch("You must pass a valid patch document in the body of the request.")
    if len(document) > OPERATIONS_LIMIT:
        raise bad_patch(f"A patch document may have up to {OPERATIONS_LIMIT} operations.")
    return [_read(operation) for operation in document]


def _read(operation: object) -> Operation:
    if not isinstance(operation, dict):
        raise bad_patch("You must pass a valid patch document in the body of the request.")
    op, path = operation.get("op"), operation.get("path")
    if op not in OPERATIONS:
        raise bad_patch(f"The operation {op!r} is not supported on a work item.")
    if not isinstance(path, str) or not path.startswith("/"):
        raise bad_patch("Each operation needs a path that begins with a slash.")
    _check_path(str(op), path)
    return Operation(op=str(op), path=path, value=operation.get("value"))


def _check_path(op: str, path: str) -> None:
    match path.strip("/").split("/"):
        case ["id" | "rev"]:
            fits = op == "test"
        case ["fields", _]:
            fits = True
        case ["relations", "-"]:
            fits = op == "add"
        case ["relations", number]:
            fits = op == "remove" and _is_index(number)
        case ["relations", number, "attributes", "comment"]:
            fits = op in ("add", "replace") and _is_index(number)
        case ["fields" | "relations"]:
            raise bad_patch(f"WorkItemTracking does not support patching the top level property at path {path}.")
        case _:
            fits = False
    if not fits:
        raise bad_patch(f"The operation {op} is not supported at path {path[:200]}.")


def _is_index(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6  # noqa: PLR2004
