"""The hardened SDK client's own parts: what it reads of an error, and which requests it takes for writes."""

import io
import json
from datetime import timedelta

import pytest
import requests

from worker.clients.boards.sdk import Answer, is_write

MEGABYTE = 1024 * 1024


def response(body, **headers):
    answered = requests.Response()
    answered.status_code = 400
    answered.headers.update(headers)
    answered.raw = io.BytesIO(body)
    return answered


def test_an_error_that_comes_in_pieces_is_read_whole():
    """A long error body, as rule errors can be, loses neither its kind nor its code."""
    body = {"customProperties": "x" * 20_000, "typeKey": "RuleValidationException", "errorCode": 7, "message": "No."}
    answer = Answer.of(response(json.dumps(body).encode(), ActivityId="e2e"))
    assert (answer.type_key, answer.code, answer.message, answer.activity) == (
        "RuleValidationException",
        7,
        "No",
        "e2e",
    )


def test_a_huge_error_is_not_read_to_its_end():
    """Megabytes of an error are left on the wire, and the status alone decides."""
    huge = response(b'{"message": "' + b"x" * MEGABYTE)
    stream = huge.raw
    read = []
    huge.raw = type(
        "Counted", (), {"read": lambda _, size: read.append(size) or stream.read(size), "close": stream.close}
    )()
    huge.raw.release_conn = stream.close
    assert Answer.of(huge) == Answer(400)
    assert sum(read) < MEGABYTE / 4


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"errorCode": "x", "message": null}', b"\xff\xfe"])
def test_an_answer_in_another_form_is_told_by_its_status(body):
    """HTML, nothing, lists and wrong types are no error of their own."""
    assert str(Answer.of(response(body))) == "400"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0.5", 0.5), ("0", None), ("-1", None), ("nan", None), ("1e9", None), ("x", None)],
)
def test_only_a_sensible_wait_is_heard(header, seconds):
    """A Retry-After that is no number of seconds within a day is ignored."""
    waited = Answer.of(response(b"", **{"Retry-After": header})).retry_after
    assert waited == (timedelta(seconds=seconds) if seconds else None)


@pytest.mark.parametrize(
    ("method", "path", "writes"),
    [
        ("POST", "/Incidents/_apis/wit/workItems/$Issue", True),
        ("POST", "/Incidents/_apis/wit/workItems/$Issue?validateOnly=true", False),
        ("PATCH", "/_apis/wit/workItems/7", True),
        ("POST", "/Incidents/_apis/wit/wiql?$top=5", False),
        ("GET", "/_apis/wit/workItems/7", False),
        ("OPTIONS", "/_apis", False),
    ],
)
def test_writes_are_told_from_questions(method, path, writes):
    """A query and a validation are asked by POST, and change nothing."""
    request = requests.Request(method, f"https://dev.azure.com/org{path}").prepare()
    assert is_write(request) is writes


def test_what_is_not_known_may_have_been_a_write():
    """Without a request to look at, the worst is assumed."""
    assert is_write(None)
