"""What a message carries, in whichever of the three forms of AMQP it was sent."""

import json
from types import SimpleNamespace

import pytest
from azure.servicebus.amqp import AmqpMessageBodyType

from worker.messaging.message import _body, text_of

DATA, VALUE, SEQUENCE = AmqpMessageBodyType.DATA, AmqpMessageBodyType.VALUE, AmqpMessageBodyType.SEQUENCE


def body(kind, content):
    """As the SDK hands it over; only these two are looked at."""
    return _body(SimpleNamespace(body_type=kind, body=content))


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (DATA, iter([b'{"a":', b"1}"]), b'{"a":1}'),
        (VALUE, None, b""),
        (VALUE, b"\x1f\x8b", b"\x1f\x8b"),
        (VALUE, "Gr\u00fc\u00dfe", "Gr\u00fc\u00dfe".encode()),
        (VALUE, 7, b"7"),
        (VALUE, True, b"true"),
    ],
)
def test_bytes_and_text_stay_what_they_are(kind, content, expected):
    """Parts of data are one text; a value is what was meant."""
    assert body(kind, content) == expected


def test_a_map_is_json():
    """The names and texts of some clients are bytes, and what they hold may be anything."""
    given = {b"title": b"Down", "tags": [b"a", ("b", 1.5)], "on": False, "raw": {b"x": None}, "code": object}
    read = json.loads(body(VALUE, given))
    assert read.pop("code") == str(object)
    assert read == {"title": "Down", "tags": ["a", ["b", 1.5]], "on": False, "raw": {"x": None}}


def test_sections_of_a_sequence_are_one_list():
    """Each section is a list; together they are the sequence."""
    assert json.loads(body(SEQUENCE, iter([[{b"title": b"one"}], [{"title": "two"}, 3]]))) == [
        {"title": "one"},
        {"title": "two"},
        3,
    ]


@pytest.mark.parametrize(("given", "text"), [(b"\xff", "\ufffd"), ("x", "x"), (None, ""), (0, "0")])
def test_anything_has_a_text(given, text):
    """What cannot be read is seen to be that; nothing is nothing."""
    assert text_of(given) == text
