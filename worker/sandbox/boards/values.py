"""Checks the value a client writes into a field, and gives the form in which it is stored."""

import math
import re
from datetime import datetime
from typing import Any

from worker.sandbox.boards.process import LONG_TEXT_LENGTH, TITLE_LENGTH, Field
from worker.sandbox.boards.refusal import invalid_value, not_in_list, rule_error, too_many

TAGS_LIMIT = 100
TAG_LENGTH = 400
FIRST_YEAR = 1753  # the first a database column of this kind can hold
WHOLE_NUMBER = re.compile(r"^-?\d{1,9}$")
# What neither a database column nor an XML document takes: control characters and halves of surrogate pairs.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_BREAKING = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def stored(field: Field, value: object) -> Any:
    """Give the value in its stored form; None clears the field."""
    if value is None or value == "":
        return _cleared(field)
    match field.type:
        case "integer":
            checked: Any = _whole_number(field, value)
        case "double":
            checked = _number(field, value)
        case "dateTime":
            checked = _moment(field, value)
        case _:
            checked = _text(field, value)
    if field.allowed and checked not in field.allowed:
        raise not_in_list(field.reference, field.name, checked)
    return checked


def joined_tags(*lists: str) -> str | None:
    """Join lists of tags into one; a tag is the same in any spelling of upper and lower case."""
    tags: dict[str, str] = {}
    for tag in (t.strip() for text in lists for t in re.split("[;,]", text)):
        if len(tag) > TAG_LENGTH:
            raise invalid_value("System.Tags", "InvalidTooLong")
        if tag:
            tags.setdefault(tag.casefold(), tag)
    if len(tags) > TAGS_LIMIT:
        raise too_many("tags", TAGS_LIMIT)
    return "; ".join(tags[key] for key in sorted(tags)) or None


def _cleared(field: Field) -> None:
    if field.required:
        raise rule_error(field.reference, field.name, "Required, InvalidEmpty")


def _whole_number(field: Field, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31:
        return value
    if isinstance(value, str) and WHOLE_NUMBER.match(value.strip()):
        return int(value)
    raise invalid_value(field.reference, "InvalidType")


def _number(field: Field, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid_value(field.reference, "InvalidType")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise invalid_value(field.reference, "InvalidType") from error
    if not math.isfinite(number):
        raise invalid_value(field.reference, "InvalidType")
    return number


def _moment(field: Field, value: object) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise invalid_value(field.reference, "InvalidType") from error
    if moment.year < FIRST_YEAR:
        raise invalid_value(field.reference, "InvalidDate")
    return str(value)


def _text(field: Field, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid_value(field.reference, "InvalidType")
    text = str(value)
    if (UNSTORABLE if field.is_long_text else LINE_BREAKING).search(text):
        raise invalid_value(field.reference, "InvalidCharacters")
    if field.required and not text.strip():
        raise rule_error(field.reference, field.name, "Required, InvalidEmpty")
    if len(text) > (LONG_TEXT_LENGTH if field.is_long_text else TITLE_LENGTH):
        raise rule_error(field.reference, field.name, "InvalidTooLong")
    return text
