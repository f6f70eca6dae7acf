"""What only carries another message gives it away, and what is a message itself is left alone."""

import pytest

from worker.alerts.wrapping.envelopes import inner

EVENT = {"title": "Checkout is down"}
IN_BASE_64 = "eyJ0aXRsZSI6ICJDaGVja291dCBpcyBkb3duIn0="
BYTES = b'{"title": "Checkout is down"}'


@pytest.mark.parametrize(
    ("envelope", "content"),
    [
        ({"$content-type": "text/plain", "$content": IN_BASE_64}, BYTES),
        ({"ContentData": IN_BASE_64, "ContentType": "application/json"}, BYTES),
        ({"ContentData": EVENT}, EVENT),
        ({"messageType": ["urn:message:Contoso:Alert"], "message": EVENT}, EVENT),
        ({"systemProperties": {}, "properties": {}, "body": IN_BASE_64}, BYTES),
        ({"systemProperties": {}, "body": EVENT}, EVENT),
        ({"body": EVENT, "messageId": "1"}, EVENT),
        ({"Body": IN_BASE_64, "MessageId": "1", "Subject": None}, BYTES),
        ({"body": "no base 64", "subject": "x"}, "no base 64"),
        ({"type": "Buffer", "data": list(BYTES)}, BYTES),
        ({"$type": "System.Byte[], mscorlib", "$value": IN_BASE_64}, BYTES),
    ],
)
def test_what_an_envelope_carries_is_found(envelope, content):
    """Text as text, bytes as bytes, objects as they are."""
    assert list(inner(envelope)) == [content]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        EVENT,
        {"body": "Re: lunch"},
        {"body": "Re: lunch", "from": "a@b.example", "subject": "lunch"},
        {"message": EVENT},
        {"message": EVENT, "messageType": "trigger"},
        {"type": "Buffer", "data": [1, 256]},
        {"type": "Buffer", "data": ["x"]},
        {"type": "trigger", "data": [1]},
        {"$content": "x", "$content-type": "y"},
        {"ContentData": None},
        {"systemProperties": {}, "body": 5},
        {"$type": 5, "$value": IN_BASE_64},
    ],
)
def test_what_is_no_envelope_is_left_alone(payload):
    """A word that an envelope has too is not enough."""
    assert list(inner(payload)) == []
