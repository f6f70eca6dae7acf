"""Paths as the log shows them."""

import pytest

from worker.web.hidden_path import shown_path


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/incidents", "/v1/incidents"),
        ("/" + "a" * 500, "/" + "a" * 199),
        ("/v1/on-call/calendars/secret.ics", "/v1/on-call/calendars/…"),
        ("//V1/On-Call///CALENDARS//secret/x", "//V1/On-Call///CALENDARS//…"),
        ("/x" * 150 + "/on-call/calendars/secret", ("/x" * 150)[:200]),
        ("/v1/on-call/calendars", "/v1/on-call/calendars"),
    ],
)
def test_a_secret_in_a_path_is_cut_off(path, shown):
    """And every path is bounded."""
    assert shown_path(path) == shown
