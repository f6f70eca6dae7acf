"""The content of a body costs no more than its size, however often it is wrapped."""

import base64
import gzip
import json
import time
import zlib
from contextlib import suppress

import pytest

from worker.alerts.content import read_content, read_contents
from worker.domain.errors import Undecodable

EVENT = {"title": "Checkout is down"}
MEGABYTE = 1_000_000


def wrapped(times, wrap):
    body = json.dumps(EVENT).encode()
    for _ in range(times):
        body = wrap(body)
    return body


def in_json(body):
    return json.dumps(body.decode()).encode()


@pytest.mark.parametrize("level", [0, 6, 9])
@pytest.mark.parametrize("content_type", ["", "application/zlib", "application/json"])
def test_what_zlib_compressed_is_read_whoever_says_so(level, content_type):
    """By its first bytes, as gzip is."""
    assert read_content(zlib.compress(wrapped(0, in_json), level), content_type=content_type) == EVENT


@pytest.mark.parametrize("wrap", [base64.b64encode, in_json])
@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_a_few_layers_are_taken_off(times, wrap):
    """A string in a string in a string is still the event that was meant."""
    assert read_content(wrapped(times, wrap)) == EVENT


@pytest.mark.parametrize("wrap", [base64.b64encode, in_json])
def test_many_layers_are_refused_or_left(wrap):
    """Nobody wraps an event so often, and each layer would cost a reading of the whole."""
    with suppress(Undecodable):
        assert isinstance(read_content(wrapped(9, wrap)), str)


HOSTILE = {
    "spaces": b" " * MEGABYTE + b"!",
    "words of base 64": b"A " * 500_000 + b"!",
    "base 64 in base 64": wrapped(30, base64.b64encode),
    "spaces in XML": b"<string>" + b" " * MEGABYTE + b"!",
    "ends of CDATA": b"<string><![CDATA[" + b"]]> " * 250_000,
    "references": b"<string>" + b"&#x41;" * 160_000 + b"</string>",
    "fields of a form": b"a=b&" * 250_000 + b" x",
    "brackets": b"[" * MEGABYTE,
    "objects": b'{"a":' * 200_000,
    "empty objects": b"{}" * 500_000,
    "half objects": b'{"a": ' * 10 + b"{}" * 400_000,
    "marks": b";charset=" * 100_000,
    "dots": b"ey." * 300_000,
    "empty records": b"\x40\x06string\x08\x33http://schemas.microsoft.com/2003/10/Serialization/" + b"\xa8" * MEGABYTE,
    "small files": gzip.compress(b"") * 50_000,
    "strings": json.dumps(["{"] * 100_000).encode(),
    "numbers": json.dumps({"type": "Buffer", "data": [5] * 300_000}).encode(),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=list(HOSTILE))
def test_no_body_costs_more_than_its_size(body):
    """A megabyte of anything is read or refused within what a few readings of it take."""
    began = time.process_time()
    with suppress(Undecodable):
        read_contents(body)
    assert time.process_time() - began < 5
