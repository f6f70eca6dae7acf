"""What .NET's DataContractSerializer makes of a string, of bytes or of a stream: its binary XML, and its XML as text.

The binary form is that of `BrokeredMessage(object)`, of Azure DevOps and of whoever sends through them; its records
are those of [MS-NBFX].
"""

import base64
import binascii
import re

from worker.domain.errors import Undecodable

_NAMESPACE = "http://schemas.microsoft.com/2003/10/Serialization/"
_STRING, _BYTES = "string", "base64Binary"
# A short element (0x40) without attributes but its namespace (0x08), each name with its length before it.
_HEADS = {
    b"\x40" + bytes([len(name)]) + name.encode() + b"\x08" + bytes([len(_NAMESPACE)]) + _NAMESPACE.encode(): name
    for name in (_STRING, _BYTES)
}
_ELEMENT = re.compile(rb"[\x40\x41][\x01-\x7f][A-Za-z_]")
_END = 0x01
# Of each kind of text: the encoding of its bytes, and how many bytes say its length. One more says "and the end".
_TEXTS = {
    0x98: ("utf-8", 1),
    0x9A: ("utf-8", 2),
    0x9C: ("utf-8", 4),
    0x9E: ("", 1),
    0xA0: ("", 2),
    0xA2: ("", 4),
    0xB6: ("utf-16-le", 1),
    0xB8: ("utf-16-le", 2),
    0xBA: ("utf-16-le", 4),
}
# Records that are their own text.
_CONSTANTS = {0x80: b"0", 0x82: b"1", 0x84: b"false", 0x86: b"true", 0xA8: b""}
_XML = re.compile(
    r"\s*(?:<\?xml[^<>]*\?>\s*)?<(?:[A-Za-z]\w*:)?(?P<name>string|base64Binary)(?:\s[^<>]*)?>"
    r"(?P<text>[^<]*|\s*<!\[CDATA\[.*\]\]>\s*)</(?:[A-Za-z]\w*:)?(?P=name)\s*>\s*",
    re.DOTALL,
)
_CDATA = re.compile(r"\s*<!\[CDATA\[(.*)\]\]>\s*", re.DOTALL)
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def is_object(body: bytes) -> bool:
    """Whether it is what the serializer makes of any object."""
    return bool(_ELEMENT.match(body)) and (b"http://schemas." in body[:400] or b"http://www.w3.org/" in body[:400])


def of_binary(body: bytes) -> bytes | None:
    """The bytes or the text in UTF-8 that was serialised; None for what is neither; raises Undecodable."""
    head = next((head for head in _HEADS if body.startswith(head)), None)
    return _content(body, len(head)) if head else None


def of_xml(text: str) -> bytes | None:
    """The same of XML as text."""
    found = _XML.fullmatch(text)
    if not found:
        return None
    content = _cdata[1] if (_cdata := _CDATA.fullmatch(found["text"])) else _REFERENCE.sub(_character, found["text"])
    if found["name"] == _STRING:
        return content.encode(errors="replace")
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _character(reference: re.Match[str]) -> str:
    named, decimal, hexadecimal = reference.groups()
    if named:
        return _ENTITIES[named]
    point = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(point) if point < 0x110000 else "\ufffd"  # noqa: PLR2004 (as many as there are)


def _content(body: bytes, place: int) -> bytes:
    """A long text comes in several records."""
    parts = []
    while place < len(body) and body[place] != _END:
        part, place, is_last = _record(body, place)
        parts.append(part)
        if is_last:
            break
    return b"".join(parts)


def _record(body: bytes, place: int) -> tuple[bytes, int, bool]:
    """The text of the record at this place, where the next one begins, and whether the element ends with it."""
    kind, is_last = body[place] & 0xFE, bool(body[place] & 1)
    if kind in _CONSTANTS:
        return _CONSTANTS[kind], place + 1, is_last
    if kind not in _TEXTS:
        raise _damaged()
    encoding, width = _TEXTS[kind]
    begin = place + 1 + width
    end = begin + int.from_bytes(body[place + 1 : begin], "little")
    if end > len(body):
        raise _damaged()
    content = body[begin:end]
    plain = content if encoding in ("", "utf-8") else content.decode(encoding, "replace").encode()
    return plain, end, is_last


def _damaged() -> Undecodable:
    return Undecodable(
        "The body is a string as .NET's DataContractSerializer writes it, and is damaged or breaks off. "
        "Send the bytes of the JSON themselves: new BrokeredMessage(stream), or Azure.Messaging.ServiceBus."
    )
