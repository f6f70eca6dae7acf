"""What people can do to an incident as it stands, and where it leads."""

from collections.abc import Mapping

from worker.domain.response.act import ActKind
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState

_ALWAYS = (ActKind.IMPACT, ActKind.TIME, ActKind.NOTE, ActKind.LOOK)
_WHILE_ANYBODY_IS_THERE = (ActKind.UPDATE, ActKind.SEVERITY, ActKind.ROLE, ActKind.PAGE, *_ALWAYS)
_WHILE_RUNNING = (
    ActKind.RESOLVE,
    ActKind.ESCALATE,
    ActKind.DECLINE,
    ActKind.MERGE,
    *_WHILE_ANYBODY_IS_THERE,
)

_POSSIBLE: Mapping[ResponseState, tuple[ActKind, ...]] = {
    ResponseState.OPEN: (ActKind.ACKNOWLEDGE, ActKind.MITIGATE, *_WHILE_RUNNING),
    ResponseState.ACKNOWLEDGED: (ActKind.TAKE, ActKind.UNACKNOWLEDGE, ActKind.MITIGATE, *_WHILE_RUNNING),
    ResponseState.MITIGATED: (ActKind.TAKE, ActKind.RELAPSE, *_WHILE_RUNNING),
    ResponseState.RESOLVED: (ActKind.CLOSE, ActKind.REOPEN, *_WHILE_ANYBODY_IS_THERE),
    ResponseState.CLOSED: (ActKind.REOPEN, *_ALWAYS),
    ResponseState.DECLINED: _ALWAYS,
    ResponseState.MERGED: _ALWAYS,
}

LEADS_TO: Mapping[ActKind, ResponseState] = {
    ActKind.ACKNOWLEDGE: ResponseState.ACKNOWLEDGED,
    ActKind.UNACKNOWLEDGE: ResponseState.OPEN,
    ActKind.MITIGATE: ResponseState.MITIGATED,
    ActKind.RELAPSE: ResponseState.ACKNOWLEDGED,
    ActKind.RESOLVE: ResponseState.RESOLVED,
    ActKind.REOPEN: ResponseState.OPEN,
    ActKind.DECLINE: ResponseState.DECLINED,
    ActKind.MERGE: ResponseState.MERGED,
    ActKind.CLOSE: ResponseState.CLOSED,
}


def possible(response: Response) -> tuple[ActKind, ...]:
    """What its state allows, the likeliest first; who may do it is another question."""
    return _POSSIBLE[response.state]


def offered(response: Response) -> tuple[str, ...]:
    """Those of them that somebody is told of: to look is nothing that one decides to do."""
    return tuple(each.value for each in possible(response) if each is not ActKind.LOOK)
