"""The JSON forms in which Azure DevOps answers: work items, comments, updates, types, fields, query results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from worker.sandbox.boards.attachments import Attachment, Attachments
from worker.sandbox.boards.links import NAMES, Link
from worker.sandbox.boards.process import Field, WorkItemType
from worker.sandbox.boards.wiql import Query
from worker.sandbox.boards.work_item import Comment, Update, WorkItem, moment
from worker.sandbox.world import Person, World

# Until when a revision holds that is the newest.
NEVER = "9999-01-01T00:00:00Z"
COUNTED = ("System.Rev", "System.AuthorizedDate", "System.RevisedDate", "System.Watermark")
# The same in every organisation.
_LOCATION_SERVICE = "00025394-6065-48ca-87d9-7f5672854ef7"


@dataclass(frozen=True)
class Documents:
    """Writes addresses as the client that asks would reach them, and those for people as a browser would."""

    organisation_url: str
    shown_url: str
    world: World
    attachments: Attachments

    def work_item(self, item: WorkItem, *, relations: bool, links: bool = True) -> dict[str, Any]:
        document: dict[str, Any] = {"id": item.id, "rev": item.rev, "fields": item.fields}
        if relations and item.links:
            document["relations"] = [self.relation(item, link) for link in item.links]
        if comment := item.comment_of_this_revision:
            version = comment.latest.version
            document["commentVersionRef"] = {
                "commentId": comment.id,
                "version": version,
                "url": f"{self._item_url(item)}/comments/{comment.id}/versions/{version}",
            }
        if links:
            document["_links"] = self._links(item)
        return document | {"url": self._item_url(item)}

    def attachment(self, attachment: Attachment) -> dict[str, Any]:
        url = f"{self.organisation_url}/_apis/wit/attachments/{attachment.id}"
        return {"id": attachment.id, "url": f"{url}?fileName={quote(attachment.name)}"}

    def relation(self, item: WorkItem, link: Link) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        if link.target is None:
            attributes = {
                "authorizedDate": link.created,
                "id": link.id,
                "resourceCreatedDate": link.created,
                "resourceModifiedDate": link.created,
            }
        else:
            attributes = {"isLocked": False, "name": NAMES[link.rel]}
        if link.file is not None:
            file = self.attachments.get(link.file)
            attributes |= {"name": file.name, "resourceSize": len(file.content)}
        if link.comment is not None:
            attributes["comment"] = link.comment
        url = link.url if link.target is None else self._item_url(item, link.target)
        return {"rel": link.rel, "url": url, "attributes": attributes}

    def comment(self, item: WorkItem, comment: Comment) -> dict[str, Any]:
        return {
            "workItemId": item.id,
            "id": comment.id,
            "version": comment.latest.version,
            "text": comment.text,
            "renderedText": comment.text,
            "format": "html",
            "createdBy": comment.by,
            "createdDate": comment.at,
            "modifiedBy": comment.latest.by,
            "modifiedDate": comment.latest.at,
            "mentions": [],
            "url": f"{self._item_url(item)}/comments/{comment.id}",
        }

    def comments(self, item: WorkItem, page: Sequence[Comment], following: str | None) -> dict[str, Any]:
        url = f"{self._item_url(item)}/comments"
        document = {
            "totalCount": len(item.comments),
            "count": len(page),
            "comments": [self.comment(item, comment) for comment in page],
            "url": url,
        }
        if following is not None:
            document |= {"continuationToken": following, "nextPage": f"{url}?continuationToken={following}"}
        return document

    def update(self, item: WorkItem, update: Update) -> dict[str, Any]:
        document: dict[str, Any] = {
            "id": update.id,
            "workItemId": item.id,
            "rev": update.rev,
            "revisedBy": update.by,
            "revisedDate": _revised(item, update),
            "url": f"{self._item_url(item)}/updates/{update.id}",
        }
        if update.fields:
            document["fields"] = {**update.fields, **_counted(item, update)}
        sides = {"added": update.added, "removed": update.removed}
        relations = {side: [self.relation(item, link) for link in links] for side, links in sides.items() if links}
        return document | ({"relations": relations} if relations else {})

    def connection_data(self, person: Person) -> dict[str, Any]:
        user = {
            "id": person.boards_id,
            "descriptor": f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{self.world.tenant_id}\\{person.email}",
            "subjectDescriptor": person.boards_descriptor,
            "providerDisplayName": person.name,
            "isActive": True,
            "properties": {"Account": {"$type": "System.String", "$value": person.email}},
            "resourceVersion": 2,
            "metaTypeId": 0,
        }
        return {
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": self.world.project_id,
            "deploymentId": self.world.tenant_id,
            "deploymentType": "hosted",
            "locationServiceData": {
                "serviceOwner": _LOCATION_SERVICE,
                "defaultAccessMappingMoniker": "PublicAccessMapping",
                "lastChangeId": 1,
                "lastChangeId64": 1,
            },
        }

    def recycled(self, item: WorkItem, at: datetime, by: str) -> dict[str, Any]:
        return {
            "id": item.id,
            "type": item.type,
            "name": item.fields["System.Title"],
            "project": item.project,
            "deletedDate": moment(at),
            "deletedBy": by,
            "code": 200,
            "url": f"{self.organisation_url}/_apis/wit/recyclebin/{item.id}",
            "resource": self.work_item(item, relations=False),
        }

    def query_result(self, query: Query, found: Sequence[WorkItem], at: datetime) -> dict[str, Any]:
        return {
            "queryType": "flat",
            "queryResultType": "workItem",
            "asOf": moment(at),
            "columns": [self.field_reference(field) for field in query.columns],
            "sortColumns": [
                {"field": self.field_reference(s.field), "descending": s.descending} for s in query.sortings
            ],
            "workItems": [{"id": item.id, "url": self._item_url(item)} for item in found],
        }

    def work_item_type(self, kind: WorkItemType, project: str) -> dict[str, Any]:
        fields = [self.field_of_type(field) for field in kind.fields]
        url = f"{self._project_url(project)}/_apis/wit/workItemTypes/{quote(kind.name)}"
        return {
            "name": kind.name,
            "referenceName": kind.reference,
            "description": kind.description,
            "color": kind.color,
            "icon": {"id": "icon_clipboard", "url": f"{self.organisation_url}/_apis/wit/workItemIcons/icon_clipboard"},
            "isDisabled": False,
            "xmlForm": "",
            "fields": fields,
            "fieldInstances": fields,
            "transitions": {
                state.name: [{"to": other.name, "actions": []} for other in kind.states] for state in kind.states
            },
            "states": self.states(kind),
            "url": url,
        }

    def states(self, kind: WorkItemType) -> list[dict[str, Any]]:
        return [{"name": s.name, "color": s.color, "category": s.category} for s in kind.states]

    def field_of_type(self, field: Field, *, values: bool = False) -> dict[str, Any]:
        document: dict[str, Any] = {
            "alwaysRequired": field.required,
            "dependentFields": [],
            "helpText": field.name,
            **self.field_reference(field),
        }
        if field.default is not None:
            document["defaultValue"] = str(field.default)
        if values:
            document["allowedValues"] = [str(value) for value in field.allowed]
        return document

    def field(self, field: Field) -> dict[str, Any]:
        return {
            **self.field_reference(field),
            "description": field.name,
            "type": field.type,
            "readOnly": field.read_only,
            "canSortBy": not field.is_long_text,
            "isQueryable": True,
            "isIdentity": field.type == "identity",
            "isPicklist": bool(field.allowed),
            "isPicklistSuggested": False,
            "isDeleted": False,
            "supportedOperations": [],
        }

    def field_reference(self, field: Field) -> dict[str, Any]:
        return {
            "name": field.name,
            "referenceName": field.reference,
            "url": f"{self.organisation_url}/_apis/wit/fields/{field.reference}",
        }

    def _project_url(self, project: str) -> str:
        return f"{self.organisation_url}/{self.world.projects[project]}"

    def _item_url(self, item: WorkItem, number: int | None = None) -> str:
        """Of the item itself, or of the one of this number that it is linked to."""
        return f"{self._project_url(item.project)}/_apis/wit/workItems/{number or item.id}"

    def _links(self, item: WorkItem) -> dict[str, Any]:
        project_url = self._project_url(item.project)
        url = self._item_url(item)
        addresses = {
            "self": url,
            "workItemUpdates": f"{url}/updates",
            "workItemRevisions": f"{url}/revisions",
            "workItemComments": f"{url}/comments",
            "html": f"{self.shown_url}/{self.world.projects[item.project]}/_workitems/edit/{item.id}",
            "workItemType": f"{project_url}/_apis/wit/workItemTypes/{quote(item.type)}",
            "fields": f"{project_url}/_apis/wit/fields",
        }
        return {name: {"href": address} for name, address in addresses.items()}


def _revised(item: WorkItem, update: Update) -> str:
    """When the revision was followed by another, as the service has it, and not when it was made; a link's own time."""
    if not update.fields:
        return update.at
    return next((later.at for later in item.updates if later.rev > update.rev and later.fields), NEVER)


def _counted(item: WorkItem, update: Update) -> dict[str, dict[str, Any]]:
    """What the service says in each update besides, and nobody wrote."""
    new = (update.rev, update.at, NEVER, update.id)
    before = [each for each in item.updates if each.rev < update.rev and each.fields]
    old = (before[-1].rev, before[-1].at, update.at, before[-1].id) if before else (None,) * len(new)
    return {
        name: ({} if was is None else {"oldValue": was}) | {"newValue": now}
        for name, was, now in zip(COUNTED, old, new, strict=True)
    }
