"""What the ways have in common: whom they reach, why, and how a refusal is told."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from worker.clients.posting.poster import Announcement
from worker.domain.errors import Permanent
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.text import clean_line, cut
from worker.engine.step import Done, KeyedPart, Part

_ANSWER_LIMIT = 500
_EXCEPT_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to be told. `address` is what they stand under in the roster, or in the setting that names them.

    `why` is a sentence for them: "You are on call for 'checkout'."
    """

    name: str
    address: str
    why: str
    level: int | Literal["last-resort"] = 1
    object_id: str | None = None
    phone: str = ""
    topic: str = ""
    """What else than the incident itself they are told of, so that it is no second telling of that."""
    is_for_want_of_others: bool = False
    """They are told of the incident only while nobody else is."""

    def label(self, by: str = "") -> str:
        """Readable for people, and by its digest the same for one address and one way alone."""
        whom = f"{self.address}\n{self.phone}\n{by}".casefold()
        digest = hashlib.sha256(whom.encode()).hexdigest()[:8]
        parts = (_slug(self.name)[:18] or "person", digest, _slug(by)[:24], self.topic)
        return "-".join(part for part in parts if part)

    def page(self, by: str, answer: str, *, told: bool, message: str = "") -> Page:
        return Page(
            person=self.address,
            name=self.name,
            by=by,
            told=told,
            answer=cut(_ANSWER_LIMIT)(clean_line(answer)),
            why=self.why,
            level=self.level,
            message=message,
        )


def _slug(text: str) -> str:
    return _EXCEPT_LETTERS.sub("-", text.lower()).strip("-")


class Wording(Protocol):
    """What is said by each way, in the form that it takes."""

    def on_card(self, incident: Incident, recipient: Recipient, done: Done) -> Announcement: ...

    def in_sms(self, incident: Incident, recipient: Recipient) -> str:
        """The same in every attempt: the service takes no other words under a known key."""

    def in_webhook(self, incident: Incident, recipient: Recipient, done: Done) -> Mapping[str, Any]: ...


class ToOne(Part[Page]):
    """One person by one way; what the way refuses for good is an answer, too."""

    result = Page

    def __init__(self, recipient: Recipient, by: str) -> None:
        self.recipient = recipient
        self.by = by
        self.label = recipient.label(by)

    def describe(self, result: Page) -> str:
        return f"told {result.name}" if result.told else f"{result.name} not told: {result.answer}"

    def without_effect(self, incident: Incident, done: Done) -> Page | None:
        del incident
        if self.recipient.is_for_want_of_others and done.pages.told.is_set():
            return self.recipient.page(self.by, "not needed: somebody was told", told=False)
        return None

    def refused(self, error: Permanent) -> Page:
        """This way leads nowhere; the others are gone all the same."""
        return self.recipient.page(self.by, str(error), told=False)


class KeyedToOne(ToOne, KeyedPart[Page]):
    """By a way that knows a repeated request by our key."""
