"""Files on a work item: uploaded first, which shows them to nobody, and then related to the item."""

from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO
from typing import Any

from azure.core.exceptions import DeserializationError

from worker.clients.boards.connection import Connection
from worker.clients.boards.errors import Call, Kind
from worker.clients.boards.items import ATTACHED, Item, Operation, Relation, add_relation
from worker.clients.boards.sdk import HardenedClient

Amend = Callable[[int, Callable[[Item], Sequence[Operation]]], Awaitable[Item]]


class Attachments:
    def __init__(
        self, connection: Connection, project: str, *, get: Callable[[int], Awaitable[Item]], amend: Amend
    ) -> None:
        self._connection = connection
        self._project = project
        self._get = get
        self._amend = amend

    async def attach(self, item_id: int, name: str, content: bytes, *, comment: str = "") -> Relation:
        """The file of that name on the item, attached now unless one of that name stands there, whatever is in it.

        Done twice it is there once, so whoever has newer content gives it another name. A file that was uploaded and
        not related is seen by nobody. Raises Gone when the item was deleted.
        """
        if (there := attached(await self._get(item_id), name)) is not None:
            return there
        address = await self._upload(name, content)

        def decide(item: Item) -> tuple[Operation, ...]:
            return () if attached(item, name) else (add_relation(ATTACHED, address, comment),)

        return attached(await self._amend(item_id, decide), name) or Relation(ATTACHED, address, name)

    async def _upload(self, name: str, content: bytes) -> str:
        """Its address; sent again it is another file, and none of them is seen."""
        call = Call(Kind.CREATE, f"upload the file {name!r}")
        return await self._connection.call(call, lambda sdk: _address(self._send(sdk, name, content)))

    def _send(self, sdk: HardenedClient, name: str, content: bytes) -> Any:
        return sdk.create_attachment(BytesIO(content), project=self._project, file_name=name, upload_type="Simple")


def attached(item: Item, name: str) -> Relation | None:
    return next((each for each in item.relations if each.kind == ATTACHED and each.name == name), None)


def _address(reference: Any) -> str:
    if reference is None or not reference.url:
        raise DeserializationError("The answer is no attachment.")
    return str(reference.url)
