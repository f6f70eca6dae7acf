"""What Teams and Azure Boards say of an incident, for its review."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from pydantic import ValidationError

from worker.app.conversation_snapshots import lines_of
from worker.app.reviewing import CHANNEL_STEP, ITEM_STEP, ReviewReader, result_of
from worker.clients.boards.client import Boards
from worker.clients.boards.item_change import ItemChange as BoardsChange
from worker.clients.teams.client import Channel, open_teams
from worker.clients.teams.conversation import Conversations
from worker.credentials import azure_credential
from worker.domain.errors import Misconfigured
from worker.grouping.alert_store import open_alert_store
from worker.incidents.history import History
from worker.incidents.review.channel_line import ChannelLine
from worker.incidents.review.item_change import ItemChange
from worker.oncall.lookup import open_lookup
from worker.settings import Settings
from worker.storage.stores import open_stores

Opened = TypeVar("Opened")


class LinesInTeams:
    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def __call__(self, history: History) -> tuple[tuple[ChannelLine, ...], tuple[str, ...]]:
        try:
            channel = Channel.model_validate(result_of(history, CHANNEL_STEP))
        except ValidationError:
            return (), ("The channel was made by an earlier version, which noted its place otherwise.",)
        told = await self._conversations.read(channel)
        return lines_of(told, history.incident_id), told.gaps


class ChangesInBoards:
    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    async def __call__(self, history: History) -> tuple[tuple[ItemChange, ...], tuple[str, ...]]:
        result = result_of(history, ITEM_STEP)
        if not isinstance(number := result.get("id"), int):
            return (), ("The number of the work item was noted by an earlier version otherwise.",)
        found = await self._boards.at(str(result.get("project") or "")).changes.read(number)
        return tuple(map(_change, found.by_people)), found.gaps


def _change(change: BoardsChange) -> ItemChange:
    kind = change.kind.value
    return ItemChange(
        at=change.at,
        by=change.by.name or change.by.unique_name,
        what=kind if kind != "field" else change.field.rpartition(".")[2],
        old=change.old,
        new=change.new,
        text=change.text,
    )


@asynccontextmanager
async def open_review_reader(settings: Settings, *, owner: str) -> AsyncIterator[ReviewReader]:
    """With all that these settings name; what they do not name is a gap of the review."""
    async with AsyncExitStack() as stack:
        opened = stack.enter_async_context
        stores = await opened(open_stores(settings, owner=owner))
        alerts = await opened(open_alert_store(settings))
        credential = azure_credential(settings)
        if credential is not None:
            await opened(credential)
        teams = await opened(open_teams(settings, credential)) if settings.teams_team_id else None
        boards = await _or_none(lambda: opened(Boards.from_settings(settings)))
        lookup = await _or_none(lambda: opened(open_lookup(settings, credential)))
        yield ReviewReader(
            stores,
            alerts,
            frozenset(settings.key_reactions),
            LinesInTeams(Conversations(teams)) if teams is not None else None,
            ChangesInBoards(boards) if boards is not None else None,
            lookup,
        )


async def _or_none(opening: Callable[[], Awaitable[Opened]]) -> Opened | None:
    try:
        return await opening()
    except Misconfigured:
        return None
