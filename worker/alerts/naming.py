"""Field names as serializers of other languages write them: `DetectionSource` and `detectionSource`."""

import re
from collections.abc import Collection, Mapping
from typing import Any

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Longer than any name that is asked for.
_NAME_LIMIT = 40


def with_our_spelling(payload: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The payload, and beside it under each of `names` what it says only in another spelling of that name."""
    return {spelt: value for name, value in payload.items() if (spelt := in_snake_case(name)) in names} | dict(payload)


def in_snake_case(name: str) -> str:
    return _CAPITAL.sub("_", name).lower() if len(name) <= _NAME_LIMIT else name
