"""AMQP values survive the way to bytes and back, and hostile bytes are refused."""

import struct
from typing import Any

import pytest
from azure.servicebus._pyamqp._decode import decode_payload
from azure.servicebus._pyamqp._encode import encode_payload, encode_value
from azure.servicebus._pyamqp.message import Message, Properties
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.sandbox.service_bus.codec import (
    MAX_DEPTH,
    MAX_ITEMS,
    Array,
    Byte,
    Char,
    Decimal,
    DecodeError,
    Described,
    Double,
    Float,
    Int,
    Long,
    Reader,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    decode,
    encode,
)
from worker.sandbox.service_bus.sections import split


def whole(kind: type[int], bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return st.integers(low, high).map(kind)


ascii_text = st.text(st.characters(max_codepoint=127), max_size=300)
numbers = st.one_of(
    whole(UByte, 8, signed=False),
    whole(UShort, 16, signed=False),
    whole(UInt, 32, signed=False),
    whole(ULong, 64, signed=False),
    whole(Byte, 8, signed=True),
    whole(Short, 16, signed=True),
    whole(Int, 32, signed=True),
    whole(Long, 64, signed=True),
    whole(Timestamp, 64, signed=True),
    st.floats(allow_nan=False).map(Double),
    st.floats(allow_nan=False, width=32).map(Float),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.text(max_size=300),
    st.binary(max_size=300),
    st.uuids(),
    ascii_text.map(Symbol),
    st.characters(exclude_categories=["Cs"]).map(Char),
    st.sampled_from([4, 8, 16]).flatmap(lambda size: st.binary(min_size=size, max_size=size)).map(Decimal),
    st.lists(whole(Long, 64, signed=True)).map(lambda items: Array(0x81, tuple(items))),
    st.lists(st.uuids()).map(lambda items: Array(0x98, tuple(items))),
    st.lists(st.text(max_size=9)).map(lambda items: Array(0xB1, tuple(items))),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.text(max_size=9), inner, max_size=5),
        st.builds(Described, ascii_text.map(Symbol), inner),
    ),
    max_leaves=20,
)


def typed(value: Any) -> Any:
    """Return the value with its types written out: to Python UInt(1), True and 1.0 are one and the same."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, Described):
        return (typed(value.descriptor), typed(value.value))
    return (type(value), repr(value))  # as text, because a NaN is not itself


@given(values)
def test_every_value_comes_back_with_its_type(value):
    """A uint is not a long, and a symbol not a string, after a round trip."""
    assert typed(decode(encode(value))) == typed(value)


@given(values)
def test_skipping_ends_where_reading_ends(value):
    """Sections are cut by skipping, so both must agree on every value."""
    content = encode(value) + b"rest"
    read, skipped = Reader(content), Reader(content)

    read.value()
    skipped.skip()

    assert read.position == skipped.position == len(content) - 4


def as_the_sdk_has_it(value: Any) -> Any:
    """The SDK's decoder knows no types but Python's: text is bytes to it."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [as_the_sdk_has_it(item) for item in value]
    if isinstance(value, Array):
        return [as_the_sdk_has_it(item) for item in value.items]
    if isinstance(value, dict):
        return {as_the_sdk_has_it(key): as_the_sdk_has_it(item) for key, item in value.items()}
    return value


plain = st.recursive(
    st.one_of(
        st.booleans(),
        numbers,
        st.text(max_size=300),
        st.binary(max_size=300),
        st.uuids(),
        # Not empty: there the SDK forgets to step over the constructor.
        st.lists(whole(Long, 64, signed=True), min_size=1).map(lambda items: Array(0x81, tuple(items))),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)),
    max_leaves=15,
)


@given(plain)
def test_the_sdk_reads_what_we_write(value):
    """A second opinion: the SDK's decoder finds the same value in our bytes."""
    message = decode_payload(memoryview(encode(Described(ULong(0x77), value))))

    assert message.value == as_the_sdk_has_it(value)


sdk_values = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**31), 2**31 - 1),
        st.floats(allow_nan=False),
        st.text(max_size=300),
        st.binary(max_size=300),
        st.uuids(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(sdk_values)
def test_we_read_what_the_sdk_writes(value):
    """And the other way round."""
    output = bytearray()
    encode_value(output, value)

    assert decode(bytes(output)) == value


@given(st.text(min_size=1, max_size=50), st.binary(max_size=2000))
def test_the_sections_of_an_sdk_message_are_found(name, body):
    """The message id and the body lie in the sections that the SDK put them into."""
    output = bytearray()
    encode_payload(output, Message(data=[body], properties=Properties(message_id=name)))  # type: ignore[call-arg]  # the SDK's fields have defaults

    sections = split(bytes(output))

    assert sections.fields(0x73, 1)[0] == name
    assert [decode(raw).value for _, raw in sections.body] == [body]


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_noise_is_either_a_value_or_refused(content):
    """No bytes lead to another exception than DecodeError, and what can be read can be written."""
    try:
        value = decode(content)
    except DecodeError:
        return
    assert typed(decode(encode(value))) == typed(value)


NESTED = b"\xc0\x7f\x01" * 200
MANY_ARRAYS = b"\xf0" + struct.pack(">II", 5, MAX_ITEMS + 1) + b"\x40"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x70\x00",
        b"\xb0\xff\xff\xff\xff",
        b"\xa3\x01\xff",
        b"\xa1\x01\xff",
        b"\x73\x00\x11\x00\x00",
        b"\x3f",
        b"\x40\x40",
        b"\xc1\x02\x01\x40",
        b"\xc1\x03\x02\x45\x40",
        b"\xc0\x03\x01\x40\x40",
        b"\xe0\x02\x01\x00",
        b"\x00\x40",
        b"\x00" * 100,
        NESTED,
        MANY_ARRAYS,
        b"\xd0" + struct.pack(">II", 4 + MAX_ITEMS + 1, MAX_ITEMS + 1) + b"\x40" * (MAX_ITEMS + 1),
    ],
)
def test_what_is_no_value_is_refused(content):
    """Cut short, too long, too deep, too many, of no known type: a DecodeError with a sentence."""
    with pytest.raises(DecodeError, match=r"\.$"):
        decode(content)


def test_nesting_is_bounded_when_skipping_too():
    """A value with more descriptors than levels are allowed is refused without recursion."""
    with pytest.raises(DecodeError):
        Reader((b"\x00\x40" * (MAX_DEPTH + 1)) + b"\x40").skip()


@pytest.mark.parametrize("value", [1, 1.5, object(), {1, 2}])
def test_values_without_an_amqp_type_are_refused(value):
    """A plain number says nothing about its width, so it is not guessed."""
    with pytest.raises(TypeError, match="has no AMQP type"):
        encode(value)
