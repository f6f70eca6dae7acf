"""What a sweep found twice, kept with its incident in rows `duplicate:<kind>:<id>`."""

from collections.abc import Mapping

from azure.core.exceptions import ResourceExistsError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.storage.sdk_errors import FAILURES, translated

_DUPLICATE = "duplicate:"


class DuplicateNotes:
    """They need no lease: nothing here touches a step."""

    def __init__(self, table: TableClient, *, owner: str) -> None:
        self._table = table
        self._owner = owner

    async def add(self, incident_id: str, name: str, facts: Mapping[str, str], *, again: bool) -> bool:
        """Keep with the incident what stood twice. An earlier note stays, answered False, unless told `again`."""
        row = {"PartitionKey": incident_id, "RowKey": f"{_DUPLICATE}{name}", "by": self._owner, **facts}
        try:
            if again:
                await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
            else:
                await self._table.create_entity(row)
        except ResourceExistsError:
            return False
        except FAILURES as error:
            raise translated(error, f"keep what stood twice for {incident_id}") from error
        return True
