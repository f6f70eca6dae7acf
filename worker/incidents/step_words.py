"""What a step made, in a few words and with its address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from worker.domain.text import clean_line

Result = Mapping[str, Any]

NOBODY = "NOBODY IS ON CALL"
_LIMIT = 120


def in_words(step: str, result: Result | None) -> str:
    """Of a step that is not in the table, or wrote another form when it was another version, what can be guessed."""
    if result is None:
        return ""
    say = _WORDS.get(step.partition(":")[0] + (":" if ":" in step else ""), _guess)
    try:
        words = say(result)
    except (KeyError, TypeError):
        words = _guess(result)
    words = clean_line(words)
    return words if len(words) <= _LIMIT else words[: _LIMIT - 1] + "…"


def address(result: Result | None) -> str:
    url = (result or {}).get("url")
    return clean_line(url) if isinstance(url, str) and url.startswith(("http://", "https://")) else ""


def _people(result: Result) -> str:
    return ", ".join(person["name"] for person in result["people"]) or NOBODY


def _person(result: Result) -> str:
    outcomes = {
        "assigned": f"{result['name']} owns the work item",
        "task": f"{result['name']} has task {result['task_id']}",
        "kept": f"left with {result['holder'] or 'whom somebody gave it to'}",
        "unknown-identity": f"{result['name']} is unknown to Boards",
    }
    return outcomes[result["outcome"]]


def _assigned(result: Result) -> str:
    people: Sequence[Result] = result["people"]
    holder = next((person["holder"] for person in people if person["holder"]), "")
    unknown = sum(person["outcome"] == "unknown-identity" for person in people)
    parts = [
        f"owned by {holder}" if holder else "owned by nobody",
        _count(sum(person["outcome"] == "task" for person in people), "task"),
        f"{unknown} unknown to Boards" if unknown else "",
    ]
    return ", ".join(part for part in parts if part)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _guess(result: Result) -> str:
    return next((str(result[name]) for name in ("name", "title", "id") if result.get(name)), "")


_WORDS: Mapping[str, Callable[[Result], str]] = {
    "create-work-item": lambda result: f"work item {result['id']}",
    "create-channel": lambda result: str(result["name"]),
    "find-on-call": _people,
    "assign": _assigned,
    "assign:": _person,
    "link-channel": lambda result: f"linked on work item {result['work_item_id']}",
    "announce": lambda _: "posted in the channel",
    "raise-severity": lambda result: f"severity {result['severity']}",
    "comment-summary": lambda _: "noted on the work item",
    "post-summary": lambda _: "told in the channel",
}
