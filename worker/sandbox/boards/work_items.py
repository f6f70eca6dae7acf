"""All work items of the organisation, and the only place where they change."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from worker.sandbox.boards.attachments import Attachments
from worker.sandbox.boards.identities import Identities, reference_to
from worker.sandbox.boards.links import OPPOSITES, Link
from worker.sandbox.boards.patch import Operation
from worker.sandbox.boards.process import WorkItemType, defaults
from worker.sandbox.boards.project_processes import Processes
from worker.sandbox.boards.refusal import no_permission, unknown_work_item
from worker.sandbox.boards.revision import Change, Rules, mirror, revise, reword
from worker.sandbox.boards.work_item import WorkItem, moment
from worker.sandbox.world import World

# A sandbox is for hours, not for years; a client that creates in a loop is stopped before the memory is full.
LIMIT = 20_000


class WorkItems:
    def __init__(self, world: World, processes: Processes, *, duplicate_hyperlinks: bool) -> None:
        self.attachments = Attachments()
        self._items: dict[int, WorkItem] = {}
        self._last_number = 0
        self._rules = Rules(
            identities=Identities(world),
            processes=processes,
            attachments=self.attachments,
            find=self._find,
            duplicate_hyperlinks=duplicate_hyperlinks,
            next_number=self._next_number,
        )

    def get(self, number: int, project: str | None = None) -> WorkItem:
        """In a project's address only its own items are to be seen."""
        item = self._find(number)
        if item is None or project not in (None, item.project):
            raise unknown_work_item(number)
        return item

    def living(self) -> list[WorkItem]:
        return [item for item in self._items.values() if not item.deleted]

    def seen_by_queries(self, now: datetime, *, lag: timedelta) -> list[WorkItem]:
        """A query may run on a replica, where what is younger than its lag has not arrived."""
        return [item for item in self.living() if datetime.fromisoformat(item.created) <= now - lag]

    def create(
        self,
        work_item_type: WorkItemType,
        operations: Sequence[Operation],
        change: Change,
        *,
        project: str,
        save: bool = True,
    ) -> WorkItem:
        if len(self._items) >= LIMIT:
            raise no_permission(f"create more than {LIMIT} work items in a sandbox")
        blank = WorkItem(id=len(self._items) + 1 if save else 0, type=work_item_type.name, created=moment(change.at))
        seeded = blank.draft()
        seeded.fields = self._first_fields(work_item_type, project, change)
        item = revise(seeded, operations, change, self._rules)
        if save:
            self._items[item.id] = item
            self._mirror(blank, item, change)
        return item

    def update(self, number: int, operations: Sequence[Operation], change: Change, *, save: bool = True) -> WorkItem:
        before = self.get(number)
        after = revise(before, operations, change, self._rules)
        if save and after is not before:
            self._items[number] = after
            self._mirror(before, after, change)
        return after

    def reword(self, number: int, comment: int, text: str, change: Change) -> WorkItem:
        self._items[number] = reword(self.get(number), comment, text, change, self._rules)
        return self._items[number]

    def rename_state(self, project: str, work_item_type: str, old: str, new: str) -> None:
        """Let the items follow a state whose name is another now, which is no revision of theirs."""
        for item in self._items.values():
            if (item.project, item.type, item.fields["System.State"]) == (project, work_item_type, old):
                item.fields["System.State"] = new

    def recycle(self, number: int, change: Change) -> WorkItem:
        """Put an item into the recycle bin; the others no longer see their links to it."""
        item = self.get(number)
        item.deleted = True
        gone = item.draft()
        gone.links = []
        self._mirror(item, gone, change)
        return item

    def state(self) -> list[dict[str, Any]]:
        return [item.as_json() for item in self._items.values()]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        items = [WorkItem.from_json(dict(item)) for item in state]
        self._items = {item.id: item for item in items}
        numbers = [number for item in items for number in _numbers(item)]
        self._last_number = max(numbers, default=0)

    def _find(self, number: int) -> WorkItem | None:
        item = self._items.get(number)
        return None if item is None or item.deleted else item

    def _first_fields(self, work_item_type: WorkItemType, project: str, change: Change) -> dict[str, Any]:
        return {
            "System.AreaPath": project,
            "System.TeamProject": project,
            "System.IterationPath": project,
            "System.WorkItemType": work_item_type.name,
            "System.State": work_item_type.states[0].name,
            "System.Reason": "Added to backlog",
            "System.CreatedDate": moment(change.at),
            "System.CreatedBy": reference_to(change.author),
            "System.CommentCount": 0,
            "Microsoft.VSTS.Common.StateChangeDate": moment(change.at),
            **defaults(work_item_type),
        }

    def _mirror(self, before: WorkItem, after: WorkItem, change: Change) -> None:
        for link in _between_items(after, other_than=before):
            self._mirror_at(link.target, change, added=[link.seen_from_the_other_end(after.id)])
        for link in _between_items(before, other_than=after):
            self._mirror_at(link.target, change, removed=[link.seen_from_the_other_end(after.id)])

    def _mirror_at(self, number: int | None, change: Change, **links: Sequence[Link]) -> None:
        other = self._find(number or 0)
        if other is not None:
            mirror(other, change, **links)

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number


def _between_items(item: WorkItem, *, other_than: WorkItem) -> list[Link]:
    return [link for link in item.links if link.rel in OPPOSITES and link not in other_than.links]


def _numbers(item: WorkItem) -> list[int]:
    return [comment.id for comment in item.comments] + [link.id for link in item.links if link.id]
