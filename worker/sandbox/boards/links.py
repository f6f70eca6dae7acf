"""The links of a work item: read from a patch, and checked against those there are."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from worker.sandbox.boards.refusal import bad_link, bad_patch, link_exists, too_many

HYPERLINK = "Hyperlink"
ATTACHED = "AttachedFile"
CHILD = "System.LinkTypes.Hierarchy-Forward"
PARENT = "System.LinkTypes.Hierarchy-Reverse"
RELATED = "System.LinkTypes.Related"
DUPLICATE = "System.LinkTypes.Duplicate-Forward"
DUPLICATE_OF = "System.LinkTypes.Duplicate-Reverse"

# Each link between work items, with what it is seen as from its other end.
OPPOSITES = {
    CHILD: PARENT,
    PARENT: CHILD,
    RELATED: RELATED,
    DUPLICATE: DUPLICATE_OF,
    DUPLICATE_OF: DUPLICATE,
}
NAMES = {
    CHILD: "Child",
    PARENT: "Parent",
    RELATED: "Related",
    DUPLICATE: "Duplicate",
    DUPLICATE_OF: "Duplicate Of",
}

LINKS_LIMIT = 1_000
URL_LENGTH = 2_083
COMMENT_LENGTH = 255
SCHEMES = ("http", "https", "mailto")
ATTACHMENT_URL = re.compile(r"/_apis/wit/attachments/([0-9a-f-]{36})/?$", re.IGNORECASE)
WORK_ITEM_URL = re.compile(r"/_apis/wit/workitems/(\d{1,9})/?$", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    rel: str
    created: str
    target: int | None = None
    """The work item at the other end; None for a hyperlink and a file."""
    url: str | None = None
    comment: str | None = None
    id: int | None = None
    file: str | None = None
    """The id of the attached file."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def seen_from_the_other_end(self, source: int) -> "Link":
        return Link(rel=OPPOSITES[self.rel], created=self.created, target=source, comment=self.comment)

    def is_same_as(self, other: "Link") -> bool:
        return (self.rel, self.target, self.url) == (other.rel, other.target, other.url)


def read_link(value: object, *, created: str, number: int) -> Link:
    """Read the value of an `add /relations/-`; the number is the id that a hyperlink gets."""
    if not isinstance(value, dict) or not isinstance(value.get("rel"), str):
        raise bad_patch("A relation needs a rel and a url.")
    rel, url = value["rel"], value.get("url")
    if not isinstance(url, str) or not url or len(url) > URL_LENGTH:
        raise bad_patch(f"A relation needs a url of up to {URL_LENGTH} characters.")
    comment = read_comment((value.get("attributes") or {}), "comment")
    if rel in OPPOSITES:
        return Link(rel=rel, created=created, target=_target(url), comment=comment)
    if rel == ATTACHED:
        return Link(rel=rel, created=created, url=url, comment=comment, id=number, file=_file(url))
    if rel != HYPERLINK:
        raise bad_patch(
            f"The relation type {rel[:100]} is unknown; the sandbox plays hyperlinks, attachments and work item links."
        )
    _check_address(url)
    return Link(rel=rel, created=created, url=url, comment=comment, id=number)


def read_comment(attributes: object, name: str) -> str | None:
    comment = attributes.get(name) if isinstance(attributes, dict) else attributes
    if comment is None:
        return None
    if not isinstance(comment, str) or len(comment) > COMMENT_LENGTH:
        raise bad_patch(f"The comment of a relation may have up to {COMMENT_LENGTH} characters.")
    return comment


def check_room(links: Iterable[Link], new: Link, *, duplicate_hyperlinks: bool) -> None:
    links = list(links)
    if len(links) >= LINKS_LIMIT:
        raise too_many("links", LINKS_LIMIT)
    if any(new.is_same_as(link) for link in links) and not (new.rel == HYPERLINK and duplicate_hyperlinks):
        raise link_exists()


def _target(url: str) -> int:
    try:
        found = WORK_ITEM_URL.search(urlsplit(url).path)
    except ValueError:
        found = None
    if found is None:
        raise bad_link("A link between work items needs the API address of a work item as its url.")
    return int(found.group(1))


def _file(url: str) -> str:
    found = ATTACHMENT_URL.search(url.split("?", 1)[0])
    if found is None:
        raise bad_link("An attached file needs the address of an attachment as its url.")
    return found.group(1).lower()


def _check_address(url: str) -> None:
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError as error:
        raise bad_link("The url of a hyperlink must be a whole address.") from error
    if scheme not in SCHEMES:
        raise bad_link("The url of a hyperlink must be a whole address that is safe to open.")
