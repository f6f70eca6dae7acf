"""A change as a person makes it in the form of a work item, in the operations that it comes to."""

from collections.abc import Mapping
from typing import Any

from worker.sandbox.boards.links import HYPERLINK, RELATED
from worker.sandbox.boards.process import PRIORITY, SEVERITY
from worker.sandbox.boards.project_processes import BadChange
from worker.sandbox.boards.work_item import WorkItem

FIELDS = {
    "state": "System.State",
    "reason": "System.Reason",
    "assignee": "System.AssignedTo",
    "title": "System.Title",
    "description": "System.Description",
    "comment": "System.History",
    "severity": SEVERITY,
    "priority": PRIORITY,
    "tags": "System.Tags",
}
OTHERS = ("by", "fields", "link", "unlink", "deleted")


def operations(body: Mapping[str, Any], item: WorkItem) -> list[dict[str, Any]]:
    """Of the names above, of `fields` by their references, and of a link: to an address, or to an item by number."""
    if unknown := next((name for name in body if name not in FIELDS and name not in OTHERS), None):
        known = ", ".join((*FIELDS, *OTHERS))
        raise BadChange(unknown[:40], f"A person changes nothing of that name; there are {known}.")
    fields = body.get("fields") or {}
    if not isinstance(fields, Mapping):
        raise BadChange("fields", "Fields must be an object of references and values.")
    written = {FIELDS[name]: value for name, value in body.items() if name in FIELDS} | dict(fields)
    changes = [{"op": "replace", "path": f"/fields/{name}", "value": value} for name, value in written.items()]
    changes += [_link(body["link"], item)] if "link" in body else []
    changes += [_unlink(body["unlink"], item)] if "unlink" in body else []
    if not changes:
        raise BadChange("body", "Nothing is changed: name at least one of what a person changes.")
    return changes


def _link(target: object, item: WorkItem) -> dict[str, Any]:
    if isinstance(target, int):
        value: dict[str, object] = {"rel": RELATED, "url": f"/{item.project}/_apis/wit/workItems/{target}"}
    else:
        value = {"rel": HYPERLINK, "url": target}
    return {"op": "add", "path": "/relations/-", "value": value}


def _unlink(target: object, item: WorkItem) -> dict[str, Any]:
    places = [place for place, link in enumerate(item.links) if target == (link.target or link.url)]
    if not places:
        raise BadChange("unlink", "The work item has no link to that.")
    return {"op": "remove", "path": f"/relations/{places[0]}"}
