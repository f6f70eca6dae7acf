"""Whom to tell when nobody else could be told, as a setting says it."""

import re
from dataclasses import dataclass

from worker.domain.mail_address import read_mail_address
from worker.domain.paging_ways import CHAT, SMS, WEBHOOK
from worker.domain.phone_number import read_phone_number

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WEBHOOK = re.compile(rf"{WEBHOOK}[a-z0-9-]{{1,32}}")


@dataclass(frozen=True, slots=True)
class Target:
    """`by` is chat, sms or webhook:NAME; `to` an address, an object id, a telephone number, or the webhook's name."""

    by: str
    to: str


def read_last_resort(text: str) -> tuple[Target, ...]:
    """From `lea@contoso.com, +49 30 1234567, webhook:pager`; raises ValueError, which shows no number."""
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    return tuple(dict.fromkeys(_target(place, entry) for place, entry in enumerate(entries, 1)))


def _target(place: int, entry: str) -> Target:
    word = entry.casefold()
    if _WEBHOOK.fullmatch(word):
        return Target(word, word.removeprefix(WEBHOOK))
    if _OBJECT_ID.fullmatch(word):
        return Target(CHAT, word)
    try:
        if "@" in entry:
            return Target(CHAT, read_mail_address(entry).lower())
        return Target(SMS, read_phone_number(entry))
    except ValueError as error:
        why = f" (it {error})" if "@" in entry else ""
        raise ValueError(
            f"entry {place} is no way to reach anybody{why}: write a person's address, a telephone number with its "
            f"country code, or {WEBHOOK}NAME"
        ) from None
