"""Work items as they are read, and the operations that change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from azure.core.exceptions import DeserializationError

TAGS = "System.Tags"
HYPERLINK = "Hyperlink"
ATTACHED = "AttachedFile"
PARENT = "System.LinkTypes.Hierarchy-Reverse"
CHILD = "System.LinkTypes.Hierarchy-Forward"
DUPLICATE = "System.LinkTypes.Duplicate-Forward"
DUPLICATE_OF = "System.LinkTypes.Duplicate-Reverse"


@dataclass(frozen=True, slots=True)
class Operation:
    op: str
    path: str
    value: Any


def set_field(name: str, value: Any) -> Operation:
    return Operation("add", f"/fields/{name}", value)


def add_relation(kind: str, url: str, comment: str = "") -> Operation:
    attributes = {"attributes": {"comment": comment}} if comment else {}
    return Operation("add", "/relations/-", {"rel": kind, "url": url, **attributes})


def add_tag(tag: str) -> Operation:
    """Beside those there are, once in whatever case; a tag holds no comma and no semicolon."""
    return set_field(TAGS, tag)


def only_at(revision: int) -> Operation:
    """The guard: the server refuses the whole patch when the item has moved on."""
    return Operation("test", "/rev", revision)


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    unique_name: str

    @classmethod
    def of(cls, value: Any) -> "Identity | None":
        if isinstance(value, Mapping):
            found = cls(str(value.get("displayName") or ""), str(value.get("uniqueName") or ""))
        else:
            found = cls(str(value or ""), "")
        return found if found.name or found.unique_name else None

    @classmethod
    def of_reference(cls, reference: Any) -> "Identity | None":
        """From the SDK's model of one; a server of one's own tells of some people only `name`."""
        if reference is None:
            return None
        name = reference.display_name or getattr(reference, "name", None)
        return cls.of({"displayName": name, "uniqueName": reference.unique_name})

    def answers_to(self, wanted: str) -> bool:
        """Whether this is who was meant by an e-mail address, a name, or both as in `Ann Lee <ann@contoso.com>`."""
        own = {self.name.casefold(), self.unique_name.casefold()} - {""}
        name, _, rest = wanted.casefold().partition("<")
        return bool(own & {wanted.casefold(), name.strip(), rest.rstrip("> ")})


def is_same(one: Identity | None, other: Identity | None) -> bool:
    if one is None or other is None:
        return False
    if one.unique_name and other.unique_name:
        return one.unique_name.casefold() == other.unique_name.casefold()
    return bool(one.name) and one.name == other.name


@dataclass(frozen=True, slots=True)
class Relation:
    """`name` is that of an attached file."""

    kind: str
    url: str
    name: str = ""

    @classmethod
    def of(cls, relation: Any) -> "Relation":
        """From the SDK's model."""
        attributes = relation.attributes if isinstance(relation.attributes, Mapping) else {}
        name = attributes.get("name") if relation.rel == ATTACHED else None
        return cls(str(relation.rel), str(relation.url), str(name or ""))

    @property
    def item_id(self) -> int | None:
        last = self.url.rstrip("/").rpartition("/")[2]
        return int(last) if last.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Item:
    id: int
    revision: int
    page: str  # for people; what the service calls `url` is for programs
    fields: Mapping[str, Any]
    relations: tuple[Relation, ...] = ()

    @classmethod
    def of(cls, work_item: Any, *, pages: str) -> "Item":
        """From the SDK's model, all of whose attributes are None when the answer was something else.

        `pages` is where the organisation shows its work items, for an answer that does not name the item's own page.
        """
        if work_item is None or work_item.id is None or work_item.rev is None:
            raise DeserializationError("The answer is no work item.")
        relations = map(Relation.of, work_item.relations or ())
        return cls(
            work_item.id,
            work_item.rev,
            _page(work_item) or f"{pages}/{work_item.id}",
            dict(work_item.fields or {}),
            tuple(relations),
        )

    @property
    def title(self) -> str:
        return str(self.fields.get("System.Title") or "")

    @property
    def project(self) -> str:
        return str(self.fields.get("System.TeamProject") or "")

    @property
    def area_path(self) -> str:
        return str(self.fields.get("System.AreaPath") or "")

    @property
    def iteration_path(self) -> str:
        return str(self.fields.get("System.IterationPath") or "")

    @property
    def kind(self) -> str:
        return str(self.fields.get("System.WorkItemType") or "")

    @property
    def state(self) -> str:
        return str(self.fields.get("System.State") or "")

    @property
    def tags(self) -> tuple[str, ...]:
        named = str(self.fields.get(TAGS) or "").split(";")
        return tuple(filter(None, map(str.strip, named)))

    def has_tag(self, tag: str) -> bool:
        return tag.casefold() in map(str.casefold, self.tags)

    @property
    def assigned_to(self) -> Identity | None:
        return Identity.of(self.fields.get("System.AssignedTo"))

    @property
    def created_by(self) -> Identity | None:
        return Identity.of(self.fields.get("System.CreatedBy"))

    @property
    def changed_by(self) -> Identity | None:
        return Identity.of(self.fields.get("System.ChangedBy"))

    @property
    def children(self) -> tuple[int, ...]:
        found = (relation.item_id for relation in self.relations if relation.kind == CHILD)
        return tuple(sorted(child for child in found if child is not None))

    def is_duplicate_with(self, item_id: int) -> bool:
        """Whether a duplicate link stands between the two, whichever of them it calls the duplicate."""
        return any(each.kind in {DUPLICATE, DUPLICATE_OF} and each.item_id == item_id for each in self.relations)

    def links_to(self, url: str) -> bool:
        wanted = normalised(url)
        return any(each.kind == HYPERLINK and normalised(each.url) == wanted for each in self.relations)


def normalised(url: str) -> str:
    """The same for addresses that differ only in how they are written: the service may write them anew."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # people put all sorts of links into a work item
    path = quote(unquote(parts.path), safe="/").rstrip("/")
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{path}?{unquote(parts.query)}"


def _page(work_item: Any) -> str:
    links = getattr(work_item._links, "additional_properties", None) or {}  # noqa: SLF001  # the SDK offers no other way
    html = links.get("html") if isinstance(links, Mapping) else None
    return str(html.get("href") or "") if isinstance(html, Mapping) else ""
