"""What the Boards stand-in refuses, in the words and numbers of the service."""

import asyncio
import base64

import pytest
from azure.devops.exceptions import AzureDevOpsAuthenticationError, AzureDevOpsServiceError
from azure.devops.v7_1.work_item_tracking.models import JsonPatchOperation
from msrest.exceptions import DeserializationError

from worker.sandbox.world import DEFAULT_WORLD

TITLE = {"op": "add", "path": "/fields/System.Title", "value": "Down"}
ISSUES = "/Incidents/_apis/wit/workitems/$Issue"
DARIO = DEFAULT_WORLD.people[3]


def write(field, value, op="add"):
    return {"op": op, "path": f"/fields/{field}", "value": value}


async def test_an_error_has_the_documented_body(organisation):
    """A refusal has all members that clients dispatch on."""
    answer = await organisation.http.get(f"{organisation.url}/_apis/wit/workitems/99")
    assert answer.status_code == 404
    assert answer.json() == {
        "$id": "1",
        "innerException": None,
        "message": "TF401232: Work item 99 does not exist, or you do not have permissions to read it.",
        "typeName": "Microsoft.TeamFoundation.WorkItemTracking.Server.WorkItemUnauthorizedAccessException, "
        "Microsoft.TeamFoundation.WorkItemTracking.Server",
        "typeKey": "WorkItemUnauthorizedAccessException",
        "errorCode": 0,
        "eventId": 3200,
    }


async def test_an_unknown_identity_is_600171_and_names_the_field(organisation):
    """Somebody who was never added to the organisation cannot be assigned, though the directory knows them."""
    with pytest.raises(AzureDevOpsServiceError) as refused:
        await organisation.create(
            "Down", JsonPatchOperation(op="add", path="/fields/System.AssignedTo", value=DARIO.email)
        )
    assert refused.value.error_code == 600171
    assert refused.value.type_key == "WorkItemFieldInvalidException"
    assert refused.value.custom_properties == {"ReferenceName": "System.AssignedTo"}
    assert refused.value.message == (
        f"The identity value '{DARIO.email}' for field 'Assigned To' is an unknown identity."
    )


@pytest.mark.parametrize(
    ("operation", "type_key", "sentence"),
    [
        (write("System.Title", ""), "RuleValidationException", "TF401320"),
        (write("System.Title", "   "), "RuleValidationException", "TF401320"),
        (write("System.Title", None), "RuleValidationException", "TF401320"),
        (write("System.Title", "x" * 256), "RuleValidationException", "TF401320"),
        (write("System.Title", "two\nlines"), "RuleValidationException", "InvalidCharacters"),
        (write("System.Title", {"a": 1}), "RuleValidationException", "InvalidType"),
        (write("System.Description", "\x00"), "RuleValidationException", "InvalidCharacters"),
        (write("System.Description", "\ud800"), "RuleValidationException", "InvalidCharacters"),
        (write("System.Description", "x" * 1_000_001), "RuleValidationException", "InvalidTooLong"),
        (write("System.State", "Exploded"), "RuleValidationException", "not in the list of supported values"),
        (write("Microsoft.VSTS.Common.Priority", 9), "RuleValidationException", "not in the list of supported values"),
        (write("Microsoft.VSTS.Common.Priority", "high"), "RuleValidationException", "InvalidType"),
        (
            write("Microsoft.VSTS.Common.Severity", "1 - Critical"),
            "WorkItemTrackingFieldDefinitionNotFoundException",
            "TF51535",
        ),
        (write("Custom.Unknown", "x"), "WorkItemTrackingFieldDefinitionNotFoundException", "TF51535"),
        (write("System.AreaPath", "Elsewhere"), "WorkItemTrackingTreeNodeNotFoundException", "TF401347"),
        (write("System.CreatedDate", "2020-01-01"), "RuleValidationException", "ReadOnly"),
        (write("System.WorkItemType", "Bug"), "RuleValidationException", "ReadOnly"),
        (
            write("System.Tags", "; ".join(str(n) for n in range(101))),
            "WorkItemTrackingLimitExceededException",
            "100 tags",
        ),
        (
            {"op": "copy", "from": "/a", "path": "/fields/System.Title"},
            "VssPropertyValidationException",
            "not supported",
        ),
        ({"op": "add", "path": "/rev", "value": 3}, "VssPropertyValidationException", "not supported"),
        ({"op": "add", "path": "/fields", "value": {}}, "VssPropertyValidationException", "top level"),
        ({"op": "add", "path": "fields/System.Title", "value": "x"}, "VssPropertyValidationException", "slash"),
        ({"op": "add"}, "VssPropertyValidationException", "slash"),
        ("add", "VssPropertyValidationException", "valid patch document"),
    ],
)
async def test_an_operation_against_the_rules_is_refused(organisation, operation, type_key, sentence):
    """A value or a path that the service would not take is a 400 with its type key, and nothing is made."""
    answer = await organisation.post(ISSUES, [TITLE, operation])
    assert answer.status_code == 400, answer.text
    assert answer.json()["typeKey"] == type_key
    assert sentence in answer.json()["message"]
    assert (await organisation.create()).id == 1


@pytest.mark.parametrize("body", [[], {}, None, b"not json", b"[" * 100_000, [TITLE] * 201])
async def test_a_body_that_is_no_patch_is_refused(organisation, body):
    """Not JSON, too deep, empty, or too many operations: a 400, never a crash."""
    assert (await organisation.post(ISSUES, body)).status_code == 400


async def test_a_deeply_nested_value_is_refused(organisation):
    """A value of many levels is a 400."""
    deep = b'[{"op":"add","path":"/fields/System.Title","value":' + b"[" * 500 + b"]" * 500 + b"}]"
    assert (await organisation.post(ISSUES, deep)).status_code == 400


async def test_a_body_above_the_bound_is_refused(organisation):
    """Five megabytes are 413."""
    answer = await organisation.post(ISSUES, b" " * 5 * 1024 * 1024)
    assert answer.status_code == 413


async def test_a_work_item_without_a_title_is_refused(organisation):
    """The title is required."""
    answer = await organisation.post(ISSUES, [write("System.Description", "x")])
    assert answer.status_code == 400
    assert "TF401320" in answer.json()["message"]


async def test_a_patch_needs_its_own_content_type(organisation):
    """Plain JSON is 415 for a patch, as the service has it."""
    answer = await organisation.post(ISSUES, [TITLE], "application/json")
    assert answer.status_code == 415
    assert answer.json()["typeKey"] == "VssRequestContentTypeNotSupportedException"


@pytest.mark.parametrize(
    ("path", "type_key"),
    [
        ("/Incidents/_apis/wit/workitems/$Outage", "WorkItemTypeNotFoundException"),
        ("/Nowhere/_apis/wit/workitems/$Issue", "ProjectDoesNotExistWithNameException"),
    ],
)
async def test_an_unknown_type_or_project_is_404(organisation, path, type_key):
    """A configuration that names what there is not is told so."""
    answer = await organisation.post(path, [TITLE])
    assert answer.status_code == 404
    assert answer.json()["typeKey"] == type_key


async def test_bypassing_the_rules_needs_a_permission_nobody_has(organisation):
    """A request that asks to bypass the rules is 403."""
    answer = await organisation.post(f"{ISSUES}?bypassRules=true", [TITLE])
    assert answer.status_code == 403


@pytest.mark.parametrize("option", ["validateOnly=perhaps", "$expand=everything", "$expand=all&fields=System.Title"])
async def test_an_option_that_makes_no_sense_is_refused(organisation, option):
    """An option with an unknown value is a 400."""
    assert (await organisation.post(f"{ISSUES}?{option}", [TITLE])).status_code == 400


async def test_an_empty_token_is_answered_with_a_sign_in_page(organisation):
    """A PAT that is none looks like success and is a page: the SDK cannot read it."""
    with pytest.raises(DeserializationError):
        await asyncio.to_thread(organisation.client("", "").get_work_item, 1)


@pytest.mark.parametrize("header", ["Bearer", "Digest x", "Basic !!!", "Basic " + base64.b64encode(b"\xff").decode()])
async def test_credentials_of_no_known_kind_are_401(organisation, header):
    """What is neither a token nor a PAT is not authorized, and says so in JSON."""
    answer = await organisation.http.get(f"{organisation.url}/_apis/wit/workitems/1", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("TF400813")


async def test_a_person_who_is_told_to_be_unauthorized_sees_the_sdks_own_error(organisation):
    """A 401 with a page instead of JSON is the SDK's authentication error."""
    await organisation.fault(
        system="boards",
        method="GET",
        behaviour="status",
        status=401,
        body="<html>",
        headers={"Content-Type": "text/html"},
    )
    with pytest.raises(AzureDevOpsAuthenticationError):
        await organisation.call("get_work_item", 1)
