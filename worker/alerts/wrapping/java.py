"""What Java's ObjectOutputStream makes of a string or of bytes, as the ObjectMessage of a JMS client carries it."""

import struct

from worker.domain.errors import Undecodable

_STREAM = b"\xac\xed\x00\x05"
_SHORT_STRING, _LONG_STRING = b"\x74", b"\x7c"
# The class byte[], with its serial version and nothing above it.
_BYTE_ARRAY = b"\x75\x72\x00\x02[B\xac\xf3\x17\xf8\x06\x08\x54\xe0\x02\x00\x00\x78\x70"
_LENGTHS = {_SHORT_STRING: ">H", _LONG_STRING: ">Q", _BYTE_ARRAY: ">I"}


def is_object(body: bytes) -> bool:
    return body.startswith(_STREAM)


def of_object(body: bytes) -> bytes | None:
    """The bytes, or the text in UTF-8; None for any other object; raises Undecodable."""
    if not is_object(body):
        return None
    rest = body[len(_STREAM) :]
    mark = next((mark for mark in _LENGTHS if rest.startswith(mark)), None)
    if mark is None:
        return None
    content = _counted(rest[len(mark) :], _LENGTHS[mark])
    return content if mark == _BYTE_ARRAY else _in_utf_8(content)


def _counted(rest: bytes, form: str) -> bytes:
    width = struct.calcsize(form)
    if len(rest) >= width:
        [length] = struct.unpack_from(form, rest)
        if width + length <= len(rest):
            return rest[width : width + length]
    raise Undecodable(
        "The body is an object as Java serialises it, and breaks off. Send the text itself: a TextMessage or a "
        "BytesMessage in JMS."
    )


def _in_utf_8(content: bytes) -> bytes:
    """Java writes the halves of a surrogate pair one by one, and zero as two bytes."""
    content = content.replace(b"\xc0\x80", b"\0")
    try:
        halves = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
