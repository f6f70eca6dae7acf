"""The SDK against a Boards stand-in that misbehaves: what it raises, and what it sends again."""

import pytest
from azure.devops.exceptions import AzureDevOpsClientRequestError, AzureDevOpsServiceError
from msrest.exceptions import ClientRequestError, DeserializationError


async def sent(organisation, method):
    requests = (await organisation.http.get(f"{organisation.server.url}/sandbox/requests")).json()["requests"]
    return [r["status"] for r in requests if r["method"] == method]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"behaviour": "status", "status": 429, "headers": {"Retry-After": "1"}}, AzureDevOpsServiceError),
        ({"behaviour": "status", "status": 409}, AzureDevOpsServiceError),
        ({"behaviour": "status", "status": 502}, AzureDevOpsClientRequestError),
        ({"behaviour": "status", "status": 203}, DeserializationError),
        ({"behaviour": "refuse"}, ClientRequestError),
        ({"behaviour": "drop-before"}, ClientRequestError),
        ({"behaviour": "drop-after"}, ClientRequestError),
        ({"behaviour": "apply-then-status", "status": 503}, AzureDevOpsServiceError),
    ],
)
async def test_each_fault_is_the_error_the_sdk_raises_for_it(organisation, fault, error):
    """A misbehaving create raises what the SDK's own table says, and is sent once."""
    await organisation.fault(system="boards", method="POST", **fault)
    with pytest.raises(error):
        await organisation.create()
    assert len(await sent(organisation, "POST")) == 1


@pytest.mark.parametrize(("behaviour", "made"), [("drop-before", 0), ("drop-after", 1)])
async def test_a_lost_answer_leaves_its_work_item_behind(organisation, boards, behaviour, made):
    """The two look the same to the client, and only one has made something."""
    await organisation.fault(system="boards", method="POST", behaviour=behaviour)
    with pytest.raises(ClientRequestError):
        await organisation.create()
    assert len(boards.state()["work_items"]) == made


async def test_an_overlapping_change_is_tf26071(organisation):
    """A 409 told by a fault has the service's body for it."""
    item = await organisation.create()
    await organisation.fault(system="boards", method="PATCH", behaviour="status", status=409)
    with pytest.raises(AzureDevOpsServiceError, match="TF26071") as refused:
        await organisation.update(item.id)
    assert refused.value.type_key == "WorkItemRevisionMismatchException"
