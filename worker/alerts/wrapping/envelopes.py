"""JSON objects that only carry another message: that of a service bus, of a connector, of a framework."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_Envelope = Mapping[str, Any]
# What clients let one set on a message, in any case of letters: whoever gives the whole of it to Azure Functions sends
# it so.
_OF_A_MESSAGE = {
    *("body", "applicationproperties", "contenttype", "correlationid", "messageid", "partitionkey", "replyto"),
    *("replytosessionid", "scheduledenqueuetime", "scheduledenqueuetimeutc", "sessionid", "subject", "timetolive"),
    *("to", "transactionpartitionkey", "state"),
}
_URN = "urn:message:"


def inner(envelope: _Envelope) -> Iterator[object]:
    """What it carries, text as text and bytes as bytes: at most one; nothing for what is no envelope."""
    for carried in _KINDS:
        content = carried(envelope)
        if isinstance(content, bytes | str | dict | list) and content:
            yield content
            return


def _of_logic_apps(envelope: _Envelope) -> object:
    """A file or body that is not JSON by its content type, as workflows hold it."""
    return _bytes(envelope["$content"]) if {"$content", "$content-type"} <= envelope.keys() else None


def _of_a_connector(envelope: _Envelope) -> object:
    """A whole message of the connector for Service Bus, in Logic Apps and Power Automate."""
    content = envelope.get("ContentData")
    if isinstance(content, str):
        return _bytes(content) or content
    return content


def _of_masstransit(envelope: _Envelope) -> object:
    types = envelope.get("messageType")
    is_named = isinstance(types, list) and any(str(each).startswith(_URN) for each in types)
    return envelope.get("message") if is_named else None


def _of_iot_hub(envelope: _Envelope) -> object:
    """A device's message as Event Grid and files tell it; where its content type is not JSON, in base 64."""
    if not {"systemProperties", "body"} <= envelope.keys():
        return None
    content = envelope["body"]
    return (_bytes(content) or content) if isinstance(content, str) else content


def _of_functions(envelope: _Envelope) -> object:
    named = {name.lower(): value for name, value in envelope.items()}
    if len(named) == 1 or not named.keys() <= _OF_A_MESSAGE:
        return None
    content = named.get("body")
    return _bytes(content) or content if isinstance(content, str) else content


def _of_node(envelope: _Envelope) -> object:
    """A Buffer that went through JSON.stringify."""
    content = envelope.get("data")
    if envelope.keys() != {"type", "data"} or envelope["type"] != "Buffer" or not isinstance(content, list):
        return None
    try:
        return bytes(content)
    except (TypeError, ValueError):
        return None


def _of_newtonsoft(envelope: _Envelope) -> object:
    """Bytes whose type is written beside them."""
    type_name = envelope.get("$type")
    is_bytes = isinstance(type_name, str) and type_name.startswith("System.Byte[]")
    return _bytes(envelope.get("$value")) if is_bytes else None


_KINDS: tuple[Callable[[_Envelope], object], ...] = (
    _of_logic_apps,
    _of_a_connector,
    _of_masstransit,
    _of_iot_hub,
    _of_functions,
    _of_node,
    _of_newtonsoft,
)


def _bytes(content: object) -> bytes | None:
    try:
        return base64.b64decode(content, validate=True) if isinstance(content, str) else None
    except (binascii.Error, ValueError):
        return None
