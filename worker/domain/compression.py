"""A body that its sender compressed, made plain again within bounds."""

import zlib

from worker.domain.errors import Undecodable

READABLE = ("gzip", "deflate")
_GZIP, _DEFLATE = "gzip", "deflate"
_MEANT = {"gzip": _GZIP, "x-gzip": _GZIP, "application/gzip": _GZIP, "application/x-gzip": _GZIP, "deflate": _DEFLATE}
_PLAIN = {"", "identity"}
_GZIP_MAGIC = b"\x1f\x8b"
# Of zlib's levels; no text in any encoding begins so.
_ZLIB_MAGIC = (b"x\x01", b"x\x9c", b"x\xda")
# Nobody compresses a body more often; each time costs a reading of the whole.
_CODINGS = 2
# A gzip file may be many, one behind the other; an empty one is twenty bytes that cost as much as a large one.
_MEMBERS = 100


class UnknownCoding(Undecodable):
    """The body is compressed in a way that is not read here."""


class Oversize(Undecodable):
    """More would come out of the body than is read of any."""


def coding_of(body: bytes) -> str:
    """By what it begins with; empty for what is not compressed, or in no way that is read here."""
    if body.startswith(_GZIP_MAGIC):
        return _GZIP
    return _DEFLATE if body.startswith(_ZLIB_MAGIC) else ""


def inflate(body: bytes, coding: str, *, limit: int) -> bytes:
    """At most `limit` bytes; `coding` is that of a header `Content-Encoding`, several with commas between.

    Raises UnknownCoding, Oversize and, for what is damaged, Undecodable.
    """
    names = [name for name in (part.strip().lower() for part in coding.split(",")) if name not in _PLAIN]
    if len(names) > _CODINGS or any(name not in _MEANT for name in names):
        raise UnknownCoding(
            "The body is compressed in a way that is not read here: send it as it is, "
            f"or compressed with {' or '.join(READABLE)}."
        )
    for name in reversed(names):
        body = _gunzip(body, limit) if _MEANT[name] == _GZIP else _undeflate(body, limit)
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    plain, members = b"", 0
    # Behind the last one zeros may stand, which belong to no member.
    while body.rstrip(b"\0") or not members:
        members += 1
        if members > _MEMBERS:
            raise Oversize(f"The body is {_MEMBERS} gzip files one behind the other, and goes on. Compress it as one.")
        part, body = _member(body, zlib.MAX_WBITS | 16, limit - len(plain))
        plain += part
    return plain


def _undeflate(body: bytes, limit: int) -> bytes:
    """Deflate is zlib's form by the standard, and without its header from some senders."""
    try:
        return _member(body, zlib.MAX_WBITS, limit)[0]
    except Oversize:
        raise
    except Undecodable:
        return _member(body, -zlib.MAX_WBITS, limit)[0]


def _member(body: bytes, form: int, limit: int) -> tuple[bytes, bytes]:
    """What comes out of the first stream, and what stands behind it."""
    stream = zlib.decompressobj(form)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error:
        raise _damaged() from None
    if len(plain) > limit:
        raise Oversize("The body holds more than is read of one. Send the facts, and a link to the rest.")
    if not stream.eof:
        raise _damaged()
    return plain, stream.unused_data


def _damaged() -> Undecodable:
    return Undecodable("The body is compressed and damaged: it breaks off or is no gzip. Send it again, or as it is.")
