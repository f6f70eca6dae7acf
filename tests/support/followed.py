"""What is there of what follows from an incident's entries: read by the marks that messages and comments carry."""

import json
import re
from collections import Counter

from handlers.response.item_block import LeftBehind, with_block
from worker.domain.incident import incident_id
from worker.domain.response.response import fold
from worker.lifecycle.response.deciding import opened

_MARK = re.compile(r"\b(?:say|comment):[0-9a-z]{10}(?:/[\w-]+)?")
_TOLD = re.compile(r"\btell-\d+:[0-9a-z]{10}(?:/[\w-]+)?")


async def check_record(sender, key):
    """The state is the fold of the entries, which are numbered one by one; no act has left the same one twice."""
    entries, stands = await sender.entries(key), await sender.stands(key)
    known = await sender.incident(key)
    before = opened(known, known.received_at, 60.0).model_copy(update={"clock": stands.clock})
    assert fold(before, entries) == stands
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    recorded = Counter((entry.act_id, entry.kind) for entry in entries if entry.act_id.startswith("act-"))
    assert not [each for each, count in recorded.items() if count > 1]


async def wrongs(house, sender, key):
    """What does not stand exactly once, with how often it does, and what shows an older state; nothing: all is well."""
    state = (await house.http.get("/sandbox/state")).json()
    entries, stands = await sender.entries(key), await sender.stands(key)
    found, wanted = _found(state, incident_id(key)), _wanted(incident_id(key).removeprefix("inc-"), entries)
    wrong = {mark: found[mark] for mark in wanted.keys() | found.keys() if found[mark] != wanted[mark]}
    wrong |= dict(_tellings(state, incident_id(key), entries))
    return wrong | {name: shown for name, shown in _shown(state, stands) if shown != "the newest"}


def _wanted(short, entries):
    """A word of a topic stands in its one message, until the next one takes its place."""
    wanted, of_topic = Counter(), {}
    for entry in entries:
        for number, say in enumerate(entry.says):
            mark = f"say:{short}/{entry.seq}-{number}"
            of_topic[say.topic or mark] = mark
        wanted.update(f"comment:{short}/{entry.seq}-{number}" for number in range(len(entry.comments)))
    wanted.update(of_topic.values())
    wanted.update(f"say:{short}/{topic}" for topic, mark in of_topic.items() if topic != mark)
    return wanted


def _found(state, incident_id):
    short = incident_id.removeprefix("inc-")
    marks = (mark for _, text in _texts(state, incident_id) for mark in set(_MARK.findall(text)) if short in mark)
    return Counter(marks)


def _tellings(state, incident_id, entries):
    """Which entry told nobody, or somebody twice in the same place."""
    short = incident_id.removeprefix("inc-")
    told = Counter(
        (mark, place)
        for place, text in _texts(state, incident_id)
        for mark in set(_TOLD.findall(text))
        if f":{short}" in mark
    )
    reached = {mark.partition(":")[0] for mark, _ in told}
    yield from ((f"{mark} in {place}", count) for (mark, place), count in told.items() if count > 1)
    yield from ((f"tell-{each.seq}", 0) for each in entries if each.tells and f"tell-{each.seq}" not in reached)


def _texts(state, incident_id):
    """What stands where: in channels, in chats and on the work item."""
    channels = [each for each in state["graph"]["channels"] if each["displayName"].startswith(incident_id)]
    for place in (*channels, *state["graph"]["chats"]):
        for message in place["messages"]:
            if not message["deletedDateTime"]:
                yield place.get("id") or place["person"], json.dumps(message["attachments"])
    for item in _items(state, incident_id):
        yield from ((item["id"], comment["text"]) for comment in item["comments"])


def _items(state, incident_id):
    items = [each for each in state["boards"]["work_items"] if incident_id in each["fields"]["System.Title"]]
    return [each for each in items if each["type"] != "Task"]


def _shown(state, stands):
    """What the card and the work item say: of the newest entry, or of which other one."""
    for _, text in _texts(state, stands.incident_id):
        if "announcement:" in text:
            seq = max(map(int, re.findall(r"entry (\d+)", text)), default=0)
            yield "the card", "the newest" if seq == stands.seq else f"entry {seq} of {stands.seq}"
    for item in _items(state, stands.incident_id):
        text = item["fields"]["System.Description"]
        left = LeftBehind.of(text)
        is_newest = left is not None and with_block(text, stands, left) == text
        yield "the work item", "the newest" if is_newest else f"{left} of {stands.seq}"
