"""The parts that our Adaptive Cards are made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from handlers.sanitizing import cut, harmless, unmentioned
from worker.domain.event import Severity

_FALLBACK_LIMIT = 100
_COLOURS = {Severity.CRITICAL: "Attention", Severity.HIGH: "Attention", Severity.MEDIUM: "Warning"}


def card(
    body: Iterable[Mapping[str, Any]],
    *,
    fallback: str,
    entities: Sequence[Mapping[str, Any]] = (),
    language: str = "",
) -> dict[str, Any]:
    """`fallback` stands where a client draws no cards; `entities` tell whom the names between `<at>` tags mean.

    `language` is the tag of BCP 47 in whose language clients write dates; empty for the reader's own.
    """
    spoken = language.partition("-")[0].lower()
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        **({"lang": spoken} if spoken else {}),
        "fallbackText": unmentioned(cut(fallback, _FALLBACK_LIMIT)),
        "body": list(body),
        "msteams": {"width": "Full", "entities": list(entities)},
    }


def markdown(text: str, **looks: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def plain(text: str, **looks: Any) -> Iterator[dict[str, Any]]:
    """An alert's own words: in text runs, the one element of a card that reads no Markdown."""
    if text:
        run = {"type": "TextRun", "text": unmentioned(text), **looks}
        yield {"type": "RichTextBlock", "inlines": [run]}


def heading(title: str, severity: Severity) -> Iterator[dict[str, Any]]:
    yield from plain(title, size="Large", weight="Bolder", color=_COLOURS.get(severity, "Default"))


def buttons(links: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Each a title and an address, in the midst of the card: what stands below it all is easily missed."""
    actions = [{"type": "Action.OpenUrl", "title": title, "url": url} for title, url in links if url]
    if actions:
        yield {"type": "ActionSet", "actions": actions}


def facts(pairs: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    told = [{"title": name, "value": value} for name, value in pairs if value]
    if told:
        yield {"type": "FactSet", "facts": told}


def entity(name: str, person_id: str) -> dict[str, Any]:
    """What tells a card whom the name between `<at>` and `</at>` means."""
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": person_id, "name": name}}


def small_print(*words: str) -> dict[str, Any]:
    return markdown(" · ".join(word for word in words if word), isSubtle=True, size="Small")


def moment(at: datetime | None) -> str:
    """In the reader's own time zone, where a client knows it, and in UTC for talking with others."""
    if at is None:
        return ""
    utc = at.astimezone(UTC)
    stamp = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{{{{DATE({stamp},SHORT)}}}} {{{{TIME({stamp})}}}} ({utc:%Y-%m-%d %H:%M} UTC)"


def listing(names: Sequence[str], *, most: int, limit: int) -> str:
    """The first of the names, and how many more there are."""
    if not names:
        return ""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return harmless(cut(", ".join(names[:most]), limit)) + more
