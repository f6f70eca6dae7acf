"""What is logged can be read by machines and people, and holds no secret."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from kept_logging import kept_logging

from worker.observability.log import configure, hide_secrets


@pytest.fixture(autouse=True)
def _as_before():
    with kept_logging():
        yield


def lines(capsys):
    told = capsys.readouterr()
    assert told.out == ""
    return [json.loads(line) for line in told.err.splitlines()]


def test_an_event_is_a_json_line_on_standard_error(capsys):
    """Its name, level, fields and moment in UTC, and nothing on standard output."""
    configure("json")
    structlog.get_logger().info("step.done", step="announce", seconds=0.3)
    (line,) = lines(capsys)
    moment = datetime.fromisoformat(line.pop("timestamp"))
    assert moment.utcoffset() == timedelta()
    assert datetime.now(UTC) - moment < timedelta(minutes=1)
    assert line == {"event": "step.done", "level": "info", "step": "announce", "seconds": 0.3}


def test_bound_context_is_on_each_line(capsys):
    """What a consumer binds for a message stands on every line within."""
    configure("json")
    with structlog.contextvars.bound_contextvars(incident="inc-1"):
        structlog.get_logger().info("step.done")
    assert lines(capsys)[0]["incident"] == "inc-1"


def test_other_libraries_are_heard_from_a_warning_on(capsys):
    """Their bodies at DEBUG and their chatter at INFO stay out; their warnings have the same form as ours."""
    configure("json")
    for name in ("azure", "httpx", "uvicorn", "msrest"):
        logging.getLogger(name).debug("a whole body")
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("slow: %s", "very")
    told = lines(capsys)
    assert [(line["logger"], line["event"], line["level"]) for line in told] == [
        (name, "slow: very", "warning") for name in ("azure", "httpx", "uvicorn", "msrest")
    ]


def test_an_exception_is_in_its_line(capsys):
    """A crash is one line, with its traceback in a field."""
    configure("json")
    try:
        int("AccountKey=c2VjcmV0")
    except ValueError:
        structlog.get_logger().exception("worker.crashed")
    (line,) = lines(capsys)
    assert "Traceback" in line["exception"]
    assert "c2VjcmV0" not in line["exception"]


def test_a_person_reads_a_line_too(capsys):
    """The console form says the same in words."""
    configure("console")
    structlog.get_logger().info("step.done", step="announce")
    logging.getLogger("azure").warning("slow")
    told = capsys.readouterr().err
    assert "step.done" in told
    assert "step=announce" in told
    assert "slow" in told


def test_a_level_may_be_left_out(capsys):
    """A command for people does not tell of what went well."""
    configure("json", level=logging.WARNING)
    structlog.get_logger().info("queue.opened")
    structlog.get_logger().warning("queue.failed")
    assert [line["event"] for line in lines(capsys)] == ["queue.failed"]


@pytest.mark.parametrize(
    "text",
    [
        "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=SECRET+/x=;EntityPath=q",
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=SECRET==;",
        "SharedAccessSignature sr=sb%3a%2f%2fx&sig=SECRET%3d&se=1&skn=Root",
        "https://x.example/t?sv=2020&sig=SECRET%2B&se=1",
        "Authorization: Bearer SECRET.SECRET-SECRET",
        "Authorization: Basic SECRETSECRET==",
        "{'authorization': 'Bearer SECRET.SECRET'}",
        '{"client_secret": "SECRET", "a": 1}',
        '{"access_token":"SECRET"}',
        "sent bearer SECRETSECRET to x",
        "TOCSIN_BOARDS_PAT=SECRET",
        "password=SECRET",
        "https://user:SECRET@boards.example/x",
    ],
)
def test_secrets_are_hidden(text):
    """Whatever looks like a key, a token or a password does not reach the log, and what is around it does."""
    hidden = hide_secrets(text)
    assert "SECRET" not in hidden
    assert "***" in hidden


@pytest.mark.parametrize(
    "text",
    [
        "Service Bus refused to open the queue: check the connection string, or grant this identity.",
        "incident key alert:0a1b, SharedAccessKeyName=Root",
        "http://127.0.0.1:8080/boards/1",
        "the bearer of bad news",
    ],
)
def test_ordinary_sentences_stay(text):
    """Hiding takes nothing from a sentence that holds no secret."""
    assert hide_secrets(text) == text


def test_secrets_are_hidden_in_any_depth_and_form(capsys):
    """Also within lists, objects and values that are no text, and by the name of their field alone."""

    class Connection:
        def __str__(self):
            return "SharedAccessKey=SECRET"

    configure("json")
    structlog.get_logger().info(
        "x", a=[{"b": "pwd password=SECRET"}], c=Connection(), token="SECRET", authorization="SECRET"
    )
    logging.getLogger("azure").warning("Authorization: %s", "Bearer SECRET.SECRET")
    told = capsys.readouterr().err
    assert "SECRET" not in told
    assert len(told.splitlines()) == 2
