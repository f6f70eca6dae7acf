"""Azure's resource ids as the names that people know."""

import re
from collections.abc import Iterable

from worker.alerts.azure_monitor.payload import is_nothing
from worker.domain.text import SHORT_LIMIT, clean_line, cut

_GUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# Children of which each parent has one: their kind says more than their name.
_NAMELESS = {"default", "current", "$default"}
# They were asked about others, and are affected by nothing themselves.
_MEASURING = ("microsoft.operationalinsights/workspaces", "microsoft.monitor/accounts")


def is_identifier(value: str) -> bool:
    return _GUID.fullmatch(value.strip()) is not None


def resource_name(resource: str) -> str:
    """`sql-shop/orders` of the id of a database; a name as it is; nothing of a placeholder or a number that names it.

    `resource`: an id such as `/subscriptions/…/providers/Microsoft.Sql/servers/sql-shop/databases/orders`, or a name.
    """
    segments = [part for part in clean_line(resource).split("/") if part]
    if not segments or is_nothing(resource):
        return ""
    if not resource.strip().startswith("/"):
        return "" if is_identifier(resource) or resource.lower() in _NAMELESS else clean_line(resource)
    named = _of_provider(segments) or segments[-1:]
    return cut(SHORT_LIMIT)("/".join(part for part in named if not is_identifier(part)))


def unmeasuring(targets: Iterable[str]) -> list[str]:
    """Those resource ids that are no workspace which a rule asks."""
    return [target for target in targets if not any(kind in target.lower() for kind in _MEASURING)]


def same_once(names: Iterable[str]) -> list[str]:
    """Each once, whatever its case; `orders` is not told beside `sql-shop/orders`."""
    found: dict[str, str] = {}
    for name in filter(None, names):
        found.setdefault(name.lower(), name)
    parts = {name.rpartition("/")[2] for name in found if "/" in name}
    return [name for key, name in found.items() if key not in parts]


def _of_provider(segments: list[str]) -> list[str]:
    """The names behind the last provider: type and name take turns."""
    lower = [part.lower() for part in segments]
    if "providers" not in lower:
        return []
    begin = len(lower) - lower[::-1].index("providers") + 1
    kinds, names = segments[begin::2], segments[begin + 1 :: 2]
    return [
        kind if name.lower() in _NAMELESS and number else name
        for number, (kind, name) in enumerate(zip(kinds, names, strict=False))
    ]
