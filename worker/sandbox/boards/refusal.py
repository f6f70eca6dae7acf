"""What Azure DevOps says when it refuses, in its own words and numbers, since clients decide by them."""

from typing import Any

from aiohttp import web

TRACKING = "Microsoft.TeamFoundation.WorkItemTracking.Server"
PATCHING = "Microsoft.VisualStudio.Services.WebApi.Patch"
COMMON = "Microsoft.VisualStudio.Services.Common"


class Refusal(Exception):
    def __init__(
        self,
        status: int,
        type_key: str,
        message: str,
        *,
        error_code: int = 0,
        event_id: int = 3200,
        namespace: str = TRACKING,
        properties: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"$id": "1"}
        if properties:
            self.body["customProperties"] = properties
        self.body |= {
            "innerException": None,
            "message": message,
            "typeName": f"{namespace}.{type_key}, {namespace}",
            "typeKey": type_key,
            "errorCode": error_code,
            "eventId": event_id,
        }

    def answer(self) -> web.Response:
        return web.json_response(self.body, status=self.status)


def unknown_work_item(number: object) -> Refusal:
    return Refusal(
        404,
        "WorkItemUnauthorizedAccessException",
        f"TF401232: Work item {number} does not exist, or you do not have permissions to read it.",
    )


def unknown_comment(number: object) -> Refusal:
    return Refusal(404, "WorkItemCommentNotFoundException", f"The comment {number} of this work item does not exist.")


def unknown_attachment(name: object) -> Refusal:
    return Refusal(404, "AttachmentNotFoundException", f"The attachment {name} does not exist.")


def unknown_revision(number: object) -> Refusal:
    return Refusal(
        404, "WorkItemIdRevisionNotFoundException", f"The revision {number} of this work item does not exist."
    )


def unknown_project(name: str) -> Refusal:
    return Refusal(
        404,
        "ProjectDoesNotExistWithNameException",
        f"TF200016: The following project does not exist: {name}. Verify that the name of the project is correct "
        "and that the project exists on the specified Azure DevOps Server.",
        event_id=3000,
        namespace="Microsoft.TeamFoundation.Core.WebApi",
    )


def unknown_type(name: str, project: str) -> Refusal:
    return Refusal(
        404,
        "WorkItemTypeNotFoundException",
        f"VS402323: Work item type {name} does not exist in project {project} or you do not have permission to "
        "access it.",
    )


def unknown_field(name: str) -> Refusal:
    return Refusal(400, "WorkItemTrackingFieldDefinitionNotFoundException", f"TF51535: Cannot find field {name}.")


def rule_error(reference: str, name: str, codes: str) -> Refusal:
    return _rule_broken(reference, codes, f"TF401320: Rule Error for field {name}. Error code: {codes}.")


def not_in_list(reference: str, name: str, value: object) -> Refusal:
    """Refuse what no list of the field has, which may be so in this state only."""
    message = f"The field '{name}' contains the value '{str(value)[:256]}' that is not in the list of supported values"
    return _rule_broken(reference, "Required, HasValues, LimitedToValues, AllowsOldValue, InvalidListValue", message)


def invalid_value(reference: str, status: str) -> Refusal:
    return _rule_broken(reference, status, f"TF401326: Invalid field status '{status}' for field '{reference}'.")


def _rule_broken(reference: str, codes: str, message: str) -> Refusal:
    flags = ", ".join(code[:1].lower() + code[1:] for code in codes.split(", "))
    error = {"fieldReferenceName": reference, "fieldStatusFlags": flags, "errorMessage": message}
    return Refusal(
        400,
        "RuleValidationException",
        message,
        properties={
            "FieldReferenceName": reference,
            "FieldStatusFlags": flags,
            "ErrorMessage": message,
            "RuleValidationErrors": [error],
        },
    )


def unknown_identity(value: str, reference: str, name: str) -> Refusal:
    return Refusal(
        400,
        "WorkItemFieldInvalidException",
        f"The identity value '{value}' for field '{name}' is an unknown identity.",
        error_code=600171,
        properties={"ReferenceName": reference},
    )


def bad_tree_path(number: int, reference: str) -> Refusal:
    return Refusal(
        400,
        "WorkItemTrackingTreeNodeNotFoundException",
        f"TF401347: Invalid tree name given for work item {number}, field '{reference}'.",
    )


def test_failed(path: str) -> Refusal:
    return Refusal(
        412,
        "TestPatchOperationFailedException",
        f"The test operation for path {path} failed: the value there is another one.",
        event_id=3000,
        namespace=PATCHING,
    )


def bad_patch(message: str) -> Refusal:
    return Refusal(400, "VssPropertyValidationException", message, event_id=3000, namespace=COMMON)


def bad_index(path: str) -> Refusal:
    return Refusal(
        400,
        "PatchOperationFailedException",
        f"Index out of range for path {path}.",
        event_id=3000,
        namespace=PATCHING,
    )


def bad_link(message: str) -> Refusal:
    return Refusal(400, "WorkItemLinkInvalidException", message)


def link_exists() -> Refusal:
    return Refusal(400, "RelationAlreadyExistsException", "Relation already exists.")


def too_many(what: str, limit: int) -> Refusal:
    return Refusal(
        400,
        "WorkItemTrackingLimitExceededException",
        f"TF401395: The operation failed because the work item would have more than {limit} {what}.",
    )


def bad_query(message: str) -> Refusal:
    return Refusal(400, "SyntaxException", message, namespace=f"{TRACKING}.Wiql")


def bad_request(message: str) -> Refusal:
    return Refusal(400, "ArgumentException", message, event_id=0, namespace="System")


def not_supported_here(what: str) -> Refusal:
    """Refuse what Azure DevOps can do and this stand-in does not play."""
    return Refusal(400, "NotSupportedException", f"The sandbox does not play {what}.", event_id=0, namespace="System")


def bad_content_type(given: str, wanted: str) -> Refusal:
    return Refusal(
        415,
        "VssRequestContentTypeNotSupportedException",
        f'The request indicated a Content-Type of "{given}" which is not supported. Valid content types for this '
        f"method are: {wanted}.",
        event_id=3000,
        namespace="Microsoft.VisualStudio.Services.WebApi",
    )


def no_permission(what: str) -> Refusal:
    return Refusal(
        403,
        "AccessCheckException",
        f"TF237111: The current user does not have permissions to {what}.",
        event_id=3000,
        namespace="Microsoft.TeamFoundation.Framework.Server",
    )
