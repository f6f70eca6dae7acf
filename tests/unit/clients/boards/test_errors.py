"""The tables of the Boards client's border: no answer and no exception is missing from them."""

import inspect
from datetime import timedelta

import msrest.exceptions
import pytest
import requests
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.devops import exceptions as devops

from worker.clients.boards.errors import ANSWERS, BREAKS, Break, Call, Kind, RefusedByRule, translated
from worker.clients.boards.sdk import Answer, Refusal
from worker.domain.errors import Gone, Misconfigured, Rejected, Throttled, TocsinError, Unknown, Unreachable

FOREIGN = [
    kind
    for module in (requests.exceptions, msrest.exceptions, devops)
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
]
CREATE, UPDATE, COMMENT, GET, ASK = (Call(kind, "do something") for kind in Kind)


def refused(status, call, **answer):
    return translated(Refusal(Answer(status, **answer), writing=call.kind.writes), call)


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_foreign_exception_is_mapped(kind):
    """An exception that a new release of an SDK adds fails here before it surprises at night."""
    assert kind in BREAKS


@pytest.mark.parametrize("kind", BREAKS, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_foreign_exception_becomes_ours(kind):
    """A write that breaks is Unknown unless it certainly never left; a read never is."""
    error = kind.__new__(kind)
    # Their constructors want all sorts of things; what they all have in the end is this.
    vars(error).update(message="broken", request=None)
    after = BREAKS[kind] is Break.AFTER
    assert isinstance(translated(error, CREATE), Unknown) is after
    assert isinstance(translated(error, COMMENT), Unknown) is after
    assert isinstance(translated(error, GET), TocsinError)
    assert not isinstance(translated(error, GET), Unknown)


def test_every_status_has_a_meaning():
    """No answer is without a line in the table, for no kind of call; a read is never in doubt."""
    for status in range(200, 600):
        assert all(isinstance(refused(status, call), TocsinError) for call in (CREATE, UPDATE, COMMENT, GET, ASK))
        assert not any(isinstance(refused(status, call), Unknown) for call in (GET, ASK))


def test_every_line_of_the_table_can_be_reached():
    """No line stands in the shadow of an earlier one."""
    for row in ANSWERS:
        key = min(row.type_keys, default="")
        answers = (Answer(status, type_key=key, code=row.code or 0) for status in row.statuses)
        assert any(next(other for other in ANSWERS if other.fits(answer)) is row for answer in answers)


def test_a_missing_item_is_gone_and_a_missing_project_is_a_setting():
    """404 says different things of an item or a comment, a parent and a project."""
    assert isinstance(refused(404, UPDATE), Gone)
    assert isinstance(refused(404, GET), Gone)
    assert isinstance(refused(404, COMMENT), Gone)
    assert isinstance(refused(404, CREATE), Misconfigured)
    assert isinstance(refused(404, CREATE, type_key="WorkItemUnauthorizedAccessException"), Gone)


def test_the_service_may_say_more_than_its_status():
    """The kind of the error decides before its status does."""
    assert isinstance(refused(400, CREATE, type_key="WorkItemTypeNotFoundException"), Misconfigured)
    assert isinstance(refused(400, CREATE, type_key="SomethingElseException"), Rejected)


@pytest.mark.parametrize("call", [CREATE, UPDATE, COMMENT, ASK])
@pytest.mark.parametrize("type_key", ["RuleValidationException", "WorkItemFieldInvalidException"])
def test_a_rule_that_refuses_is_told_apart(call, type_key):
    """With the service's own sentence beside ours, so that whoever changes the item can say it and go on."""
    error = refused(400, call, type_key=type_key, message="TF401320: Rule Error for field State")
    assert isinstance(error, RefusedByRule)
    assert error.said == "TF401320: Rule Error for field State"
    assert "was asked to do something" in str(error)
    assert not isinstance(refused(400, call, type_key=type_key, code=600171), RefusedByRule)


def test_a_refused_look_for_addresses_leaves_no_doubt():
    """A 500 on what the SDK asks before the write is no doubt about the write."""
    error = translated(Refusal(Answer(500), writing=False), CREATE)
    assert isinstance(error, Unreachable)


def test_a_failed_sign_in_wrote_nothing():
    """Without a token no request leaves; it is tried again, since the default chain says this of an outage too."""
    for error in (ClientAuthenticationError("no token"), AzureError("no network")):
        assert isinstance(translated(error, CREATE), Unreachable)


def test_the_root_cause_is_told():
    """Under wrappings, what a person needs is the innermost reason."""
    inner = requests.exceptions.ConnectionError("wrapped")
    inner.__cause__ = ConnectionResetError(104, "Connection reset by peer")
    error = translated(msrest.exceptions.ClientRequestError("wrapped again", inner), CREATE)
    assert "Connection reset by peer" in str(error)
    assert "wrapped" not in str(error)


def test_a_refusal_keeps_the_time_to_wait():
    """Throttled says when to come back."""
    error = refused(429, CREATE, retry_after=timedelta(seconds=7))
    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=7)


def test_a_sentence_tells_what_was_tried_what_came_back_and_what_to_do():
    """The whole story for the person who reads the dead letter."""
    answer = {"type_key": "RuleValidationException", "message": "TF401320: Required", "activity": "e2e"}
    told = str(refused(400, Call(Kind.CREATE, "create a work item of type 'Issue'"), **answer))
    for part in ("create a work item of type 'Issue'", "400", "TF401320: Required", "e2e", "relax the rule"):
        assert part in told


def test_the_walk_sees_the_exceptions():
    """An empty list of foreign exceptions would prove nothing."""
    assert len(FOREIGN) > 30
