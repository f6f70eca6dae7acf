"""All that is kept in the table of incidents, opened together: one connection for whoever needs several of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from azure.data.tables.aio import TableClient

from worker.settings import Settings
from worker.storage.audit_log import AuditLog
from worker.storage.channel_messages import ChannelMessageStore
from worker.storage.duplicate_notes import DuplicateNotes
from worker.storage.incident_store import IncidentStore
from worker.storage.incident_table import IncidentTable
from worker.storage.kept_reviews import KeptReviewStore
from worker.storage.lane_pages import LanePages
from worker.storage.lanes import LaneStore
from worker.storage.listing import IncidentListing
from worker.storage.mark_key import MarkKeyStore
from worker.storage.oversize import OversizeStore
from worker.storage.purge import Purge
from worker.storage.response_store import ResponseStore
from worker.storage.sender_windows import SenderWindows
from worker.storage.shift_notices import ShiftNotices
from worker.storage.table import open_table
from worker.storage.turns import Turns


@dataclass(frozen=True, slots=True)
class Stores:
    table: IncidentTable
    incidents: IncidentStore
    listing: IncidentListing
    audit: AuditLog
    duplicates: DuplicateNotes
    turns: Turns
    oversize: OversizeStore
    sender_windows: SenderWindows
    mark_key: MarkKeyStore
    purge: Purge
    notices: ShiftNotices
    responses: ResponseStore
    lanes: LaneStore
    pages: LanePages
    messages: ChannelMessageStore
    reviews: KeptReviewStore

    @classmethod
    def of(cls, table: TableClient, *, owner: str, lease_duration: timedelta) -> Self:
        """`owner` is who holds the leases, for people."""
        return cls(
            table=IncidentTable(table),
            incidents=IncidentStore(table, owner=owner, lease_duration=lease_duration),
            listing=IncidentListing(table),
            audit=AuditLog(table),
            duplicates=DuplicateNotes(table, owner=owner),
            turns=Turns(table, owner=owner),
            oversize=OversizeStore(table),
            sender_windows=SenderWindows(table),
            mark_key=MarkKeyStore(table),
            purge=Purge(table),
            notices=ShiftNotices(table, owner=owner, lease_duration=lease_duration),
            responses=ResponseStore(table),
            lanes=LaneStore(table, owner=owner, lease_duration=lease_duration),
            pages=LanePages(table),
            messages=ChannelMessageStore(table),
            reviews=KeptReviewStore(table),
        )


@asynccontextmanager
async def open_stores(settings: Settings, *, owner: str) -> AsyncIterator[Stores]:
    """The stores of these settings; they connect at the first use."""
    async with open_table(settings) as table:
        yield Stores.of(table, owner=owner, lease_duration=settings.lease_seconds)
