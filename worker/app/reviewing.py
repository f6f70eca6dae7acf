"""Gather all that a review is made of; what cannot be read is said, and the rest stands all the same.

It imports no client of Teams or Azure Boards, which take seconds to import: whoever may ask those hands it what asks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, TypeVar

from pydantic import ValidationError

from worker.domain.errors import TocsinError, Undecodable
from worker.domain.states import StepState
from worker.grouping.alert_store import AlertStore
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.history import History
from worker.incidents.review.channel_line import ChannelLine, merged
from worker.incidents.review.from_launch import links_of
from worker.incidents.review.item_change import ItemChange
from worker.incidents.review.review import Review
from worker.incidents.review.sources import ReviewSources
from worker.oncall.lookup import OnCallLookup
from worker.storage.stores import Stores

Part = TypeVar("Part")

# What stands in the channel of the incident, what was changed on its work item, each with what could not be read.
ReadLines = Callable[[History], Awaitable[tuple[tuple[ChannelLine, ...], tuple[str, ...]]]]
ReadChanges = Callable[[History], Awaitable[tuple[tuple[ItemChange, ...], tuple[str, ...]]]]

CHANNEL_STEP, ITEM_STEP = "create-channel", "create-work-item"


@dataclass(frozen=True)
class ReviewReader:
    """`read_lines`, `read_changes`, `on_call` are None where nobody may ask them from here, as the gaps say."""

    stores: Stores
    alerts: AlertStore
    pins: frozenset[str]
    read_lines: ReadLines | None = None
    read_changes: ReadChanges | None = None
    on_call: OnCallLookup | None = None

    async def sources(self, incident_id: str) -> ReviewSources | None:
        """None of an incident that nobody has begun. Raises Transient where the store itself does not answer."""
        known = await self.known(incident_id)
        if known is None:
            return None
        gaps: list[str] = []
        lines, changes, zone = await asyncio.gather(
            _or_gap(self._lines(known.history, gaps), (), gaps, "The messages of the channel"),
            _or_gap(self._changes(known.history, gaps), (), gaps, "The changes of the work item"),
            _or_gap(self._zone(known.history.event.service), UTC, gaps, "The time zone of the service"),
        )
        steps = (known.history.step(name) for name in (CHANNEL_STEP, ITEM_STEP))
        links = tuple(link for step in steps for link in links_of(step))
        return ReviewSources(known, tuple(lines), tuple(changes), tuple(sorted(gaps)), zone, self.pins, links)

    async def kept(self, incident_id: str) -> tuple[Review, tzinfo] | None:
        """As it stood when the incident was last closed, with the zone of its service; None where none is kept.

        Raises Undecodable where it cannot be read any more, and Transient.
        """
        text = await self.stores.reviews.read(incident_id)
        if text is None:
            return None
        try:
            review = Review.model_validate_json(text)
        except ValidationError:
            raise Undecodable(f"The review that was kept of {incident_id} is of another version.") from None
        return review, await _or_gap(self._zone(review.incident.service), UTC, [], "The time zone of the service")

    async def known(self, incident_id: str) -> KnownIncident | None:
        """What the store holds of it."""
        record, stored, entries, paged = await asyncio.gather(
            self.stores.incidents.record(incident_id),
            self.stores.responses.read(incident_id),
            self.stores.responses.entries(incident_id),
            self.stores.pages.read(incident_id),
        )
        if record is None:
            return None
        history = await self.alerts.with_alerts(record) or record
        return KnownIncident(history, stored.response if stored is not None else None, tuple(entries), paged)

    async def _lines(self, history: History, gaps: list[str]) -> tuple[ChannelLine, ...]:
        """What was kept of the channel, and what stands there now."""
        kept = (await self.stores.messages.read(history.incident_id)).lines
        if not result_of(history, CHANNEL_STEP):
            gaps.append("The incident has no channel, so nothing that was said of it could be read.")
        elif self.read_lines is None:
            gaps.append("The channel was not asked: its messages are those that were kept when the state last changed.")
        else:
            try:
                lines, missed = await self.read_lines(history)
            except TocsinError as error:
                gaps.append(f"Messages of the channel could not be read beyond those that were kept. {error}")
            else:
                gaps += missed
                return tuple(merged(kept, lines))
        return tuple(merged(kept, ()))

    async def _changes(self, history: History, gaps: list[str]) -> tuple[ItemChange, ...]:
        if not result_of(history, ITEM_STEP):
            gaps.append("The incident has no work item, so no change of it could be read.")
            return ()
        if self.read_changes is None:
            gaps.append("Azure Boards was not asked what people changed on the work item.")
            return ()
        changes, missed = await self.read_changes(history)
        gaps += missed
        return changes

    async def _zone(self, service: str) -> tzinfo:
        return UTC if self.on_call is None else (await self.on_call.known()).clock(service).zone


async def _or_gap(reading: Awaitable[Part], without: Part, gaps: list[str], what: str) -> Part:
    try:
        return await reading
    except TocsinError as error:
        gaps.append(f"{what} could not be read. {error}")
        return without


def result_of(history: History, name: str) -> dict[str, Any]:
    """What a step of the launch made; nothing of one that is not done."""
    step = history.step(name)
    return (step.result or {}) if step.state is StepState.DONE else {}
