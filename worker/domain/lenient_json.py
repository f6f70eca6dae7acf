"""JSON as careless senders write it."""

import json
import re
from contextlib import suppress

from pydantic_core import from_json

from worker.domain.errors import Undecodable
from worker.domain.text_encoding import decode_text

# Between values that stand one behind the other: line breaks, commas, and the mark of JSON text sequences.
_BETWEEN = re.compile(r"[\s,\x1e]*")
_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


class NotJson(Undecodable):
    """Not JSON, or nothing at all."""


def is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "application/json", "text/json"} or kind.endswith("+json")


def read_lenient(body: bytes | str, charset: str = "") -> object:
    """The value; raises Undecodable with a sentence.

    Mended is what can be: raw line breaks in strings, NaN, halves of surrogate pairs, other encodings than UTF-8.
    """
    text = body if isinstance(body, str) else decode_text(body, charset)
    if not text.strip():
        raise NotJson("The body is empty; an event in JSON was expected.")
    # What is written with care, as most is, is read in a quarter of the time.
    with suppress(TypeError, ValueError):
        return _strict(text)
    try:
        return _mended(_DECODER.decode(text))
    except json.JSONDecodeError as error:
        raise NotJson(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (RecursionError, ValueError):
        raise _unreadable() from None


def read_objects(text: str, *, limit: int) -> list[object]:
    """Of objects that stand one behind the other, on lines of their own or not: at most `limit` of them.

    Empty for anything else; raises Undecodable.
    """
    found: list[object] = []
    place = _next(text, 0)
    try:
        while place < len(text) and len(found) < limit:
            value, end = _DECODER.raw_decode(text, place)
            if not isinstance(value, dict):
                return []
            found.append(value)
            place = _next(text, end)
        return [_mended(value) for value in found]
    except json.JSONDecodeError:
        return []
    except (RecursionError, ValueError):
        raise _unreadable() from None


def _next(text: str, place: int) -> int:
    between = _BETWEEN.match(text, place)
    return between.end() if between else place


def _strict(text: str) -> object:
    value: object = from_json(text, allow_inf_nan=False)
    return value


def _mended(value: object) -> object:
    mended: object = from_json(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    return mended


def _unreadable() -> Undecodable:
    return Undecodable("The body is not JSON that can be read: it is nested too deep, or a number in it is too long.")
