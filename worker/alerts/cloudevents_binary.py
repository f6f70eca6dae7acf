"""A CloudEvent whose attributes travel beside its data, put together as the structured form that says the same."""

import base64
from collections.abc import Mapping
from urllib.parse import unquote

from worker.domain.lenient_json import is_json, read_lenient
from worker.domain.text_encoding import charset_of

_HEADER = "ce-"
# The two prefixes of the AMQP binding: property names with a colon are more than some brokers and filters take.
_PROPERTIES = ("cloudEvents:", "cloudEvents_")
_MARK = "specversion"


def of_http(headers: Mapping[str, str], body: bytes) -> dict[str, object] | None:
    """None if the headers are not those of a CloudEvent; raises Undecodable."""
    attributes = {
        name.lower().removeprefix(_HEADER): unquote(value)
        for name, value in headers.items()
        if name.lower().startswith(_HEADER)
    }
    return _structured(attributes, headers.get("content-type", ""), body)


def of_amqp(properties: Mapping[str, object], content_type: str, body: bytes) -> dict[str, object] | None:
    """None if the application properties are not those of a CloudEvent; raises Undecodable."""
    attributes = {
        name.removeprefix(prefix).lower(): str(value)
        for prefix in _PROPERTIES
        for name, value in properties.items()
        if name.startswith(prefix)
    }
    return _structured(attributes, content_type, body)


def _structured(attributes: Mapping[str, str], content_type: str, body: bytes) -> dict[str, object] | None:
    if _MARK not in attributes:
        return None
    kind = content_type or attributes.get("datacontenttype", "")
    return {**attributes, "datacontenttype": kind, **_data(kind, body)}


def _data(content_type: str, body: bytes) -> dict[str, object]:
    if not body:
        return {}
    if is_json(content_type):
        return {"data": read_lenient(body, charset_of(content_type))}
    try:
        return {"data": body.decode(charset_of(content_type) or "utf-8")}
    except (UnicodeDecodeError, LookupError):
        return {"data_base64": base64.b64encode(body).decode()}
