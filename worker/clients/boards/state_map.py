"""Which state a work item is to have while the response is in which of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.clients.boards.states import COMPLETED, IN_PROGRESS, PROPOSED, RESOLVED, States
from worker.domain.response.state import ResponseState


def state_for(states: States, response_state: ResponseState, *, owned: bool) -> str | None:
    """The state of the type for one of the response's, by category; None where the type has none for it.

    `owned`: whether the incident has an owner; one that is reopened goes on then, and does not begin anew.
    """
    match response_state:
        case ResponseState.OPEN:
            return states.first(IN_PROGRESS, PROPOSED) if owned else states.first(PROPOSED, IN_PROGRESS)
        case ResponseState.ACKNOWLEDGED | ResponseState.MITIGATED:
            return states.first(IN_PROGRESS)
        case ResponseState.RESOLVED:
            return states.first(RESOLVED) or _called_resolved(states) or states.first(COMPLETED)
        case ResponseState.CLOSED | ResponseState.DECLINED | ResponseState.MERGED:
            return states.first(COMPLETED)


def _called_resolved(states: States) -> str | None:
    """CMMI counts its Resolved as work in progress where the type is a requirement or a task."""
    name = states.known_as(RESOLVED)
    return name if (name, IN_PROGRESS) in states.named else None


@dataclass(frozen=True, slots=True)
class StateMap:
    """The states of one type, and which of them the operator wishes for states of the response.

    A wish that the type has no state for counts for nothing: the category decides, as it does for other types.
    """

    states: States
    wished: Mapping[ResponseState, str] = field(default_factory=dict)

    def state_for(self, response_state: ResponseState, *, owned: bool) -> str | None:
        by_category = state_for(self.states, response_state, owned=owned)
        wished = self.wished.get(response_state)
        return by_category if wished is None else self.states.known_as(wished) or by_category

    @property
    def unknown(self) -> Mapping[ResponseState, str]:
        """The wishes that name no state of the type."""
        return {of: name for of, name in self.wished.items() if self.states.known_as(name) is None}
