"""Fields of a foreign payload: what only enriches an incident is never a reason to refuse the alert."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.alias_generators import to_camel

from worker.domain.event import LABELS_LIMIT
from worker.domain.text import SHORT_LIMIT


def else_nothing(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _else_empty(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    return else_nothing(value, read) or ""


_T = TypeVar("_T")

# Of a wrong shape, it is as if it were absent.
Enriching = Annotated[_T | None, WrapValidator(else_nothing)]
Words = Annotated[str, WrapValidator(_else_empty)]


class Part(BaseModel):
    """A part of a payload: unknown fields pass, numbers are read as text, and names are in camel case."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, alias_generator=to_camel)


def scalars(properties: Mapping[str, Any] | None) -> dict[str, str]:
    return {
        key: str(value)
        for key, value in (properties or {}).items()
        if isinstance(value, str | int | float) and value != ""
    }


def first_of(properties: Mapping[str, str], *names: str) -> str:
    return next((properties[name] for name in names if properties.get(name)), "")


def tag(text: str) -> tuple[str, str]:
    """Of `name:value`; a tag without a value is its own."""
    name, _, value = text.partition(":")
    return name, value or name


def without_secret(payload: object, secret: str) -> object:
    """A payload as it is kept; `secret`: the name of the field that it leaves behind."""
    return {name: value for name, value in payload.items() if name != secret} if isinstance(payload, Mapping) else None


def digest(identity: object) -> str:
    """The fingerprint of what names an alert; equal for equal names, however long they are and however ordered."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def paragraphs(texts: Iterable[str]) -> str:
    return "\n\n".join(dict.fromkeys(filter(None, texts)))


def labels(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """As many as an event carries; of two with one name, the first."""
    found: dict[str, str] = {}
    for name, value in named:
        if value and len(found) < LABELS_LIMIT:
            found.setdefault(name[:SHORT_LIMIT], value)
    return found
