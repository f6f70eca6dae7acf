"""The log's lines are the ones that are promised, and say nothing that should not be read."""

import ast
from pathlib import Path

import pytest

from worker.observability.log_events import EVENTS

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
# Whole payloads, requests and keys have these names; redaction is the second line, not the first.
NEVER_LOGGED = {"alert", "body", "connection", "content", "event", "headers", "key", "message_body", "payload", "raw"}
NEVER_LOGGED |= {"request", "response", "secret", "settings", "token"}


def calls():
    for folder in ("worker", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if level in LEVELS:
                        yield pytest.param(node, id=f"{path.stem}:{node.lineno}")


CALLS = list(calls())


@pytest.mark.parametrize("call", CALLS)
def test_every_line_has_a_promised_name(call):
    """A line is named by a literal that stands in the table of events."""
    [name] = call.args
    assert isinstance(name, ast.Constant), "a name that is put together cannot be searched for"
    assert name.value in EVENTS, f"say in worker/observability/log_events.py what {name.value} tells"


@pytest.mark.parametrize("call", CALLS)
def test_no_line_holds_a_payload_or_a_secret(call):
    """No field is named after a whole payload, a request or a key."""
    assert {keyword.arg for keyword in call.keywords} & NEVER_LOGGED == set()


def test_every_promised_name_is_logged():
    """The table names no line that nobody writes."""
    written = {call.values[0].args[0].value for call in CALLS}
    assert set(EVENTS) - written == set()
