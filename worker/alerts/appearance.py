"""What a body that nobody can read looks like, in a sentence that says as well what its sender can change."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from worker.domain.text import clean_line

# What is looked at: enough to know anything by.
_BEGINNING = 2_000
# Control characters that no text has, and how many in a hundred bytes a careless one may have nevertheless.
_STRANGE = frozenset({*range(9), 11, *range(14, 27), 28, 29, 31})
_STRANGE_SHARE = 50
# Every so many bytes a zero, in JSON that is written in UTF-16 or UTF-32.
_WIDE_SHARE = 8
_NAMED = 6
_NAME_LIMIT = 40
_AS_JSON = "Send the event as JSON in UTF-8."

# By the bytes that a file begins with.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"Obj\x01", "an Avro file. Send each record of it as JSON."),
    (b"PAR1", "a Parquet file. Send each record of it as JSON."),
    (b"\x89PNG", "an image. Send the facts as JSON, and a link to the image."),
    (b"\xff\xd8\xff", "an image. Send the facts as JSON, and a link to the image."),
    (b"GIF8", "an image. Send the facts as JSON, and a link to the image."),
    (b"RIFF", "an image or a sound. Send the facts as JSON, and a link to it."),
    (b"BM", "an image. Send the facts as JSON, and a link to the image."),
    (b"%PDF", "a PDF file. Send the facts as JSON, and a link to the file."),
    (b"PK\x03\x04", "a zip archive, or an Office file. Send the JSON itself, or compressed with gzip."),
    (b"\x1f\x8b", "gzip that is damaged or breaks off. Send it again, or as it is."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd. Send it as it is, or compressed with gzip."),
    (b"BZh", "compressed with bzip2. Send it as it is, or compressed with gzip."),
    (b"\xfd7zXZ", "compressed with xz. Send it as it is, or compressed with gzip."),
    (b"7z\xbc\xaf", "a 7z archive. Send the JSON itself, or compressed with gzip."),
    (b"\x04\x22\x4d\x18", "compressed with lz4. Send it as it is, or compressed with gzip."),
    (b"\xac\xed\x00\x05", "an object as Java serialises it. Send its JSON as text: a TextMessage in JMS."),
    (b"\x56\x02", "a message of WCF in .NET's binary XML. Send JSON without its envelope."),
    (b"\x80\x02", "a pickled Python object. Send json.dumps() of it."),
    (b"\x80\x03", "a pickled Python object. Send json.dumps() of it."),
    (b"\x80\x04", "a pickled Python object. Send json.dumps() of it."),
    (b"\x80\x05", "a pickled Python object. Send json.dumps() of it."),
    (b"\x00\x53", "a whole message of AMQP. Send the bytes of the JSON as its body."),
    (b"\x00\x80", "a whole message of AMQP. Send the bytes of the JSON as its body."),
)
DOTNET_OBJECT = (
    "It looks like an object as .NET's DataContractSerializer writes it. Send its JSON: "
    "new BrokeredMessage(stream) over the bytes of the JSON, or Azure.Messaging.ServiceBus."
)
_BINARY = (
    "It looks like binary: protobuf, MessagePack, something encrypted, or compressed in a way that is not known here. "
    f"{_AS_JSON}"
)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: bool(compiled.match(text))


# By how a text begins; the first that is true.
_TEXTS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (
        _matches(r"<!doctype html|<html|<head|<body"),
        "an HTML page, as proxies and sign-in pages answer. Look at what the sender itself was answered.",
    ),
    (_matches(r"(<\?xml[^<>]*>\s*)?<([a-z]\w*:)?envelope\b"), f"XML of SOAP. {_AS_JSON}"),
    (_matches(r"<\?xml|<[a-z_!]"), f"XML. {_AS_JSON}"),
    (
        _matches(r"-----begin pgp|ey[a-z0-9_-]+\.[a-z0-9_-]*\.[a-z0-9_-]"),
        "encrypted or signed. Send plain JSON: the way to the queue is encrypted as it is.",
    ),
    (_matches(r"--[^\r\n]{1,100}\r?\ncontent-"), f"a form with files (multipart). {_AS_JSON}"),
    (
        _matches(r"(return-path|received|mime-version|from|to|subject|date): [^\r\n]*\r?\n"),
        "an e-mail. Nothing is launched from mail; let what sends it call a webhook.",
    ),
    (
        _matches(r"\[object \w+\]"),
        "what JavaScript makes of an object where text is wanted. Send JSON.stringify() of it.",
    ),
    (
        _matches(r"(system|microsoft)\.\w[\w.]*(\[\])?\s*$|(\w+\.)+\w+@[0-9a-f]{1,8}\s*$"),
        "the name of a type: ToString() was sent in the place of the object. Send its JSON.",
    ),
    (_matches(r"b['\"]"), "bytes of Python as str() shows them. Send the bytes themselves."),
    (_matches(r"\{\s*'|\[\s*\{\s*'"), "an object of Python or JavaScript, in single quotes. Send json.dumps() of it."),
    (_matches(r'[{\[]\s*\\"|\{\{'), "JSON whose quotes were escaped once too often, or a template. Send plain JSON."),
    (_matches(r"%7b|%5b"), "JSON that was encoded for an address. Send it as it is, as the body."),
    (_matches(r"(7b|5b)([0-9a-f]{2})+\s*$"), "JSON in hexadecimal digits. Send it as it is."),
    (_matches(r"[{\[]"), "JSON with a fault in it, or cut off. Let a JSON library write it."),
    (_matches(r"---\s*[\r\n]|[\w-]+:[ \t]*([^\r\n]*)\r?\n[ \t]*[\w-]+:"), f"YAML. {_AS_JSON}"),
    (_matches(r"[a-z0-9+/]{40,}={0,2}$"), "base 64 of something that is no JSON. Send the JSON itself."),
    (_matches(r"[\w.%+\[\]-]+=[^\s&]*(&[\w.%+\[\]-]+=[^\s&]*)*\s*$"), f"a form. {_AS_JSON}"),
    (_matches(r"[^\r\n,;]*[,;][^\r\n]*\r?\n[^\r\n,;]*[,;]"), "a table in CSV. Send each row as JSON."),
)


def of_bytes(body: bytes) -> str | None:
    """Of bytes that are no text; None where they may be one."""
    for magic, sentence in _MAGIC:
        if body.startswith(magic):
            return f"It looks like {sentence}"
    beginning = body[:_BEGINNING].rstrip(b"\0")
    is_wide = json.detect_encoding(body[:4]).startswith(("utf-16", "utf-32"))
    if is_wide and beginning.count(0) * _WIDE_SHARE >= len(beginning):
        return None
    strange = sum(byte in _STRANGE for byte in beginning)
    return _BINARY if strange * _STRANGE_SHARE > len(beginning) else None


def of_text(text: str) -> str:
    """Of text that is no JSON."""
    beginning = text[:_BEGINNING].strip()
    sentence = next((sentence for matches, sentence in _TEXTS if matches(beginning)), None)
    return f"It looks like {sentence}" if sentence else f"It looks like plain text. {_AS_JSON}"


def _has(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda payload: all(name in payload for name in names)


# By fields that never stand together in an alert; what to do about each.
_OBJECTS: tuple[tuple[Callable[[Mapping[str, Any]], bool], str], ...] = (
    (
        _has("eventType", "eventTime", "data"),
        "an event of Event Grid. Subscribe only to events that somebody is to be called for.",
    ),
    (_has("messageType", "conversationId"), "a message of MassTransit. Send the event itself, or in `message`."),
    (
        _has("Body", "MessageId", "TimeToLive"),
        "a ServiceBusMessage whose body got lost in Azure Functions' output. Return the JSON as a string.",
    ),
    (_has("records"), "logs or metrics of a diagnostic setting. Send alerts: an action group over these logs."),
    (_has("@type", "themeColor"), "a card for Teams. Send the event itself, with a title."),
    (_has("attachments", "type"), "a card for Teams. Send the event itself, with a title."),
    (_has("Type", "MessageId", "TopicArn"), "a notification of Amazon SNS. Let it deliver the raw message."),
)
_MAIL = ({"from", "to"}, {"from", "body"}, {"sender", "recipients"}, {"toRecipients"}, {"internetMessageId"})


def of_value(value: object) -> str:
    """Of JSON that bears no mark of any format."""
    match value:
        case dict():
            return _of_object(value)
        case list():
            return _of_list(value)
        case str():
            return "It looks like a single JSON string. Send an object with at least a title."
        case bool() | None:
            return "It looks like JSON's true, false or null alone. Send an object with at least a title."
        case _:
            return "It looks like a single JSON number. Send an object with at least a title."


def _of_list(value: list[object]) -> str:
    if not value:
        return "It looks like an empty JSON array: there is nothing in it. Send an object with at least a title."
    if isinstance(value[0], dict):
        return _of_object(value[0])
    return "It looks like a JSON array without objects. Send objects with at least a title."


def _of_object(payload: Mapping[str, Any]) -> str:
    for matches, sentence in _OBJECTS:
        if matches(payload):
            return f"It looks like {sentence}"
    if _is_mail(payload):
        return "It looks like an e-mail. Send an event with a title of its own: title, severity and service."
    if not payload:
        return "It looks like an empty JSON object. Send at least a title."
    names = [clean_line(str(name))[:_NAME_LIMIT] for name in list(payload)[:_NAMED]]
    more = " and others" if len(payload) > _NAMED else ""
    return f"It looks like a JSON object of another kind, with {', '.join(names)}{more}. Name its title `title`."


def _is_mail(payload: Mapping[str, Any]) -> bool:
    names = payload.keys()
    return "subject" in names and any(marks <= names for marks in _MAIL)
