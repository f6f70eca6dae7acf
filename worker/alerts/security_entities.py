"""Whom and what a security alert is about, as Microsoft's security products list it."""

from collections.abc import Iterator, Mapping
from itertools import islice

from worker.alerts.azure_monitor.resource_names import resource_name
from worker.domain.text import clean_line

_MOST = 50
# The most telling first: where it happened, to whom, from where, with what.
_NAMES = {
    "host": ("hostname", "netbiosname", "dnsdomain"),
    "azureresource": ("resourceid",),
    "kubernetespod": ("name",),
    "account": ("userprincipalname", "upnname", "displayname", "accountname", "name"),
    "mailbox": ("mailboxprimaryaddress",),
    "ip": ("address",),
    "url": ("url",),
    "dns": ("domainname",),
    "process": ("processid", "commandline"),
    "malware": ("malwarename", "name"),
    "file": ("filename", "name"),
}
_AFFECTED = ("host", "azureresource", "kubernetespod", "account", "mailbox")


def named_entities(entities: object) -> list[tuple[str, str]]:
    """Kind and name of each; in an order that does not depend on theirs."""
    listed = entities if isinstance(entities, list) else ()
    found = {named for entity in islice(listed, _MOST) if (named := _named(entity))}
    kinds = list(_NAMES)
    return sorted(found, key=lambda each: (kinds.index(each[0]), each[1]))


def affected(entities: object) -> list[str]:
    return [name for kind, name in named_entities(entities) if kind in _AFFECTED]


def addresses(entities: object) -> list[str]:
    """Whether they attack or are attacked: where nothing else is known, two alerts are told apart by them."""
    return [name for kind, name in named_entities(entities) if kind == "ip"]


def listed(entities: object) -> Iterator[str]:
    """Those that the card does not show as affected, as lines for people."""
    yield from (f"{kind}: {name}" for kind, name in named_entities(entities) if kind not in _AFFECTED)


def _named(entity: object) -> tuple[str, str] | None:
    """Of Sentinel's form with `kind` and `properties`, or of the flat one with `Type`."""
    if not isinstance(entity, Mapping):
        return None
    fields = _lowered(entity) | _lowered(entity.get("properties"))
    kind = str(fields.get("kind") or fields.get("type") or "")[:_MOST].lower().replace("-", "").replace(" ", "")
    texts = (fields.get(name) for name in (*_NAMES.get(kind, ()), "friendlyname"))
    name = next((clean_line(text)[:2_048] for text in texts if isinstance(text, str) and text.strip()), "")
    if kind not in _NAMES or not name:
        return None
    return kind, resource_name(name) if kind == "azureresource" else name


def _lowered(fields: object) -> dict[str, object]:
    return {str(key).lower(): value for key, value in fields.items()} if isinstance(fields, Mapping) else {}
