"""Rules of an administrator on the Boards stand-in: what they refuse, and in which words."""

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError

STATE = "/fields/System.State"
CAUSE = "/fields/Custom.RootCause"


def write(path, value):
    return {"op": "add", "path": path, "value": value}


async def refused(organisation, number, *operations):
    answer = await organisation.patch(number, *operations)
    assert answer.status_code == 400, answer.text
    assert answer.json()["typeKey"] == "RuleValidationException"
    return answer.json()


async def test_a_field_can_be_required_in_a_state(organisation):
    """Without the field the state is not reached, with it in the same patch it is."""
    item = await organisation.create()
    await organisation.arrange("rules", type="Issue", rule="require", field="Custom.RootCause", state="Done")
    told = await refused(organisation, item.id, write(STATE, "Done"))
    message = "TF401320: Rule Error for field Root Cause. Error code: Required, InvalidEmpty."
    assert told["message"] == message
    assert told["customProperties"] == {
        "FieldReferenceName": "Custom.RootCause",
        "FieldStatusFlags": "required, invalidEmpty",
        "ErrorMessage": message,
        "RuleValidationErrors": [
            {
                "fieldReferenceName": "Custom.RootCause",
                "fieldStatusFlags": "required, invalidEmpty",
                "errorMessage": message,
            }
        ],
    }
    assert (await organisation.patch(item.id, write(STATE, "Doing"))).status_code == 200
    assert (await organisation.patch(item.id, write(STATE, "Done"), write(CAUSE, "a valve"))).status_code == 200


async def test_a_reason_that_is_required_is_given_by_nobody_else(organisation):
    """A change of state has a reason by itself, unless a rule asks whoever changes it for one."""
    item = await organisation.create()
    moved = await organisation.as_state(item.id, "Doing")
    assert moved.fields["System.Reason"] == "Moved to state Doing"
    await organisation.arrange("rules", type="Issue", rule="require", field="System.Reason", state="Done")
    await refused(organisation, item.id, write(STATE, "Done"))
    reason = write("/fields/System.Reason", "Mended")
    assert (await organisation.patch(item.id, write(STATE, "Done"), reason)).status_code == 200


async def test_a_change_of_state_can_be_forbidden(organisation):
    """It is refused as a state that the list has not, from where the rule says; from elsewhere it is allowed."""
    item = await organisation.create()
    await organisation.arrange("rules", type="Issue", rule="forbid", state="Done", **{"from": "To Do"})
    told = await refused(organisation, item.id, write(STATE, "Done"))
    assert told["message"] == "The field 'State' contains the value 'Done' that is not in the list of supported values"
    await organisation.as_state(item.id, "Doing")
    assert (await organisation.as_state(item.id, "Done")).fields["System.State"] == "Done"


async def test_a_state_can_be_forbidden_to_a_new_item(organisation):
    """What is only validated is refused as well, and other types know nothing of it."""
    await organisation.arrange("rules", type="Issue", rule="forbid", state="Done")
    document = [write("/fields/System.Title", "x"), write(STATE, "Done")]
    path = "/Incidents/_apis/wit/workitems/${}?validateOnly=true"
    assert (await organisation.post(path.format("Issue"), document)).status_code == 400
    assert (await organisation.post(path.format("Task"), document)).status_code == 200


async def test_a_field_can_be_read_only(organisation):
    """A new value is refused while the item is in the state, and the rest of the item can be changed."""
    item = await organisation.create()
    await organisation.arrange("rules", type="Issue", rule="read-only", field="Title", state="To Do")
    told = await refused(organisation, item.id, write("/fields/System.Title", "Else"))
    assert told["message"] == "TF401326: Invalid field status 'ReadOnly' for field 'System.Title'."
    await organisation.as_state(item.id, "Doing")
    assert (await organisation.patch(item.id, write("/fields/System.Title", "Else"))).status_code == 200


async def test_people_are_bound_by_rules_until_they_are_taken_away(organisation):
    """Whoever changes an item in the form is refused alike."""
    item = await organisation.create()
    await organisation.arrange("rules", type="Issue", rule="forbid", state="Done")
    answer = await organisation.control(f"work-items/{item.id}", by="Amara Okafor", state="Done")
    assert answer.json()["typeKey"] == "RuleValidationException"
    assert (await organisation.control("rules", "DELETE")).json()["processes"]["Incidents"]["rules"] == []
    await organisation.as_person(item.id, by="Amara Okafor", state="Done")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"rule": "wish"}, "rule"),
        ({"rule": "forbid"}, "state"),
        ({"rule": "forbid", "state": "Nowhere"}, "state"),
        ({"rule": "forbid", "state": "Done", "from": "Nowhere"}, "from"),
        ({"rule": "require", "state": "Done"}, "field"),
        ({"rule": "require", "field": "Custom.Unknown"}, "field"),
        ({"rule": "require", "field": "Severity"}, "field"),
    ],
)
async def test_a_rule_that_means_nothing_is_refused(organisation, rule, field):
    """It names what is wrong, and no rule is made."""
    answer = await organisation.control("rules", type="Issue", **rule)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


async def test_a_state_that_the_type_lacks_is_refused(organisation):
    """Written to an item or merely validated, a state of another process is none."""
    item = await organisation.create()
    with pytest.raises(AzureDevOpsServiceError, match="'Active' that is not in the list of supported values"):
        await organisation.as_state(item.id, "Active")
