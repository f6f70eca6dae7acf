"""An Adaptive Card as a test reads it: what stands on it, in which kind of place, and in which order."""

import json


def card_of(message):
    """The one card of a message in the team."""
    (attachment,) = message["attachments"]
    return json.loads(attachment["content"])


def parts(card, kind):
    return [part for part in card["body"] if part["type"] == kind]


def texts(card):
    """What may be read as Markdown."""
    return [part["text"] for part in parts(card, "TextBlock")]


def runs(card):
    """What is read as it stands."""
    return [run["text"] for part in parts(card, "RichTextBlock") for run in part["inlines"]]


def facts(card):
    return {fact["title"]: fact["value"] for part in parts(card, "FactSet") for fact in part["facts"]}


def buttons(card):
    return {action["title"]: action["url"] for part in parts(card, "ActionSet") for action in part["actions"]}


def small_print(card):
    return card["body"][-1]["text"]


def shown(card):
    """Every word that a person sees on it, in its order, once for each time it stands there."""
    return "\n".join(_words(card["body"]))


def _words(part):
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for each in part:
            yield from _words(each)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in {"text", "title", "value"} or not isinstance(value, str):
                yield from _words(value)
