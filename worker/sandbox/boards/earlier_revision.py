"""A work item as it was at an earlier revision, made of the updates that led there."""

from collections.abc import Iterable

from worker.sandbox.boards.links import Link
from worker.sandbox.boards.work_item import Update, WorkItem


def as_of(item: WorkItem, revision: int) -> WorkItem:
    """The item at the revision, from 1 to its newest; a comment edited since says what it says now."""
    earlier = WorkItem(id=item.id, type=item.type, created=item.created, rev=revision)
    updates = [update for update in item.updates if update.rev <= revision]
    for update in updates:
        _apply(earlier, update, shows_history=update.rev == revision)
    earlier.links = _links(updates)
    earlier.comments = [comment for comment in item.comments if comment.rev <= revision]
    earlier.count_links()
    return earlier


def _apply(item: WorkItem, update: Update, *, shows_history: bool) -> None:
    for name, change in update.fields.items():
        item.fields.pop(name, None)
        if "newValue" in change and (name != "System.History" or shows_history):
            item.fields[name] = change["newValue"]


def _links(updates: Iterable[Update]) -> list[Link]:
    links: list[Link] = []
    for update in updates:
        links = [link for link in links if link not in update.removed] + update.added
    return links
