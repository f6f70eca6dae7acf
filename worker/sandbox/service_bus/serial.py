"""Sequence numbers of 32 bits that run in a circle (RFC 1982)."""

_MODULUS = 1 << 32
_HALF = 1 << 31


def plus(number: int, step: int) -> int:
    return (number + step) % _MODULUS


def ahead(number: int, start: int) -> int:
    """Return how far the number is beyond the start; nothing when it is behind."""
    distance = (number - start) % _MODULUS
    return distance if distance < _HALF else 0


def within(number: int, first: int, last: int) -> bool:
    """A range that runs backwards holds nothing."""
    length = (last - first) % _MODULUS
    return length < _HALF and (number - first) % _MODULUS <= length
