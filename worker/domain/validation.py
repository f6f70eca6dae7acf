"""What is wrong with an input, field by field, without its values."""

from typing import NamedTuple

from pydantic import (
    ValidationError,
)

from worker.domain.text import SHORT_LIMIT, clean_line


class Fault(NamedTuple):
    """What is wrong with one field, without its value."""

    field: str
    message: str


def faults(error: ValidationError) -> str:
    """All that is wrong, field by field, in one line and without the values."""
    return "; ".join(f"{fault.field}: {fault.message}" for fault in field_faults(error))


def field_faults(error: ValidationError) -> list[Fault]:
    """The first ten faults; more help nobody, and a hostile body may hold thousands."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [Fault(_path(fault["loc"]), _sentence(fault["type"], fault["msg"])) for fault in found[:10]]


def _path(location: tuple[int | str, ...]) -> str:
    # A label's name is part of its path, and its name may be the whole body.
    return clean_line(".".join(str(part)[:SHORT_LIMIT] for part in location))[:SHORT_LIMIT] or "body"


_SENTENCES = {
    "missing": "is required",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be an http or https address",
    "timezone_aware": "needs a time zone, such as Z or +01:00",
    "model_type": "must be a JSON object",
}


def _sentence(kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ")
    return _SENTENCES.get(kind) or text[:1].lower() + text[1:]
