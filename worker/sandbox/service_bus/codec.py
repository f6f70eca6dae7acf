"""AMQP 1.0 types, from bytes and to bytes."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

# A peer decides about nesting and counts, so both are bounded; the largest honest value (a peek of 250 messages, a
# settlement of some hundred locks) stays far below.
MAX_DEPTH = 32
MAX_ITEMS = 65_536


class DecodeError(ValueError):
    """The bytes are not AMQP, or more of it than this stand-in is willing to hold."""


class UByte(int):
    __slots__ = ()


class UShort(int):
    __slots__ = ()


class UInt(int):
    __slots__ = ()


class ULong(int):
    __slots__ = ()


class Byte(int):
    __slots__ = ()


class Short(int):
    __slots__ = ()


class Int(int):
    __slots__ = ()


class Long(int):
    __slots__ = ()


class Timestamp(int):
    """Milliseconds since 1970."""

    __slots__ = ()


class Float(float):
    __slots__ = ()


class Double(float):
    __slots__ = ()


class Char(str):
    __slots__ = ()


class Symbol(str):
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Decimal:
    """A decimal of 4, 8 or 16 bytes, passed through as it came: nobody here counts with it."""

    encoded: bytes


@dataclass(frozen=True, slots=True)
class Described:
    descriptor: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Array:
    """Items of one type; the code is that of their constructor."""

    code: int
    items: tuple[Any, ...]


# The codes that an array of ours is made of.
TIMESTAMP = 0x83
LONG = 0x81

_FIXED: dict[int, tuple[struct.Struct, Callable[[Any], Any]]] = {
    0x50: (struct.Struct(">B"), UByte),
    0x51: (struct.Struct(">b"), Byte),
    0x52: (struct.Struct(">B"), UInt),
    0x53: (struct.Struct(">B"), ULong),
    0x54: (struct.Struct(">b"), Int),
    0x55: (struct.Struct(">b"), Long),
    0x56: (struct.Struct(">B"), bool),
    0x60: (struct.Struct(">H"), UShort),
    0x61: (struct.Struct(">h"), Short),
    0x70: (struct.Struct(">I"), UInt),
    0x71: (struct.Struct(">i"), Int),
    0x72: (struct.Struct(">f"), Float),
    0x80: (struct.Struct(">Q"), ULong),
    0x81: (struct.Struct(">q"), Long),
    0x82: (struct.Struct(">d"), Double),
    0x83: (struct.Struct(">q"), Timestamp),
}
_EMPTY: dict[int, Callable[[], Any]] = {
    0x40: lambda: None,
    0x41: lambda: True,
    0x42: lambda: False,
    0x43: UInt,
    0x44: ULong,
    0x45: list,
}
_OPAQUE: dict[int, Callable[[bytes], Any]] = {
    0x73: lambda content: Char(content.decode("utf-32-be")),
    0x74: Decimal,
    0x84: Decimal,
    0x94: Decimal,
    0x98: lambda content: UUID(bytes=content),
    0xA0: bytes,
    0xA1: lambda content: content.decode("utf-8"),
    0xA3: lambda content: Symbol(content.decode("ascii")),
    0xB0: bytes,
    0xB1: lambda content: content.decode("utf-8"),
    0xB3: lambda content: Symbol(content.decode("ascii")),
}
_LISTS, _MAPS, _ARRAYS = (0xC0, 0xD0), (0xC1, 0xD1), (0xE0, 0xF0)
_COMPOUND = (*_LISTS, *_MAPS, *_ARRAYS)
_WIDE = {0xC0: 0xD0, 0xC1: 0xD1, 0xE0: 0xF0}
# The upper half of a constructor says how many bytes follow, or how wide the size before them is.
_WIDTH = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
_PREFIX = {0xA: 1, 0xB: 4, 0xC: 1, 0xD: 4, 0xE: 1, 0xF: 4}


class Reader:
    """Walks over encoded values; every refusal is a DecodeError."""

    __slots__ = ("content", "end", "items_left", "position")

    def __init__(self, content: bytes, position: int = 0) -> None:
        self.content = content
        self.position = position
        self.end = len(content)
        self.items_left = MAX_ITEMS

    @property
    def exhausted(self) -> bool:
        return self.position >= self.end

    def value(self) -> Any:
        return self._value(self._unsigned(1), 0)

    def skip(self) -> None:
        """Step over one value without looking into it."""
        code = self._unsigned(1)
        for _ in range(MAX_DEPTH):
            if code:
                self._take(self._size(code))
                return
            self.skip_descriptor()
            code = self._unsigned(1)
        raise DecodeError(f"A value carries more than {MAX_DEPTH} descriptors.")

    def skip_descriptor(self) -> None:
        code = self._unsigned(1)
        if not code:
            raise DecodeError("A descriptor is itself described.")
        self._take(self._size(code))

    def _take(self, size: int) -> bytes:
        start, self.position = self.position, self.position + size
        if self.position > self.end:
            raise DecodeError(f"A value of {size} bytes at byte {start} ends beyond the {self.end} bytes there are.")
        return self.content[start : self.position]

    def _unsigned(self, width: int) -> int:
        return int.from_bytes(self._take(width), "big")

    def _size(self, code: int) -> int:
        prefix = _PREFIX.get(code >> 4)
        if prefix:
            return self._unsigned(prefix)
        try:
            return _WIDTH[code >> 4]
        except KeyError:
            raise DecodeError(f"There is no AMQP type with the constructor 0x{code:02x}.") from None

    def _value(self, code: int, depth: int) -> Any:
        self._count(depth)
        if code in _FIXED:
            layout, kind = _FIXED[code]
            return kind(layout.unpack(self._take(layout.size))[0])
        if code in _EMPTY:
            return _EMPTY[code]()
        if code in _OPAQUE:
            return self._opaque(code)
        if code == 0:
            return self._described(depth)
        return self._compound(code, depth)

    def _count(self, depth: int) -> None:
        self.items_left -= 1
        if depth > MAX_DEPTH or self.items_left < 0:
            raise DecodeError(f"A value is nested deeper than {MAX_DEPTH} levels or has over {MAX_ITEMS} parts.")

    def _opaque(self, code: int) -> Any:
        try:
            return _OPAQUE[code](self._take(self._size(code)))
        except (UnicodeDecodeError, ValueError) as error:
            raise DecodeError(f"A text of type 0x{code:02x} cannot be decoded: {error}.") from error

    def _described(self, depth: int) -> Described:
        descriptor = self._value(self._unsigned(1), depth + 1)
        return Described(descriptor, self._value(self._unsigned(1), depth + 1))

    def _compound(self, code: int, depth: int) -> Any:
        if code not in _COMPOUND:
            raise DecodeError(f"There is no AMQP type with the constructor 0x{code:02x}.")
        size = self._size(code)
        outer, self.end = self.end, self.position + size
        if self.end > outer:
            raise DecodeError(f"A value of {size} bytes at byte {self.position} ends beyond the {outer} there are.")
        count = self._unsigned(_PREFIX[code >> 4])
        result = self._parts(code, count, depth + 1)
        if self.position != self.end:
            raise DecodeError(f"A value of type 0x{code:02x} has bytes after its last part.")
        self.end = outer
        return result

    def _parts(self, code: int, count: int, depth: int) -> Any:
        if code in _LISTS:
            return [self._value(self._unsigned(1), depth) for _ in range(count)]
        if code in _MAPS:
            return self._map(count, depth)
        return self._array(count, depth)

    def _map(self, count: int, depth: int) -> dict[Any, Any]:
        if count % 2:
            raise DecodeError("A map has a key without a value.")
        entries: dict[Any, Any] = {}
        for _ in range(count // 2):
            key = self._value(self._unsigned(1), depth)
            value = self._value(self._unsigned(1), depth)
            try:
                entries[key] = value
            except TypeError:
                raise DecodeError(f"A {type(key).__name__} is the key of a map.") from None
        return entries

    def _array(self, count: int, depth: int) -> Array:
        code = self._unsigned(1)
        if not code:
            raise DecodeError("Arrays of described values are not supported.")
        # Kept in the wide form: its parts may take more room when they are written again.
        return Array(_WIDE.get(code, code), tuple(self._value(code, depth) for _ in range(count)))


def decode(content: bytes) -> Any:
    """Return the one value that the bytes hold."""
    reader = Reader(content)
    value = reader.value()
    if not reader.exhausted:
        raise DecodeError(f"{reader.end - reader.position} bytes follow a value that should be the last.")
    return value


def encode(value: Any) -> bytes:
    """Encode as compactly as AMQP allows; a plain int or float has no AMQP type and is refused."""
    if isinstance(value, Described):
        return b"\x00" + encode(value.descriptor) + encode(value.value)
    code = _constructor(value)
    return bytes((code,)) + _body(code, value)


def _constructor(value: Any) -> int:
    choose = _CHOICES.get(type(value))
    if choose is None:
        raise TypeError(f"{value!r} has no AMQP type; say which with UInt, Long, Double and their like.")
    return choose(value)


def _by_size(short: int, wide: int) -> Callable[[Any], int]:
    return lambda content: short if len(content) < 256 else wide  # noqa: PLR2004 - what one byte can count


def _unsigned_choice(zero: int, small: int, wide: int) -> Callable[[int], int]:
    return lambda number: (zero if number == 0 else small) if 0 <= number < 256 else wide  # noqa: PLR2004 - one byte


def _signed_choice(small: int, wide: int) -> Callable[[int], int]:
    return lambda number: small if -128 <= number < 128 else wide  # noqa: PLR2004 - one byte


_CHOICES: dict[type, Callable[[Any], int]] = {
    type(None): lambda _: 0x40,
    bool: lambda flag: 0x41 if flag else 0x42,
    UByte: lambda _: 0x50,
    Byte: lambda _: 0x51,
    UShort: lambda _: 0x60,
    Short: lambda _: 0x61,
    UInt: _unsigned_choice(0x43, 0x52, 0x70),
    ULong: _unsigned_choice(0x44, 0x53, 0x80),
    Int: _signed_choice(0x54, 0x71),
    Long: _signed_choice(0x55, 0x81),
    Timestamp: lambda _: 0x83,
    Float: lambda _: 0x72,
    Double: lambda _: 0x82,
    Char: lambda _: 0x73,
    Decimal: lambda decimal: {4: 0x74, 8: 0x84, 16: 0x94}[len(decimal.encoded)],
    UUID: lambda _: 0x98,
    bytes: _by_size(0xA0, 0xB0),
    str: lambda text: 0xA1 if len(text.encode()) < 256 else 0xB1,  # noqa: PLR2004 - what one byte can count
    Symbol: _by_size(0xA3, 0xB3),
    list: lambda items: 0xD0 if items else 0x45,
    dict: lambda _: 0xD1,
    Array: lambda _: 0xF0,
}


def _body(code: int, value: Any) -> bytes:
    if code in _FIXED:
        return _FIXED[code][0].pack(value)
    if code in _EMPTY:
        return b""
    if code in _OPAQUE:
        content = _content(value)
        prefix = _PREFIX.get(code >> 4)
        return len(content).to_bytes(prefix, "big") + content if prefix else content
    return _compound_body(code, value)


def _content(value: Any) -> bytes:
    if isinstance(value, Char):
        return value.encode("utf-32-be")
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, UUID):
        return value.bytes
    return value.encoded if isinstance(value, Decimal) else bytes(value)


def _compound_body(code: int, value: Any) -> bytes:
    if code in _ARRAYS:
        count = len(value.items)
        content = bytes((value.code,)) + b"".join(_body(value.code, item) for item in value.items)
    elif code in _MAPS:
        count = 2 * len(value)
        content = b"".join(encode(part) for entry in value.items() for part in entry)
    else:
        count = len(value)
        content = b"".join(map(encode, value))
    prefix = _PREFIX[code >> 4]
    return (len(content) + prefix).to_bytes(prefix, "big") + count.to_bytes(prefix, "big") + content
