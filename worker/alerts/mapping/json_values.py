"""What expressions give, in the types that an event has: what is of another one is as if it were absent."""

import json
from collections.abc import Iterator, Mapping

from worker.alerts.details import readable
from worker.domain.text import clean_line


def word(value: object) -> str:
    """A single value in one line; nothing of a list or an object."""
    if isinstance(value, bool):
        return str(value).lower()
    return clean_line(_text(value)) if isinstance(value, str | int | float) else ""


def text(value: object) -> str:
    """As a person reads it, an object line by line."""
    if value is None or isinstance(value, str | bool | int | float):
        return value if isinstance(value, str) else word(value)
    if isinstance(value, list):
        return "\n".join(filter(None, map(_readable, value)))
    return _readable(value)


def words(value: object) -> Iterator[str]:
    """Of one value, or of each in a list."""
    return filter(None, map(word, value if isinstance(value, list) else [value]))


def pairs(value: object) -> Iterator[tuple[str, str]]:
    """Of an object; or of a list of `name:value`, `name=value`, or objects with a name (or key) and a value."""
    if isinstance(value, Mapping):
        yield from ((word(name), word(each)) for name, each in value.items())
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping):
            yield word(each.get("name") or each.get("key")), word(each.get("value"))
        elif isinstance(each, str):
            sign = min((sign for sign in ":=" if sign in each), key=each.index, default=":")
            name, _, tag = each.partition(sign)
            yield word(name), word(tag)


def addresses(value: object, said: str) -> Iterator[tuple[str, str]]:
    """Of an address, of an object with `href` or `url` and what it says, `text` or `title`, or of a list of them."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield word(each.get("href") or each.get("url")), word(each.get("text") or each.get("title")) or said
        else:
            yield word(each), said


def canonical(value: object) -> str:
    """The same for equal values, in whatever order their parts stand; empty for none."""
    if value in (None, "", [], {}):
        return ""
    return word(value) or _json(sorted(map(_json, value)) if isinstance(value, list) else value)


def _text(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # a number of more digits than anybody writes
        return ""


def _readable(value: object) -> str:
    try:
        return readable(value)
    except ValueError:
        return ""


def _json(value: object) -> str:
    try:
        return json.dumps(value, sort_keys=True)
    except ValueError:
        return ""
