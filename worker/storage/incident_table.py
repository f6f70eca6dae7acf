"""The table of incidents itself: that it is there, that it may be used, and what its clock says about ours."""

from datetime import UTC, datetime, timedelta

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.errors import Forbidden
from worker.storage.sdk_errors import FAILURES, TableExists, translated
from worker.storage.table import StoreClock, find_row

_NO_ROW = "nobody"


class IncidentTable:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def prepare(self) -> None:
        """Create the table where it is missing; who may only use it finds it there. Raises Transient, Forbidden."""
        try:
            await self._table.create_table()
        except FAILURES as error:
            failure = translated(error, "create the table of incidents")
            if isinstance(failure, TableExists):
                return
            if not isinstance(failure, Forbidden):
                raise failure from error
            await self.check()

    async def check(self) -> timedelta:
        """How far the store's clock is ahead of ours, to a second; raises what hinders reading or writing the table.

        Nothing is written: it is asked to change a row that is not there, which only who may write is told.
        """
        ahead = await self.clock_lead()
        row, unchanged = {"PartitionKey": _NO_ROW, "RowKey": _NO_ROW}, MatchConditions.IfNotModified
        try:
            await self._table.update_entity(row, UpdateMode.MERGE, etag='W/"never"', match_condition=unchanged)
        except ResourceNotFoundError:
            pass
        except FAILURES as error:
            raise translated(error, "write to the table of incidents") from error
        return ahead

    async def clock_lead(self) -> timedelta:
        """How far the store's clock is ahead of ours, to a second; the right to read suffices."""
        clock, asked = StoreClock(), datetime.now(UTC)
        await find_row(self._table, _NO_ROW, _NO_ROW, raw_response_hook=clock)
        half_way = asked + (datetime.now(UTC) - asked) / 2
        # The header counts whole seconds.
        return clock.first_date + timedelta(milliseconds=500) - half_way
