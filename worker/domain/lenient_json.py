"""JSON as careless senders write it."""

import json

from pydantic_core import from_json

from worker.domain.errors import Undecodable


def is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "application/json", "text/json"} or kind.endswith("+json")


def read_lenient(body: bytes) -> object:
    """The value; raises Undecodable with a sentence.

    Mended is what can be: raw line breaks in strings, NaN, halves of surrogate pairs, UTF-16.
    """
    if not body.strip():
        raise Undecodable("The body is empty; an event in JSON was expected.")
    try:
        value = json.loads(body, strict=False, parse_constant=lambda _: None)
        return from_json(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except json.JSONDecodeError as error:
        raise Undecodable(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (RecursionError, ValueError):
        raise Undecodable(
            "The body is not JSON that can be read: it is nested too deep, a number is too long or it is not UTF-8."
        ) from None
