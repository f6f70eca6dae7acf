"""The parts of a JSON answer, whatever it is: what is of another kind than expected counts as missing."""

from typing import Any


def text_of(answer: Any, name: str) -> str:
    """Empty where there is none."""
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, str) else ""


def object_of(answer: Any, name: str) -> dict[str, Any]:
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, dict) else {}


def objects_of(answer: Any, name: str) -> list[dict[str, Any]] | None:
    """None where there is no list; the objects in it where there is one."""
    values = answer.get(name) if isinstance(answer, dict) else None
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else None
