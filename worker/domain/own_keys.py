"""The keys that Tocsin itself gives: known by how they begin, and taken from nobody outside."""

# Given where the sender gave none: they tell two firings, calls or messages apart, not two faults.
DERIVED, RANDOM, OF_CALL, OF_MESSAGE = "alert:", "random:", "idempotency:", "message:"
# Of a report that found nothing to join.
OF_REPORT = "report:"
# Of an incident that a key has opened again, after an earlier one had ended.
OF_GENERATION = "generation:"
# Of an incident that gathers what one sender sent beyond its bound.
OF_FLOOD = "flood:"

_NAMES_NO_FAULT = (DERIVED, RANDOM, OF_CALL, OF_MESSAGE)
RESERVED = (*_NAMES_NO_FAULT, OF_REPORT, OF_GENERATION, OF_FLOOD)


def names_fault(key: str | None) -> bool:
    """Whether whoever gave it said by it which fault this is about."""
    return key is not None and not key.startswith(_NAMES_NO_FAULT)


def reserved_beginning(key: str | None) -> str | None:
    """The one that the key has, if it has one."""
    return next((each for each in RESERVED if key is not None and key.startswith(each)), None)
