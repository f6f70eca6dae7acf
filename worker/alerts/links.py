"""Links out of an alert: only to addresses that can be followed."""

from collections.abc import Iterable

from pydantic import ValidationError

from worker.domain.event import LINKS_LIMIT, Link


def link(href: str, text: str) -> Link | None:
    try:
        return Link(href=href, text=text)
    except ValidationError:
        return None


def links(candidates: Iterable[tuple[str, str]]) -> tuple[Link, ...]:
    """Those with an address that can be followed, each address once."""
    found: dict[str, Link] = {}
    for href, text in candidates:
        if read := link(href, text):
            found.setdefault(href, read)
    return tuple(found.values())[:LINKS_LIMIT]


def unlinked_runbook(runbook: str) -> str:
    """A runbook such as `binder 7, page 3` is told where it can be no link."""
    return f"Runbook: {runbook}" if runbook and not link(runbook, "Runbook") else ""
