"""Counts what a launch left in the world, as people would see it: never our own rows."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chaos_messages import messages_of

from worker.domain.response.timer import TimerKind

Json = dict[str, Any]

_TIMER = re.compile(rf"inc-\w+:({'|'.join(TimerKind)}):\d+:\d+$")

# What one incident of the service `checkout` is to leave behind; Dario is on call too, and Boards does not know him.
EXPECTED = Counter(
    {
        "work item": 1,
        "channel": 1,
        "link to the channel": 1,
        "history line": 1,
        "assignment to amara@contoso.example": 1,
        "task of bruno@contoso.example": 1,
        "announcement": 1,
    }
)

# What a launch that was disturbed may leave behind besides: it goes round what is in doubt or takes long.
_AT_MOST_ONCE = Counter(
    {
        "announcement elsewhere": 1,
        "call of amara": 1,
        "call of bruno": 1,
        "call of dario": 1,
        # One whose writing was in doubt when the others were completed stays as it was written.
        **{
            f"chat message to {name}@contoso.example{shown}": 1
            for name in ("amara", "bruno", "dario")
            for shown in ("", " without the channel")
        },
        "webhook call: last resort": 1,
        "webhook call: trouble": 1,
        "trouble report: over": 1,
    }
)


@dataclass(frozen=True)
class Verdict:
    lost: Counter
    duplicate: Counter

    @property
    def is_clean(self) -> bool:
        return not self.lost and not self.duplicate

    def __str__(self) -> str:
        told = (("lost", self.lost), ("duplicate", self.duplicate))
        return (
            "; ".join(f"{word}: {_named(effects)}" for word, effects in told if effects) or "nothing lost or duplicate"
        )


def verdict(state: Json, incident_id: str, expected: Counter = EXPECTED) -> Verdict:
    found = Counter(_effects(state, incident_id))
    return Verdict(lost=expected - found, duplicate=found - (expected | _AT_MOST_ONCE))


def in_queue(state: Json, queue: str) -> int:
    """Messages that somebody still has to do with, locked and scheduled ones among them.

    A timer of a response that is not due yet is nobody's business, but for one that brings about effects.
    """
    return sum(not falls_due_later(message) for message in state["queue"][queue]["messages"])


def is_timer(message: Json) -> bool:
    """Whether a response sent it to itself."""
    return _TIMER.match(message["message_id"] or "") is not None


def falls_due_later(message: Json) -> bool:
    """Whether it is a timer of a response that is not due yet."""
    timer = _TIMER.match(message["message_id"] or "")
    return message["state"] == "scheduled" and timer is not None and timer[1] != TimerKind.EFFECTS


def dead_letters(state: Json, queue: str) -> list[str]:
    return [message["dead_letter_reason"] for message in state["queue"][queue]["dead_letters"]]


def _effects(state: Json, incident_id: str) -> Iterator[str]:
    teams = [state["graph"], *state["graph"]["other_teams"]]
    channels = [each for team in teams for each in team["channels"] if not each["deletedDateTime"]]
    own = [each for each in channels if _is_channel_of(each, incident_id)]
    items = [each for each in state["boards"]["work_items"] if _is_item_of(each, incident_id)]
    for item in items:
        if item["type"] == "Task":
            yield f"task of {_unique_name(item['fields'].get('System.AssignedTo'))}"
        else:
            yield from _of_work_item(item, [each["id"] for each in own])
    for _ in own:
        yield "channel"
    yield from messages_of(state, incident_id, own=own, channels=channels, items=items)
    yield from _pages(state, incident_id)


def _pages(state: Json, incident_id: str) -> Iterator[str]:
    for message in state["sms"]["messages"]:
        if incident_id in message["message"]:
            yield f"SMS to {message['name']}"
    for call in state["pager"]["calls"]:
        if call["id"].startswith(f"{incident_id}:"):
            trouble = "trouble" if call["id"].endswith("-trouble") else "last resort"
            called = call["body"]["person"]["address"] if call["body"]["level"] == 1 else trouble
            yield f"webhook call: {called}"


def _of_work_item(item: Json, channel_ids: Iterable[str]) -> Iterator[str]:
    yield "work item"
    for link in item["links"]:
        if link["rel"] == "Hyperlink":
            leads_there = any(each.replace(":", "%3A").replace("@", "%40") in link["url"] for each in channel_ids)
            yield "link to the channel" if leads_there else f"link to {link['url']}"
    for _ in item["comments"]:
        yield "history line"
    for update in item["updates"]:
        if given := update["fields"].get("System.AssignedTo", {}).get("newValue"):
            yield f"assignment to {_unique_name(given)}"


def _is_channel_of(channel: Json, incident_id: str) -> bool:
    return (channel["description"] or "").endswith(f"(incident-key:{incident_id})")


def _is_item_of(item: Json, incident_id: str) -> bool:
    return not item["deleted"] and incident_id in item["fields"]["System.Title"]


def _unique_name(identity: Json | None) -> str:
    return identity["uniqueName"] if identity else "nobody"


def _named(effects: Counter) -> str:
    return ", ".join(f"{count} {effect}" for effect, count in effects.items())
