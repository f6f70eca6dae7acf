"""The JSON in a body, out of whatever clients and services put around it on its way."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from worker.alerts import appearance
from worker.alerts.alert_limit import ALERTS_LIMIT
from worker.alerts.wrapping import dotnet, envelopes, java
from worker.domain.compression import Oversize, coding_of, inflate
from worker.domain.errors import Undecodable
from worker.domain.lenient_json import NotJson, read_lenient, read_objects
from worker.domain.text_encoding import charset_of, decode_text, is_charset

# What comes out of a compressed body where nobody says otherwise.
LIMIT = 1_000_000
# A string in an envelope in a string; each costs a reading of the whole, and some forms could hold themselves.
_LAYERS = 4
_COMPRESSED_TYPES = {
    **dict.fromkeys(("application/gzip", "application/x-gzip"), "gzip"),
    **dict.fromkeys(("application/zlib", "application/x-zlib", "application/deflate"), "deflate"),
}
_BASE_64 = re.compile(r"[A-Za-z0-9+/_\s-]{8,}={0,2}")
# As many of one body as are looked at for the worst.
_OBJECTS = 20_000
# The alphabet of base 64 that is fit for addresses, in the other one.
_OF_ADDRESSES = str.maketrans("-_", "+/")
_BEGINS_AS_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*[\[{]")


def read_contents(body: bytes, *, content_type: str = "", coding: str = "", limit: int = LIMIT) -> object:
    """The same, and as a list what stands one behind the other, as Stream Analytics and log shippers write it."""
    try:
        return read_content(body, content_type=content_type, coding=coding, limit=limit)
    except NotJson:
        plain = plain_body(body, content_type=content_type, coding=coding, limit=limit)
        if several := _several(plain, _charset(content_type, coding)):
            return several
        raise


def read_content(body: bytes, *, content_type: str = "", coding: str = "", limit: int = LIMIT) -> object:
    """The value, without what was put around it; raises Undecodable, which says what the body looks like.

    `coding` is the header or property `Content-Encoding`; some name a charset in it.
    """
    plain = plain_body(body, content_type=content_type, coding=coding, limit=limit)
    value = _read(plain, _LAYERS, _charset(content_type, coding))
    for layers in reversed(range(_LAYERS)):
        inner = list(_inner(value, layers))
        if not inner:
            break
        [value] = inner
    return value


def _charset(content_type: str, coding: str) -> str:
    return coding if is_charset(coding) else charset_of(content_type)


def _several(body: bytes, charset: str) -> list[object]:
    try:
        return read_objects(decode_text(body, charset), limit=_OBJECTS)
    except Undecodable:
        return []


def plain_body(body: bytes, *, content_type: str = "", coding: str = "", limit: int = LIMIT) -> bytes:
    """The bytes, neither compressed nor serialised as .NET and Java do; raises Undecodable."""
    plain = _inflated(body, content_type, coding, limit)
    for unwrap in (dotnet.of_binary, java.of_object):
        if (content := unwrap(plain)) is not None:
            return _inflated(content, "", "", limit)
    return plain


def _inflated(body: bytes, content_type: str, coding: str, limit: int) -> bytes:
    typed = _COMPRESSED_TYPES.get(content_type.partition(";")[0].strip().lower(), "")
    declared = "" if is_charset(coding) else coding
    try:
        return inflate(body, declared or typed or coding_of(body), limit=limit)
    except Oversize:
        raise
    except Undecodable:
        # The label of what was made plain again on its way.
        if _BEGINS_AS_JSON.match(body):
            return body
        raise


def _read(body: bytes, layers: int, charset: str = "") -> object:
    """The value of bytes that may hold another layer or so of text around it; raises Undecodable."""
    if dotnet.is_object(body):
        raise NotJson(f"The body is not JSON. {appearance.DOTNET_OBJECT}")
    if looks := appearance.of_bytes(body):
        raise NotJson(f"The body is not JSON. {looks}")
    return _read_text(decode_text(body, charset), layers)


def _read_text(text: str, layers: int) -> object:
    if layers and (carried := dotnet.of_xml(text)) is not None:
        return _read(plain_body(carried), layers - 1)
    try:
        return read_lenient(text)
    except NotJson as error:
        if layers and (found := _of_base_64(text, layers - 1)):
            return found
        if not text.strip():
            raise
        raise NotJson(f"{error} {appearance.of_text(text)}") from None


def _of_base_64(text: str, layers: int) -> object:
    """The objects in it; None for what holds none, since much else is made of the same letters."""
    if not _BASE_64.fullmatch(text.strip()):
        return None
    letters = "".join(text.split()).translate(_OF_ADDRESSES).rstrip("=")
    try:
        content = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
        value = _read(plain_body(content), layers)
    except (binascii.Error, ValueError, Undecodable):
        return None
    return value if isinstance(value, dict | list) else None


def _inner(value: object, layers: int) -> Iterator[object]:
    """What it carries, if it carries anything."""
    match value:
        case str():
            yield from _read_within(value, layers)
        case list() if 0 < len(value) <= ALERTS_LIMIT and all(isinstance(each, str) for each in value):
            objects = [inner for each in value for inner in _read_within(each, layers)]
            if len(objects) == len(value):
                yield objects
        case dict() if "specversion" in value:
            yield from _with_data_read(value, layers)
        case dict():
            for carried in envelopes.inner(value):
                yield from _read_within(carried, layers) if isinstance(carried, str | bytes) else [carried]
        case _:
            return


def _with_data_read(event: dict[str, Any], layers: int) -> Iterator[object]:
    """Where a content type is left out, Dapr and others take JSON for plain text."""
    data = event.get("data")
    read = _read_within(data, layers) if isinstance(data, str) else ()
    yield from (event | {"data": inner} for inner in read if isinstance(inner, dict))


def _read_within(content: str | bytes, layers: int) -> Iterator[object]:
    """Objects, or a string that may hold some: a text that happens to be a number was meant as a text."""
    try:
        value = _read(plain_body(content), layers) if isinstance(content, bytes) else _read_text(content, layers)
    except Undecodable:
        return
    if isinstance(value, dict | list | str):
        yield value
