"""Takes a patch through a work item's rules and makes of it the item's next revision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.sandbox.boards import refusal
from worker.sandbox.boards.attachments import Attachments
from worker.sandbox.boards.identities import Identities, reference_to
from worker.sandbox.boards.links import CHILD, PARENT, Link, check_room, read_comment, read_link
from worker.sandbox.boards.patch import Operation
from worker.sandbox.boards.process import Field
from worker.sandbox.boards.project_processes import Processes
from worker.sandbox.boards.rules import REASON, STATE, check
from worker.sandbox.boards.values import joined_tags, stored
from worker.sandbox.boards.work_item import HISTORY, Comment, Edit, Update, WorkItem, moment
from worker.sandbox.world import Person

TAGS = "System.Tags"


@dataclass(frozen=True)
class Change:
    """Who changes something, when."""

    author: Person
    at: datetime


@dataclass(frozen=True)
class Rules:
    """What a revision must be checked against beyond the item itself."""

    identities: Identities
    processes: Processes
    attachments: Attachments
    find: Callable[[int], WorkItem | None]
    duplicate_hyperlinks: bool
    next_number: Callable[[], int]


def revise(before: WorkItem, operations: Sequence[Operation], change: Change, rules: Rules) -> WorkItem:
    """Give the next revision, or the same item when nothing would change; the given one stays as it is."""
    after = before.draft()
    after.fields.pop(HISTORY, None)
    revision = _Revision(before, after, change, rules)
    for operation in operations:
        revision.apply(operation)
    revision.obey_custom_rules()
    return revision.finish()


def reword(before: WorkItem, number: int, text: str, change: Change, rules: Rules) -> WorkItem:
    """Give the next revision, in which a comment says something else."""
    after = before.draft()
    after.fields.pop(HISTORY, None)
    revision = _Revision(before, after, change, rules)
    revision.reword(number, text)
    return revision.finish()


class _Revision:
    def __init__(self, before: WorkItem, after: WorkItem, change: Change, rules: Rules) -> None:
        self._before = before
        self._after = after
        self._edited_comment: int | None = None
        self._rules = rules
        self._kind = rules.processes.type_of(after.project, after.type)
        self._written: set[str] = set()
        self._by = reference_to(change.author)
        self._at = moment(change.at)

    def apply(self, operation: Operation) -> None:
        match operation.segments:
            case ["id" | "rev" as name] if str(getattr(self._before, name)) != str(operation.value):
                raise refusal.test_failed(operation.path)
            case ["fields", name]:
                self._apply_to_field(operation, self._kind.field(name))
            case ["relations", "-"]:
                self._add_link(operation.value)
            case ["relations", index]:
                self._after.links.remove(self._link_at(index, operation.path))
            case ["relations", index, "attributes", "comment"]:
                link = self._link_at(index, operation.path)
                comment = read_comment(operation.value, "comment")
                self._after.links[self._after.links.index(link)] = replace(link, comment=comment)

    def reword(self, number: int, text: str) -> None:
        ids = [comment.id for comment in self._before.comments]
        if number not in ids:
            raise refusal.unknown_comment(number)
        comment = self._before.comments[ids.index(number)]
        if comment.by["id"] != self._by["id"]:
            raise refusal.no_permission("edit the comments of others")
        said = stored(self._kind.field(HISTORY), text)
        if said == comment.text:
            return
        edit = Edit(comment.latest.version + 1, by=self._by, at=self._at, rev=self._before.rev + 1)
        self._after.comments[ids.index(number)] = replace(comment, text=said, edit=edit)
        self._edited_comment = number

    def _apply_to_field(self, operation: Operation, field: Field) -> None:
        if operation.op == "test":
            self._test(operation, field)
        elif field.read_only:
            self._refuse_new_value(operation, field)
        else:
            self._written.add(field.reference)
            value = None if operation.op == "remove" else self._stored(operation, field)
            self._after.fields.pop(field.reference, None)
            if value is not None:
                self._after.fields[field.reference] = value

    def _test(self, operation: Operation, field: Field) -> None:
        current = self._before.fields.get(field.reference)
        wanted = operation.value
        if field.type == "identity" and wanted:
            person = self._rules.identities.find(wanted)
            wanted = reference_to(person) if person else wanted
        if (current or None) != (wanted or None):
            raise refusal.test_failed(operation.path)

    def _refuse_new_value(self, operation: Operation, field: Field) -> None:
        """Let a client say what is so anyway, as some do with the type and the project."""
        current = self._after.fields.get(field.reference)
        if operation.op == "remove" or str(current).casefold() != str(operation.value).casefold():
            raise refusal.invalid_value(field.reference, "ReadOnly")

    def _stored(self, operation: Operation, field: Field) -> Any:
        value = operation.value
        if field.reference == TAGS and isinstance(value, str):
            already = self._after.fields.get(TAGS, "") if operation.op == "add" else ""
            return joined_tags(already, str(stored(field, value) or ""))
        if field.reference == HISTORY and isinstance(value, dict):
            value = value.get("text")
        if field.type == "identity":
            return self._identity(value, field)
        if field.type == "treePath":
            return self._tree_path(value, field)
        if field.reference == STATE and value not in (*self._kind.state_names, self._before.fields.get(STATE)):
            raise refusal.not_in_list(field.reference, field.name, value)
        return stored(field, value)

    def _identity(self, value: object, field: Field) -> dict[str, Any] | None:
        if value is None or value == "":
            return None
        person = self._rules.identities.find(value)
        if person is None:
            shown = value.get("displayName", "") if isinstance(value, dict) else value
            raise refusal.unknown_identity(str(shown)[:256], field.reference, field.name)
        return reference_to(person)

    def _tree_path(self, value: object, field: Field) -> str:
        root = self._after.project
        path = stored(field, value)
        if not isinstance(path, str) or path.split("\\", maxsplit=1)[0].casefold() != root.casefold():
            raise refusal.bad_tree_path(self._after.id or -1, field.reference)
        return path

    def _add_link(self, value: object) -> None:
        link = read_link(value, created=self._at, number=self._rules.next_number())
        check_room(self._after.links, link, duplicate_hyperlinks=self._rules.duplicate_hyperlinks)
        if link.target is not None:
            self._check_tree(link)
        if link.file is not None:
            self._rules.attachments.get(link.file)
        self._after.links.append(link)

    def _check_tree(self, link: Link) -> None:
        """Refuse a second parent, and a work item that would be its own ancestor."""
        other = self._rules.find(link.target or 0)
        if other is None:
            raise refusal.unknown_work_item(link.target)
        if other.id == self._after.id:
            raise refusal.bad_link("TF201034: A work item cannot be linked to itself.")
        check_room(other.links, link.seen_from_the_other_end(self._after.id), duplicate_hyperlinks=True)
        if link.rel not in (PARENT, CHILD):
            return
        child, parent = (self._after, other) if link.rel == PARENT else (other, self._after)
        if child.parent is not None:
            raise refusal.bad_link(
                f"TF201036: You cannot add a Child link between work items {parent.id} and {child.id} because a "
                "work item can have only one Parent link."
            )
        if child.id and self._has_ancestor(parent, child.id):
            raise refusal.bad_link(
                f"TF201035: You cannot add a Parent link between work items {child.id} and {parent.id} because "
                "the link would create a circular relationship."
            )

    def _has_ancestor(self, item: WorkItem, wanted: int) -> bool:
        above: WorkItem | None = item
        while above is not None and above.id != wanted:
            above = self._rules.find(above.parent) if above.parent else None
        return above is not None

    def _link_at(self, index: str, path: str) -> Link:
        if int(index) >= len(self._after.links):
            raise refusal.bad_index(path)
        return self._after.links[int(index)]

    def obey_custom_rules(self) -> None:
        after, before = self._after.fields, self._before.fields if self._before.rev else {}
        custom = self._rules.processes.rules_of(self._after.project, self._after.type)
        if after.get(STATE) != self._before.fields.get(STATE) and REASON not in self._written:
            # A reason that somebody is asked for is given by nobody else.
            asked = any(rule.asks_for_reason(after.get(STATE)) for rule in custom)
            after[REASON] = "" if asked else f"Moved to state {after.get(STATE)}"
        check(custom, self._kind, before=before, after=after)

    def finish(self) -> WorkItem:
        after = self._after
        for field in self._kind.fields:
            if field.required and not after.fields.get(field.reference):
                raise refusal.rule_error(field.reference, field.name, "Required, InvalidEmpty")
        if after.rev and not self._changed():
            return self._before
        self._stamp()
        self._remember()
        return after

    def _changed(self) -> bool:
        before = {k: v for k, v in self._before.fields.items() if k != HISTORY}
        if before != self._after.fields or self._before.links != self._after.links:
            return True
        return self._before.comments != self._after.comments

    def _stamp(self) -> None:
        fields = self._after.fields
        self._after.rev += 1
        fields["System.ChangedDate"] = self._at
        fields["System.ChangedBy"] = self._by
        if fields.get(STATE) != self._before.fields.get(STATE):
            fields["Microsoft.VSTS.Common.StateChangeDate"] = self._at
        if HISTORY in fields:
            comment = Comment(
                id=self._rules.next_number(), text=fields[HISTORY], by=self._by, at=self._at, rev=self._after.rev
            )
            self._after.comments.append(comment)
            fields["System.CommentCount"] = len(self._after.comments)
        self._after.count_links()

    def _remember(self) -> None:
        old, new = self._before.fields if self._before.rev else {}, self._after.fields
        names = [n for n in (*new, *(o for o in old if o not in new)) if old.get(n) != new.get(n)]
        self._after.updates.append(
            Update(
                id=len(self._after.updates) + 1,
                rev=self._after.rev,
                by=self._by,
                at=self._at,
                fields={
                    name: _difference(old.get(name), new.get(name)) for name in names if name != HISTORY or name in new
                },
                added=[link for link in self._after.links if link not in self._before.links],
                removed=[link for link in self._before.links if link not in self._after.links],
                edited_comment=self._edited_comment,
            )
        )


def mirror(item: WorkItem, change: Change, *, added: Sequence[Link] = (), removed: Sequence[Link] = ()) -> None:
    """Show at this end what was linked or unlinked from the other; this is an update, but no new revision."""
    gone = [link for link in item.links if any(link.is_same_as(r) for r in removed)]
    item.links = [link for link in item.links if link not in gone] + list(added)
    item.count_links()
    item.updates.append(
        Update(
            id=len(item.updates) + 1,
            rev=item.rev,
            by=reference_to(change.author),
            at=moment(change.at),
            added=list(added),
            removed=gone,
        )
    )


def _difference(old: Any, new: Any) -> dict[str, Any]:
    """Leave out the side there is none of, as the service does."""
    both = {"oldValue": old, "newValue": new}
    return {name: value for name, value in both.items() if value is not None}
