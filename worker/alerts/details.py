"""The details of an alert that have no field of their own, as lines that a person reads at night."""

import json
from collections.abc import Mapping


def readable(details: object) -> str:
    if isinstance(details, Mapping):
        return "\n".join(f"{name}: {_spoken(value)}" for name, value in details.items())
    return _spoken(details)


def _spoken(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
