"""Text is read in the encoding it has, whatever is said of it."""

import pytest

from worker.domain.errors import Undecodable
from worker.domain.text_encoding import charset_of, decode_text, is_charset

TEXT = '{"title": "Größe"}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("charset", ["", "utf-8", "utf-16", "latin-1", "no such charset"])
def test_what_can_only_be_unicode_is_read_as_that(encoding, charset):
    """Marks and zeros say more than a label, which is often a default of some library."""
    assert decode_text(TEXT.encode(encoding), charset) == TEXT


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (TEXT, "iso-8859-1"),
        (TEXT, "windows-1252"),
        ('{"title": "Łódź"}', "iso-8859-2"),
        ('{"title": "Σφάλμα"}', "windows-1253"),
        ('{"title": "障害"}', "euc-jp"),
        ('{"title": "障害"}', "iso-2022-jp"),
        ('{"title": "故障"}', "gb18030"),
        ('{"title": "故障"}', "big5"),
    ],
)
def test_a_declared_charset_is_read(text, charset):
    """The charsets that mail and old systems still write."""
    assert decode_text(text.encode(charset), charset) == text


def test_what_is_neither_unicode_nor_declared_is_western():
    """Windows PowerShell says nothing of how it encodes a body."""
    assert decode_text('{"title": "Größe: 5 €"}'.encode("cp1252")) == '{"title": "Größe: 5 €"}'


@pytest.mark.parametrize("body", [b'{"title": "\xc3\x28"}', b"\xff\xfe\x00", b"\xf6\x00\xf6", b'{"title": "\x81"}'])
def test_what_is_damaged_is_refused(body):
    """Half a character is not made into another one."""
    with pytest.raises(Undecodable, match="UTF-8"):
        decode_text(body)


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "zlib", "base64", "rot13", "undefined"])
def test_what_is_no_encoding_of_texts_is_no_charset(charset):
    """Python's other codecs are not offered to senders: some take the square of the length."""
    assert not is_charset(charset)
    assert decode_text(TEXT.encode(), charset) == TEXT


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("application/json; charset=utf-16", "utf-16"),
        ('text/plain;format=flowed; Charset = "ISO-8859-1"', "ISO-8859-1"),
        ("application/json", ""),
        ("application/json; xcharset=latin-1", ""),
    ],
)
def test_a_content_type_names_a_charset_or_none(content_type, charset):
    """In any case of letters, with quotes or without."""
    assert charset_of(content_type) == charset
