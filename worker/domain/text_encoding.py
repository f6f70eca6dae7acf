"""The text of a body, whatever its sender's encoding and marks of byte order."""

import codecs
import json
import re

from worker.domain.errors import Undecodable

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:+-]{1,40})", re.IGNORECASE)
_UTF_8 = {"utf-8", "utf-8-sig", "ascii"}
# Of texts; Python also has codecs of names and of escapes, and some of these take the square of the length.
_CHARSETS = ("utf-", "ascii", "iso8859", "iso2022", "cp", "gb", "big5", "shift_jis", "euc_", "koi8", "mac-", "tis-620")
# Half a character of UTF-8: in Western texts a letter or a space stands behind these.
_BROKEN = re.compile(rb"[\xc2\xc3][^A-Za-z \x80-\xff]")
# The longer ones first: UTF-32's mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def charset_of(content_type: str) -> str:
    """As the content type names it; empty where it names none."""
    named = _CHARSET.search(content_type)
    return named[1] if named else ""


def is_charset(name: str) -> bool:
    return _codec(name) is not None


def decode_text(body: bytes, charset: str = "") -> str:
    """The marks at the beginning count most, then what the bytes can only be, then the charset; raises Undecodable.

    What is neither UTF-8 nor declared is read as Western, as PowerShell and old Windows programs send it.
    """
    # Some programs write the mark twice, and the zero at the end of their strings.
    return _decoded(body, charset).lstrip("\ufeff").rstrip("\0")


def _decoded(body: bytes, charset: str) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _strictly(body[len(mark) :], encoding)
    declared = _codec(charset)
    if (wide := _wide(body)) or declared in (None, *_UTF_8):
        return _strictly(body, wide) if wide else _utf_8_or_western(body)
    assert declared is not None  # noqa: S101 - for the type checker
    return _declared(body, declared)


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 by the zeros among the first characters."""
    found = json.detect_encoding(body[:4])
    return found if found.startswith(("utf-16", "utf-32")) else None


def _utf_8_or_western(body: bytes) -> str:
    try:
        return body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return _western(body)


def _declared(body: bytes, declared: str) -> str:
    try:
        # A label that is wrong, as defaults of HTTP clients are: what is UTF-8 is hardly ever anything else.
        return body.decode() if declared.startswith(("utf-16", "utf-32", "iso8859", "cp125")) else body.decode(declared)
    except UnicodeDecodeError:
        return _strictly(body, declared)


def _western(body: bytes) -> str:
    """Raises Undecodable for what is no text of Western Europe: more likely it is UTF-8 that was damaged."""
    if b"\0" in body or _BROKEN.search(body):
        raise _not_text("UTF-8")
    return _strictly(body, "cp1252")


def _strictly(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding, "surrogatepass" if encoding.startswith("utf-") else "strict")
    except UnicodeDecodeError:
        raise _not_text(encoding.upper()) from None


def _not_text(encoding: str) -> Undecodable:
    return Undecodable(f"The body is not text in {encoding}, which it was taken for. Send it in UTF-8.")


def _codec(name: str) -> str | None:
    """Python's name of the charset; None for one that is not known, or whose reading could take long."""
    try:
        found = codecs.lookup(name.strip()).name if name.strip() else ""
    except (LookupError, ValueError):
        return None
    return found if found.startswith(_CHARSETS) else None
