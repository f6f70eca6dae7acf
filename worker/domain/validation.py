"""What is wrong with an input, field by field, without its values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import core_schema

from worker.domain.text import SHORT_LIMIT, clean_line


@dataclass(frozen=True, slots=True)
class Matching:
    """A constraint on a text: the whole of it matches, else `sentence` is its fault.

    What a field has to look like is known where its pattern stands, and nowhere else.
    """

    pattern: str
    sentence: str

    def check(self, text: str) -> str:
        """Raises ValueError."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.sentence)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}


WEB_ADDRESS = "must be an http or https address"


class Fault(NamedTuple):
    """What is wrong with one field, without its value."""

    field: str
    message: str


def faults(error: ValidationError) -> str:
    """All that is wrong, field by field, in one line and without the values."""
    return "; ".join(f"{fault.field}: {fault.message}" for fault in field_faults(error))


def field_faults(error: ValidationError) -> list[Fault]:
    """The first ten faults; more help nobody, and a hostile body may hold thousands."""
    return faults_of(error.errors(include_url=False, include_context=False, include_input=False))


def faults_of(found: Sequence[Mapping[str, Any]], *, behind: int = 0) -> list[Fault]:
    """The same of what pydantic found; the first so many parts of each path say nothing to the sender."""
    return [Fault(_path(fault["loc"][behind:]), _sentence(fault["type"], fault["msg"])) for fault in found[:10]]


def _path(location: tuple[int | str, ...]) -> str:
    # A label's name is part of its path, and its name may be the whole body.
    return clean_line(".".join(str(part)[:SHORT_LIMIT] for part in location))[:SHORT_LIMIT] or "body"


_SENTENCES = {
    "missing": "is required",
    "too_short": "must not be empty",
    "timezone_aware": "needs a time zone, such as Z or +01:00",
    "model_type": "must be a JSON object",
}


def _sentence(kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ")
    return _SENTENCES.get(kind) or text[:1].lower() + text[1:]
