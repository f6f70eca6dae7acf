"""Which requests are repeats: known by their id while their first sending is recent, and answered as then."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

Json = dict[str, Any]

WINDOW = timedelta(minutes=5)


class NotRepeatable(Exception):
    """The request's id or moment does not hold; says with which status, and why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answered:
    request_id: str
    first_sent: str
    of: str
    """Whom it was for and what it said: another request may not borrow its id."""
    answer: Json


class Repeatability:
    def __init__(self) -> None:
        self._answered: dict[str, Answered] = {}

    def answer_of(self, recipient: Json, of: str, now: datetime) -> Json | None:
        """The answer that this request was given before; raises NotRepeatable. A request without an id is no repeat."""
        request_id, first_sent = recipient.get("repeatabilityRequestId"), recipient.get("repeatabilityFirstSent")
        if request_id is None and first_sent is None:
            return None
        self._refuse_malformed(request_id)
        # That a recipient's part is refused so, and not the whole request, is how Microsoft's page on repeatable
        # requests reads for the header of the same name; on a live resource nobody has seen it.
        if abs(_moment(first_sent) - now) > WINDOW:
            raise NotRepeatable(412, "Repeatability-First-Sent is not within the 5 minute window.")
        known = self._answered.get(str(request_id).lower())
        if known is None:
            return None
        if (known.first_sent, known.of) != (first_sent, of):
            raise NotRepeatable(400, "The request does not match the one that was first sent with this id.")
        return known.answer

    def keep(self, recipient: Json, of: str, answer: Json, now: datetime) -> None:
        request_id, first_sent = recipient.get("repeatabilityRequestId"), recipient.get("repeatabilityFirstSent")
        if request_id is not None:
            self._forget_old(now)
            key = str(request_id).lower()
            self._answered[key] = Answered(key, str(first_sent), of, answer)

    def state(self) -> list[Json]:
        return [asdict(answered) for answered in self._answered.values()]

    def restore(self, state: Iterable[Json]) -> None:
        self._answered = {stored["request_id"]: Answered(**stored) for stored in state}

    def _refuse_malformed(self, request_id: object) -> None:
        try:
            uuid.UUID(str(request_id))
        except ValueError:
            raise NotRepeatable(400, "The repeatabilityRequestId is not a GUID.") from None

    def _forget_old(self, now: datetime) -> None:
        kept = self._answered.items()
        self._answered = {key: each for key, each in kept if now - _moment(each.first_sent) <= WINDOW}


def _moment(first_sent: object) -> datetime:
    try:
        moment = parsedate_to_datetime(str(first_sent))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotRepeatable(400, "The repeatabilityFirstSent is not a date as HTTP writes it.")
    return moment
