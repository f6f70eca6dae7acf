"""What is compressed is made plain within bounds, and what cannot be is refused."""

import gzip
import zlib

import pytest

from worker.domain.compression import Oversize, UnknownCoding, inflate
from worker.domain.errors import Undecodable

BODY = b'{"title": "Checkout is down"}'


def gzipped(body):
    """The same at any time."""
    return gzip.compress(body, mtime=0)


RAW = zlib.compressobj(wbits=-15)
BARE = RAW.compress(BODY) + RAW.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (gzipped(BODY), "gzip"),
        (gzipped(BODY), " X-GZIP , identity"),
        (zlib.compress(BODY), "deflate"),
        (BARE, "deflate"),
        (gzipped(zlib.compress(BODY)), "deflate, gzip"),
        (gzipped(BODY[:9]) + gzipped(BODY[9:]), "gzip"),
        (gzipped(BODY) + bytes(5), "gzip"),
    ],
)
def test_what_is_compressed_is_made_plain(body, coding):
    """Each coding by each of its names, several one over the other, and files one behind the other."""
    assert inflate(body, coding, limit=1_000) == BODY


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip", "x" * 1_000])
def test_another_coding_is_refused_with_those_that_are_read(coding):
    """The sentence says which codings are left to the sender."""
    with pytest.raises(UnknownCoding, match="gzip or deflate"):
        inflate(BODY, coding, limit=1_000)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzipped(bytes(100_000_000)), "gzip"),
        (zlib.compress(bytes(10_000_000)), "deflate"),
        (gzipped(gzipped(bytes(10_000_000))), "gzip, gzip"),
        (gzipped(bytes(600)) * 2, "gzip"),
        (gzipped(b"") * 5_000, "gzip"),
    ],
)
def test_a_bomb_is_refused(body, coding):
    """No more than the limit comes out of any body, however its sender builds it."""
    with pytest.raises(Oversize):
        inflate(body, coding, limit=1_000)


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b", BODY, gzipped(BODY)[:-4], gzipped(BODY) + b"rest"])
def test_what_is_damaged_is_refused(body):
    """A body that breaks off, goes on or never was compressed is named as that."""
    with pytest.raises(Undecodable, match="damaged"):
        inflate(body, "gzip", limit=1_000)
