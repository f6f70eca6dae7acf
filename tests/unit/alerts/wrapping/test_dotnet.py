"""What .NET serialises is taken out of its records, and nothing else is touched."""

import base64

import pytest

from worker.alerts.wrapping.dotnet import is_object, of_binary, of_xml
from worker.domain.errors import Undecodable

NAMESPACE = b"http://schemas.microsoft.com/2003/10/Serialization/"
STRING = b"\x40\x06string\x08\x33" + NAMESPACE
BINARY = b"\x40\x0cbase64Binary\x08\x33" + NAMESPACE


@pytest.mark.parametrize(
    ("records", "content"),
    [
        (b"\x99\x02{}", b"{}"),
        (b"\x98\x02{}\x01", b"{}"),
        (b"\x9a\x02\x00{}\x01", b"{}"),
        (b"\x9d\x02\x00\x00\x00{}", b"{}"),
        (b"\x98\x01{\x99\x01}", b"{}"),
        (b"\xb7\x04{\x00}\x00", b"{}"),
        (b"\x9f\x02\x1f\x8b", b"\x1f\x8b"),
        (b"\xa9", b""),
        (b"\x01", b""),
        (b"\x83", b"1"),
        (b"\x99\x02{}and what is behind it", b"{}"),
    ],
)
@pytest.mark.parametrize("head", [STRING, BINARY])
def test_each_kind_of_record_is_read(head, records, content):
    """Texts of each width, in pieces, of bytes and of UTF-16, with their end in them or behind."""
    assert of_binary(head + records) == content


@pytest.mark.parametrize("records", [b"\x99\x05{}", b"\x9b\xff", b"\x9d\xff\xff\xff\xff{}", b"\x44\x00", b"{}"])
def test_records_that_break_off_are_refused(records):
    """The sentence says whose string it is, and what to send."""
    with pytest.raises(Undecodable, match="DataContractSerializer"):
        of_binary(STRING + records)


@pytest.mark.parametrize("body", [b"", b"{}", b"@home", STRING[:-1], STRING.replace(b"string", b"strong")])
def test_what_is_not_dotnets_is_left_alone(body):
    """A text may begin with the same letter."""
    assert of_binary(body) is None


def test_another_object_is_known_as_one():
    """Its class has a namespace of its own."""
    assert is_object(b"\x40\x05Alert\x08\x2fhttp://schemas.datacontract.org/2004/07/Contoso\x01")
    assert not is_object(b"@Alert http or not")


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (f'<string xmlns="{NAMESPACE.decode()}">{{&quot;a&quot;: 1}}</string>', b'{"a": 1}'),
        ('<?xml version="1.0" encoding="utf-8"?>\n<string>&lt;&#65;&#x42;&gt;&amp;amp;</string>\n', b"<AB>&amp;"),
        ('<string xmlns="x"><![CDATA[{"a": "<b>"}]]></string>', b'{"a": "<b>"}'),
        ('<z:string xmlns:z="x">{}</z:string>', b"{}"),
        (f"<base64Binary>{base64.b64encode(b'{}').decode()}</base64Binary>", b"{}"),
        ("<string>&#x110000;</string>", "\ufffd".encode()),
    ],
)
def test_the_form_as_text_is_read_as_well(text, content):
    """With or without its namespace, with characters by name and by number, and as they are."""
    assert of_xml(text) == content


@pytest.mark.parametrize(
    "text",
    ["", "{}", "<string>{}", "<strings>{}</strings>", "<string><b/></string>", "<base64Binary>?</base64Binary>"],
)
def test_other_xml_is_left_alone(text):
    """What has parts of its own is no string."""
    assert of_xml(text) is None
