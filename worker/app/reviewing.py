"""Gather all that a review is made of; what cannot be read is said, and the rest stands all the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, TypeVar

from pydantic import ValidationError

from worker.app.conversation_snapshots import lines_of
from worker.clients.boards.client import Boards
from worker.clients.boards.item_change import ItemChange as BoardsChange
from worker.clients.teams.client import Channel, open_teams
from worker.clients.teams.conversation import Conversations
from worker.credentials import azure_credential
from worker.domain.errors import Misconfigured, TocsinError
from worker.domain.states import StepState
from worker.grouping.alert_store import AlertStore, open_alert_store
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.history import History
from worker.incidents.review.channel_line import ChannelLine, merged
from worker.incidents.review.from_launch import links_of
from worker.incidents.review.item_change import ItemChange
from worker.incidents.review.sources import ReviewSources
from worker.oncall.lookup import OnCallLookup, open_lookup
from worker.settings import Settings
from worker.storage.stores import Stores, open_stores

Part = TypeVar("Part")

CHANNEL_STEP, ITEM_STEP = "create-channel", "create-work-item"


@dataclass(frozen=True)
class ReviewReader:
    """`conversations`, `boards`, `on_call` are None where nobody may ask them from here, as the gaps say."""

    stores: Stores
    alerts: AlertStore
    pins: frozenset[str]
    conversations: Conversations | None = None
    boards: Boards | None = None
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
        channel = _made(history, CHANNEL_STEP, Channel)
        if channel is None:
            gaps.append("The incident has no channel, so nothing that was said of it could be read.")
        elif self.conversations is None:
            gaps.append("The channel was not asked: its messages are those that were kept when the state last changed.")
        else:
            try:
                told = await self.conversations.read(channel)
            except TocsinError as error:
                gaps.append(f"Messages of the channel could not be read beyond those that were kept. {error}")
            else:
                gaps += told.gaps
                return tuple(merged(kept, lines_of(told, history.incident_id)))
        return tuple(merged(kept, ()))

    async def _changes(self, history: History, gaps: list[str]) -> tuple[ItemChange, ...]:
        result = _result(history, ITEM_STEP)
        if not isinstance(number := result.get("id"), int):
            gaps.append("The incident has no work item, so no change of it could be read.")
            return ()
        if self.boards is None:
            gaps.append("Azure Boards was not asked what people changed on the work item.")
            return ()
        found = await self.boards.at(str(result.get("project") or "")).changes.read(number)
        gaps += found.gaps
        return tuple(map(_change, found.by_people))

    async def _zone(self, service: str) -> tzinfo:
        return UTC if self.on_call is None else (await self.on_call.known()).clock(service).zone


async def _or_gap(reading: Awaitable[Part], without: Part, gaps: list[str], what: str) -> Part:
    try:
        return await reading
    except TocsinError as error:
        gaps.append(f"{what} could not be read. {error}")
        return without


def _result(history: History, name: str) -> dict[str, Any]:
    step = history.step(name)
    return (step.result or {}) if step.state is StepState.DONE else {}


def _made(history: History, name: str, model: type[Channel]) -> Channel | None:
    try:
        return model.model_validate(_result(history, name))
    except ValidationError:
        return None


def _change(change: BoardsChange) -> ItemChange:
    return ItemChange(
        at=change.at,
        by=change.by.name or change.by.unique_name,
        what=change.kind.value if change.kind.value != "field" else change.field.rpartition(".")[2],
        old=change.old,
        new=change.new,
        text=change.text,
    )


@asynccontextmanager
async def open_review_reader(settings: Settings, *, owner: str, ask: bool = True) -> AsyncIterator[ReviewReader]:
    """With all that these settings name; what they do not name is a gap of the review.

    `ask`: Teams and Azure Boards as well, beside what is stored.
    """
    async with AsyncExitStack() as stack:
        opened = stack.enter_async_context
        stores = await opened(open_stores(settings, owner=owner))
        alerts = await opened(open_alert_store(settings))
        credential = azure_credential(settings)
        if credential is not None:
            await opened(credential)
        teams = await opened(open_teams(settings, credential)) if ask and settings.teams_team_id else None
        boards = await _or_none(lambda: opened(Boards.from_settings(settings))) if ask else None
        lookup = await _or_none(lambda: opened(open_lookup(settings, credential)))
        conversations = Conversations(teams) if teams is not None else None
        yield ReviewReader(stores, alerts, frozenset(settings.key_reactions), conversations, boards, lookup)


async def _or_none(opening: Callable[[], Awaitable[Part]]) -> Part | None:
    try:
        return await opening()
    except Misconfigured:
        return None
