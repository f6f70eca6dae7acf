"""What the project's process says of its work item types: their fields and states, each asked for now and then.

What a type holds changes with the process, not with incidents; yet whoever runs for weeks is to see that it did.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from azure.core.exceptions import DeserializationError

from worker.clients.boards.connection import Connection
from worker.clients.boards.errors import Call, Kind
from worker.clients.boards.fields import FieldMap
from worker.clients.boards.sdk import HardenedClient
from worker.clients.boards.state_map import StateMap
from worker.clients.boards.states import States
from worker.domain.response.state import ResponseState
from worker.resilience.recent_look import RecentLook

_COUNTS_FOR = timedelta(minutes=5)


class WorkItemTypes:
    """`own` is the type that incidents become; of the others only the states are asked for.

    `wished` are the operator's states for those of the response.
    """

    def __init__(
        self,
        connection: Connection,
        project: str,
        own: str,
        *,
        key_field: str | None,
        wished: Mapping[ResponseState, str],
    ) -> None:
        self._connection = connection
        self._project = project
        self._own = own
        self._key_field = key_field
        self._field_map = RecentLook(self._ask_for_fields, lambda: _COUNTS_FOR)
        self._wished = wished
        self._states: dict[str, RecentLook[States]] = {}

    async def field_map(self) -> FieldMap:
        return await self._field_map.share()

    async def states(self, work_item_type: str) -> States:
        if work_item_type not in self._states:
            look = partial(self._ask_for_states, work_item_type)
            self._states[work_item_type] = RecentLook(look, lambda: _COUNTS_FOR)
        return await self._states[work_item_type].share()

    async def state_map(self, work_item_type: str = "") -> StateMap:
        """Of the type that incidents become, unless another is named, as an item that is there may be of."""
        return StateMap(await self.states(work_item_type or self._own), self._wished)

    async def _ask_for_fields(self) -> FieldMap:
        call = Call(Kind.ASK, f"name the fields of {self._said(self._own)}")
        names = await self._connection.call(call, self._read_field_names)
        return FieldMap.of(names, key_field=self._key_field, work_item_type=self._own)

    async def _ask_for_states(self, work_item_type: str) -> States:
        call = Call(Kind.ASK, f"name the states of {self._said(work_item_type)}")
        return await self._connection.call(call, lambda sdk: self._read_states(sdk, work_item_type))

    def _said(self, work_item_type: str) -> str:
        return f"the work item type {work_item_type!r} in {self._project!r}"

    def _read_field_names(self, sdk: HardenedClient) -> list[str]:
        try:
            fields = sdk.get_work_item_type_fields_with_references(self._project, self._own)
            names = [str(field.reference_name) for field in fields]
        except (AttributeError, TypeError) as error:  # the SDK's own way to stumble over an answer that is no list
            raise DeserializationError("The answer is no list of fields.") from error
        if "System.Title" not in names:
            raise DeserializationError("The answer names no title, which every work item has.")
        return names

    def _read_states(self, sdk: HardenedClient, work_item_type: str) -> States:
        try:
            found = sdk.get_work_item_type_states(self._project, work_item_type)
            return States(tuple((str(state.name), str(state.category)) for state in found))
        except (AttributeError, TypeError) as error:
            raise DeserializationError("The answer is no list of states.") from error
