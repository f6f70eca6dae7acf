"""Addresses in sentences: where something is, and never how to get in."""

import time

import pytest

from worker.domain.errors import Unreachable
from worker.domain.masking import masked

MASKED = {
    "https://u:hunter2@host/x": "https://***@host/x",
    "https://hunter2@host/x": "https://***@host/x",
    "see https://u:hun/t@er2@host:81/x?y=1, again": "see https://***@host:81/x?y=1, again",
    "https://h/?sig=hunter2&se=2026": "https://h/?sig=***&se=2026",
    "https://h/?a=1&code=hunter2": "https://h/?a=1&code=***",
    "https://h/#access_token=hunter2": "https://h/#access_token=***",
    "https://h/?X-Api-Key=hunter2": "https://h/?X-Api-Key=***",
    "Endpoint=sb://h/;SharedAccessKey=hunter2=": "Endpoint=sb://h/;SharedAccessKey=***",
    "Endpoint=sb://h/;SharedAccessSignature=hunter2;x=y": "Endpoint=sb://h/;SharedAccessSignature=***;x=y",
}


@pytest.mark.parametrize(("text", "wanted"), MASKED.items())
def test_what_opens_an_address_is_masked(text, wanted):
    """Passwords before the host, whatever signs are in them, and keys among the parameters."""
    assert masked(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["https://dev.azure.com/org?x=1", "lea@example.org", "https://host/team@home", "http://[::1]:80/", "a key=value"],
)
def test_what_opens_nothing_stays(text):
    """An address that everybody may know is told as it is."""
    assert masked(text) == text


def test_every_error_is_masked():
    """Whoever writes a sentence need not think of it."""
    assert str(Unreachable("No answer from https://u:hunter2@host/.")) == "No answer from https://***@host/."


@pytest.mark.parametrize("text", ["://a:" * 20_000, "?sig" * 20_000, "?" * 100_000, "sig" * 30_000])
def test_a_hostile_text_takes_no_time(text):
    """The longest text takes a moment, not a minute."""
    begun = time.process_time()
    masked(text)
    assert time.process_time() - begun < 2
