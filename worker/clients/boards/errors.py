"""What every refusal of Azure Boards and every broken call means: applied, not applied, or nobody knows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import requests
import urllib3
from azure.core import exceptions as core
from azure.identity import CredentialUnavailableError
from msrest import exceptions as msrest

# isort: split
from worker.clients.boards.sdk import Answer, Refusal, is_write

# isort: split
from azure.devops import exceptions as devops

from worker.clients.boards.system import BOARDS
from worker.domain.errors import (
    Forbidden,
    Gone,
    Misconfigured,
    Rejected,
    Throttled,
    TocsinError,
    Transient,
    Unknown,
    Unreachable,
)
from worker.domain.masking import masked


class UnknownIdentity(Rejected):
    """Azure DevOps has never heard of this person."""


class RefusedByRule(Rejected):
    """A rule of the process forbids this change, or the type has no such state; nothing of it was applied.

    `said`: Azure Boards' own sentence, for people.
    """

    said = ""


class RevisionMoved(Transient):
    """Somebody changed the work item since it was read: read it again and decide again."""


class Kind(Enum):
    CREATE = auto()
    UPDATE = auto()
    COMMENT = auto()  # added or changed; no guard goes with it, so what collides is simply sent again
    GET = auto()
    ASK = auto()  # queries, types, fields and `validateOnly`: nothing changes, and no single item is meant

    @property
    def writes(self) -> bool:
        return self in {Kind.CREATE, Kind.UPDATE, Kind.COMMENT}


@dataclass(frozen=True, slots=True)
class Call:
    kind: Kind
    doing: str  # "create a work item of type 'Issue' in the project 'Incidents'"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what an answer means for each kind of call, why, and what to do about it."""

    statuses: range | set[int]
    errors: Mapping[Kind, type[TocsinError]]
    advice: str
    type_keys: frozenset[str] = frozenset()
    code: int | None = None

    def fits(self, answer: Answer) -> bool:
        if self.type_keys and answer.type_key not in self.type_keys:
            return False
        return answer.status in self.statuses and self.code in {None, answer.code}


def _row(statuses: range | set[int], *errors: type[TocsinError], advice: str, keys: str = "", code: int = 0) -> Row:
    """One error for all kinds of call, or one for each in the order of Kind."""
    each = errors if len(errors) > 1 else errors * len(Kind)
    return Row(statuses, dict(zip(Kind, each, strict=True)), advice, frozenset(keys.split()), code or None)


# The first line that fits decides. Unknown stands where the service may have committed before it answered; all other
# errors in the three writing columns mean: not applied.
_REFUSED = range(400, 500)
# fmt: off
ANSWERS: tuple[Row, ...] = (
    #    answer           create   update   comment  get          ask
    _row(_REFUSED, UnknownIdentity, code=600171,
         advice="Add the person to the Azure DevOps organisation, or put the name they have there into the roster."),
    _row({203, 302, 401}, Forbidden,  # a page to sign in, in three disguises: nothing was executed
         advice="The PAT or token is not accepted: renew TOCSIN_BOARDS_PAT, or add this identity to the organisation."),
    _row({403}, Forbidden,  # looked at before anything is executed
         advice="Grant this identity 'View work items' and 'Edit work items in this node' in the project."),
    _row({429}, Throttled,  # refused at the door
         advice="Azure DevOps limits this identity for now; it is tried again."),
    _row({409, 412}, RevisionMoved,  # the guard on the revision did its work; a new task's parent may collide too
         advice="Somebody changed the work item at the same moment; it is read and decided again."),
    _row({408},           Unknown, Unknown, Unknown, Unreachable, Unreachable,  # given up in the middle of executing
         advice="It gave up half-way; before another try the step looks for its own trace."),
    _row(_REFUSED, Misconfigured, keys="WorkItemTypeNotFoundException WorkItemTrackingWorkItemTypeNotFoundException",
         advice="Set TOCSIN_BOARDS_WORK_ITEM_TYPE, or the work_item_type of the service, to a type of the project."),
    _row(_REFUSED, Misconfigured, keys="ProjectDoesNotExistWithNameException ProjectDoesNotExistException",
         advice="Set TOCSIN_BOARDS_PROJECT, or the project of the service, to one that this identity may see."),
    _row(_REFUSED, Misconfigured, keys="WorkItemTrackingFieldDefinitionNotFoundException",
         advice="Add the field to the work item type, or correct TOCSIN_BOARDS_KEY_FIELD."),
    _row(_REFUSED, Rejected, keys="WorkItemTrackingTreeNodeNotFoundException",
         advice="Correct the area_path or iteration_path of the service: as the project settings of Boards show it."),
    _row(_REFUSED, RefusedByRule, keys="RuleValidationException WorkItemFieldInvalidException",  # before it is stored
         advice="A rule of the project forbids this: relax the rule or use another work item type, then replay."),
    _row({404}, Gone, keys="WorkItemUnauthorizedAccessException",
         advice="The work item was deleted or hidden from this identity. Restore it from the recycle bin and replay."),
    _row({404},           Misconfigured, Gone, Gone, Gone,   Misconfigured,
         advice="Check TOCSIN_BOARDS_URL, TOCSIN_BOARDS_PROJECT and the type, and that item and comment still exist."),
    _row(_REFUSED, Rejected,  # as above, in whatever else it is called
         advice="A rule of the project forbids this: relax the rule or use another work item type, then replay."),
    _row(range(500, 600), Unknown, Unknown, Unknown, Unreachable, Unreachable,  # it may have failed after storing
         advice="The trouble is within Azure DevOps; before another try the step looks for its own trace."),
    _row(range(1000),     Unknown, Unknown, Unknown, Misconfigured, Misconfigured,
         advice="That is no answer of Azure DevOps: check TOCSIN_BOARDS_URL."),
)
# fmt: on


class Break(Enum):
    """How far a call came that got no answer."""

    BEFORE = auto()  # it never left: not applied
    AFTER = auto()  # it may have left: for a write, nobody knows
    WRONG = auto()  # it could not even be made: a setting, or ourselves
    DENIED = auto()  # nobody gave us the right to make it


# Every exception that the SDK and what lies beneath it can raise; a test fails on one that is missing here.
BREAKS: dict[type[Exception], Break] = {
    # requests
    requests.exceptions.ConnectTimeout: Break.BEFORE,
    requests.exceptions.ProxyError: Break.BEFORE,  # the tunnel was not built
    requests.exceptions.ConnectionError: Break.AFTER,  # refused or reset: the cause tells, see _never_stood
    requests.exceptions.SSLError: Break.AFTER,  # as above
    requests.exceptions.Timeout: Break.AFTER,
    requests.exceptions.ReadTimeout: Break.AFTER,
    requests.exceptions.ChunkedEncodingError: Break.AFTER,
    requests.exceptions.ContentDecodingError: Break.AFTER,
    requests.exceptions.StreamConsumedError: Break.AFTER,
    requests.exceptions.RetryError: Break.AFTER,
    requests.exceptions.HTTPError: Break.AFTER,
    requests.exceptions.TooManyRedirects: Break.AFTER,
    requests.exceptions.JSONDecodeError: Break.AFTER,
    requests.exceptions.InvalidJSONError: Break.AFTER,
    requests.exceptions.UnrewindableBodyError: Break.AFTER,
    requests.exceptions.RequestException: Break.AFTER,
    requests.exceptions.URLRequired: Break.WRONG,
    requests.exceptions.MissingSchema: Break.WRONG,
    requests.exceptions.InvalidSchema: Break.WRONG,
    requests.exceptions.InvalidURL: Break.WRONG,
    requests.exceptions.InvalidProxyURL: Break.WRONG,
    requests.exceptions.InvalidHeader: Break.WRONG,
    urllib3.exceptions.HTTPError: Break.AFTER,
    TimeoutError: Break.AFTER,  # our own, for an answer that came too slowly
    # msrest, which borrows two from azure-core
    msrest.ClientException: Break.AFTER,
    msrest.ClientRequestError: Break.AFTER,
    msrest.HttpOperationError: Break.AFTER,
    core.DeserializationError: Break.AFTER,  # a 200 that is no work item, such as a proxy's page
    core.SerializationError: Break.WRONG,
    msrest.ValidationError: Break.WRONG,
    msrest.TokenExpiredError: Break.DENIED,
    msrest.AuthenticationError: Break.DENIED,
    # azure-devops
    devops.AzureDevOpsClientError: Break.AFTER,
    devops.AzureDevOpsClientRequestError: Break.AFTER,
    devops.AzureDevOpsServiceError: Break.AFTER,
    devops.AzureDevOpsAuthenticationError: Break.DENIED,
    json.JSONDecodeError: Break.AFTER,
    ValueError: Break.WRONG,  # "API resource location … is not registered": that address is no organisation
    # azure-identity, before each request: whatever it is, the request itself never left
    core.AzureError: Break.BEFORE,
    core.ClientAuthenticationError: Break.BEFORE,  # the default chain says this of a network failure too
    CredentialUnavailableError: Break.BEFORE,
}

FOREIGN: tuple[type[Exception], ...] = (Refusal, *BREAKS)

# What proves, deep in the chain of causes, that no connection ever stood.
_NEVER_STOOD = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    urllib3.exceptions.LocationParseError,
)
_CAUSES_LIMIT = 10


def translated(error: Exception, call: Call) -> TocsinError:
    """The error of ours that says what became of the call."""
    if isinstance(error, TocsinError):
        return error
    if isinstance(error, Refusal):
        return _refused(error, call)
    return _broken(error, call)


def _refused(refusal: Refusal, call: Call) -> TocsinError:
    answer = refusal.answer
    row = next(row for row in ANSWERS if row.fits(answer))
    # The SDK asks for API locations before its first call: what fails there has written nothing.
    kind = call.kind if refusal.writing or not call.kind.writes else Kind.ASK
    what = row.errors[kind]
    sentence = f"{BOARDS} was asked to {call.doing} and answered {answer}. {row.advice}"
    if what is Forbidden:
        sentence += answer.clock
    error = what(sentence, retry_after=answer.retry_after) if issubclass(what, Transient) else what(sentence)
    if isinstance(error, RefusedByRule):
        error.said = masked(answer.message)
    return error


def _broken(error: Exception, call: Call) -> TocsinError:
    causes = list(_causes(error))
    how = _how_far(causes)
    told = f"{BOARDS} was asked to {call.doing}"
    reason = f"{type(causes[-1]).__name__}: {str(causes[-1])[:300]}".rstrip(": ")
    if how is Break.WRONG:
        return Misconfigured(f"{told}, which could not be sent ({reason}). Check TOCSIN_BOARDS_URL.")
    if how is Break.DENIED:
        return Forbidden(f"{told}, and no sign-in was possible ({reason}). Check TOCSIN_BOARDS_PAT or the identity.")
    if how is Break.BEFORE or not _may_have_written(causes, call):
        return Unreachable(f"{told}, and no usable answer came ({reason}). Nothing was changed; it is tried again.")
    return Unknown(
        f"{told}, and after it was sent no usable answer came ({reason}). It may have been done: before another try "
        "the step looks for its own trace."
    )


def _how_far(causes: list[BaseException]) -> Break:
    if any(isinstance(cause, _NEVER_STOOD) for cause in causes) or _certificate_refused(causes):
        return Break.BEFORE
    # The SDK wraps what requests raised; the wrapped one knows more.
    told = next((cause for cause in causes if isinstance(cause, requests.RequestException)), causes[0])
    return next(BREAKS[kind] for kind in type(told).__mro__ if kind in BREAKS)


def _certificate_refused(causes: list[BaseException]) -> bool:
    return any(type(cause).__name__ == "SSLCertVerificationError" for cause in causes)


def _may_have_written(causes: list[BaseException], call: Call) -> bool:
    request = next((cause.request for cause in causes if isinstance(cause, requests.RequestException)), None)
    return call.kind.writes and is_write(request)


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(_CAUSES_LIMIT):
        if current is None:
            return
        yield current
        current = getattr(current, "inner_exception", None) or current.__cause__ or current.__context__
