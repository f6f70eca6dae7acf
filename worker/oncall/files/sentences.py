"""What pydantic finds wrong with a definition, as faults that say what to write."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from worker.oncall.files.document import Fault, Path
from worker.oncall.reading.fields import Given
from worker.oncall.reading.given_definitions import GivenDefinitions, GivenPerson, GivenService
from worker.oncall.reading.given_policy import GivenHours, GivenLevel, GivenPolicy
from worker.oncall.reading.given_schedule import (
    GivenAbsence,
    GivenChange,
    GivenHalf,
    GivenLayer,
    GivenOverride,
    GivenSchedule,
)

_MODELS: tuple[type[Given], ...] = (
    GivenDefinitions,
    GivenPerson,
    GivenService,
    GivenSchedule,
    GivenLayer,
    GivenChange,
    GivenOverride,
    GivenHalf,
    GivenAbsence,
    GivenPolicy,
    GivenLevel,
    GivenHours,
)
FIELDS = tuple(dict.fromkeys(field.alias or name for model in _MODELS for name, field in model.model_fields.items()))
_SENTENCES = {
    "missing": "is missing",
    "model_type": "must be fields with a value each",
    "dict_type": "must be names with a value each",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and not so large",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
    "string_too_long": "must have at most {max_length} characters",
}


def faults_of(error: ValidationError, path: Path) -> Iterator[Fault]:
    """`path`: where what was validated stands."""
    for found in error.errors(include_url=False, include_input=False):
        place = (*path, *found["loc"])
        kind, context = found["type"], found.get("ctx", {})
        yield Fault(place, _unknown(place) if kind == "extra_forbidden" else _sentence(found, context))


def _sentence(found: Any, context: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(found["type"])
    if known:
        return known.format(**context)
    text = str(found["msg"]).removeprefix("Value error, ")
    # A word that is quoted is as it was written; the sentence goes on behind a colon.
    return text[:1].lower() + text[1:]


def _unknown(path: Path) -> str:
    fields = FIELDS if len(path) > 1 else tuple(GivenDefinitions.model_fields)
    close = get_close_matches(str(path[-1])[:100].casefold(), fields, n=1)
    return "there is no such field here" + (f"; do you mean {close[0]}?" if close and close[0] != path[-1] else "")
