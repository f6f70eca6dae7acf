"""What Java serialises is taken out of its stream, and nothing else is touched."""

import pytest

from worker.alerts.wrapping.java import of_object
from worker.domain.errors import Undecodable

STREAM = b"\xac\xed\x00\x05"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (STREAM + b"t\x00\x02{}", b"{}"),
        (STREAM + b"|\x00\x00\x00\x00\x00\x00\x00\x02{}", b"{}"),
        (STREAM + b"ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\x00\x00\x00\x02{}", b"{}"),
        (STREAM + b"t\x00\x06\xed\xa0\xbd\xed\xb4\xa5", "\N{FIRE}".encode()),
        (STREAM + b"t\x00\x03\xc0\x80x", b"\0x"),
        (STREAM + b"t\x00\x01\xff", b"\xff"),
        (STREAM + b"sr\x00\x09com.Alert", None),
        (b"{}", None),
        (b"", None),
    ],
)
def test_strings_and_bytes_are_read(body, content):
    """Short, long, in Java's own way to write what lies outside the first plane, and nothing else."""
    assert of_object(body) == content


@pytest.mark.parametrize("rest", [b"t", b"t\x00", b"t\x00\x09{}", b"|\xff\xff\xff\xff\xff\xff\xff\xff{}"])
def test_a_stream_that_breaks_off_is_refused(rest):
    """The sentence says whose object it is, and what to send."""
    with pytest.raises(Undecodable, match="Java"):
        of_object(STREAM + rest)
