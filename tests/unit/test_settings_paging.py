"""Settings of the ways to reach a person: whole or refused with their names, and never with what is secret."""

import pytest

from worker.domain.errors import Misconfigured
from worker.settings import Settings, sms_connection

KEY = "dGhlIGtleQ=="


def read(**given):
    return Settings.read(_env_file=None, **given)


def test_a_connection_string_is_read_as_the_portal_shows_it():
    """Names in any case, the endpoint with or without its last slash."""
    assert sms_connection(f"Endpoint=https://a.example/;AccessKey={KEY}") == ("https://a.example", KEY)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        f"accesskey={KEY}",
        f"endpoint=a.example;accesskey={KEY}",
        "endpoint=https://a.example;accesskey=secret!",
        "endpoint=https://a.example;accesskey=",
        f"endpoint=http://a.example;accesskey={KEY}",
        f"endpoint=https://127.0.0.1@a.example;accesskey={KEY}",
    ],
)
def test_a_connection_string_that_leads_nowhere_is_refused_without_it(text):
    """The fault names the variable, and shows nothing of the value."""
    with pytest.raises(Misconfigured, match="TOCSIN_SMS_CONNECTION_STRING: must be ") as caught:
        read(sms_connection_string=text, sms_from="Tocsin")
    assert "a.example" not in str(caught.value)
    assert "secret!" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [{"sms_connection_string": f"endpoint=https://a.example;accesskey={KEY}"}, {"sms_endpoint": "https://a.example"}],
)
def test_sms_need_a_sender(given):
    """Both variables are named."""
    (name,) = given
    with pytest.raises(Misconfigured, match=f"TOCSIN_SMS_FROM: .*TOCSIN_{name.upper()} is set"):
        read(**given)


@pytest.mark.parametrize("sender", ["+15005550100", "12345", "Tocsin", "Night Desk"])
def test_a_sender_is_a_number_a_short_code_or_a_name(sender):
    """As Azure takes them."""
    assert read(sms_from=sender).sms_from == sender


@pytest.mark.parametrize("sender", ["+0", "0049 30 12345678", "Tocsin!", "a name that is too long"])
def test_a_sender_of_another_form_is_refused(sender):
    """At the start, not at night."""
    with pytest.raises(Misconfigured, match="TOCSIN_SMS_FROM: must be a number"):
        read(sms_from=sender)


@pytest.mark.parametrize("endpoint", ["http://a.example", "http://127.0.0.1.a.example"])
def test_an_endpoint_is_encrypted_but_on_this_machine(endpoint):
    """A token would cross the network in the clear."""
    with pytest.raises(Misconfigured, match="TOCSIN_SMS_ENDPOINT: must be https"):
        read(sms_endpoint=endpoint, sms_from="Tocsin")
