"""What a body looks like is said in a sentence, which quotes no more than the names of its fields."""

import pytest

from worker.alerts.appearance import of_bytes, of_text, of_value

TEXTS = {
    "<html><body>502</body></html>": "HTML",
    "<?xml version='1.0'?><a/>": "XML",
    "Subject: x\r\nFrom: y\r\n\r\nz": "e-mail",
    "--frontier\r\nContent-Disposition: form-data": "multipart",
    "eyJhbGciOiJSU0EifQ.eyJhIjoxfQ.c2ln": "encrypted or signed",
    "com.contoso.Alert@1a2b3c": "ToString",
    '{\\"title\\": \\"x\\"}': "escaped",
    "{{ alert.title }}": "template",
    "%7B%22title%22%3A%22x%22%7D": "encoded for an address",
    'b\'{"title": "x"}\'': "bytes of Python",
    "7b227469746c65223a2278227d": "hexadecimal",
    "---\ntitle: x": "YAML",
    "QmFzZSA2NCB0aGF0IGhvbGRzIG5vIEpTT04gYXQgYWxsLg==": "base 64",
    "Disk full on db-7": "plain text",
}


@pytest.mark.parametrize(("text", "words"), TEXTS.items())
def test_text_is_named(text, words):
    """By how it begins."""
    assert words in of_text(text)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "zip"),
        (b"\x80\x04\x95", "pickled"),
        (b"\x00\x53\x75\xa0", "AMQP"),
        (b"\x56\x02\x0b\x01", "WCF"),
        (bytes(range(32)) * 9, "protobuf"),
    ],
)
def test_bytes_are_named(body, words):
    """By their first ones, or as what they are not."""
    assert words in of_bytes(body)


@pytest.mark.parametrize(
    "body", [b"", b"{}", "Größe".encode(), "x".encode("utf-16"), b"tab\tand\nline", b"\x1b[1mx" * 9]
)
def test_text_is_no_binary(body):
    """In any encoding, and with the few control characters that texts have."""
    assert of_bytes(body) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"eventType": "x", "eventTime": "y", "data": {}}, "Event Grid"),
        ([{"eventType": "x", "eventTime": "y", "data": {}}], "Event Grid"),
        ({"records": []}, "diagnostic"),
        ({"@type": "MessageCard", "themeColor": "red"}, "Teams"),
        ({"subject": "x", "from": "a", "to": "b"}, "e-mail"),
        ({}, "empty JSON object"),
        ({f"name{number}": 1 for number in range(9)}, "name5 and others"),
        (None, "null"),
        (5.5, "number"),
    ],
)
def test_json_is_named(value, words):
    """By fields that no alert has together, else by their names."""
    assert words in of_value(value)


def test_a_sentence_is_short_whatever_the_names_are():
    """Names are bounded, and what would break a line or turn it is not in them."""
    sentence = of_value({"\u202e\n" + "n" * 1_000 + str(number): "secret" for number in range(1_000)})
    assert len(sentence) < 500
    assert not {"\u202e", "\n"} & set(sentence)
    assert "secret" not in sentence
