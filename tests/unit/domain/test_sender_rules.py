"""What a setting says of senders is read as a whole, or refused with every fault."""

from datetime import timedelta

import pytest

from worker.domain.sender_rate import SenderRate
from worker.domain.sender_rules import SenderRules, read_sender_rules
from worker.domain.sender_scope import SenderScope


def test_all_that_can_be_said():
    """In the order in which it stands; what is not said is the default."""
    given = {
        "desk": {"services": ["checkout", "shop-*"], "may-read": "all", "may-end": "own", "rate": "30/10m"},
        "robot": {"services": "search", "may-end": "all"},
        "entra:461E8683-5575-4561-AC7F-899CC907D62A": {},
    }
    assert read_sender_rules(given) == (
        SenderRules(
            "desk",
            SenderScope(services=("checkout", "shop-*"), reads_all=True),
            SenderRate(30, timedelta(minutes=10)),
        ),
        SenderRules("robot", SenderScope(services=("search",), ends_all=True)),
        SenderRules("entra:461e8683-5575-4561-ac7f-899cc907d62a"),
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "must be the names of senders"),
        ("desk", "must be the names of senders"),
        (
            {"desk": None},
            "desk: must have its fields beneath it; there are: services, may-read, may-end, may-act, rate",
        ),
        (
            {"desk": {"may_read": "all"}},
            "desk.may_read: is no field; there are: services, may-read, may-end, may-act, rate",
        ),
        ({"desk": {"may-read": "yes"}}, "desk.may-read: must be all or own; not so: 'yes'"),
        ({"desk": {"may-end": ["all"]}}, "desk.may-end: must be all or own"),
        ({"desk": {"services": {"a": 1}}}, "desk.services: must be names of services"),
        ({"desk": {"services": ["a", ""]}}, "desk.services: must be names of services"),
        ({"desk": {"services": ["a"] * 51}}, "desk.services: has at most 50 entries"),
        ({"desk": {"services": ["a" * 257]}}, "desk.services: has at most 50 entries of up to 256 characters"),
        ({"desk": {"rate": "many"}}, "desk.rate: must be a number in a time"),
        ({"entra:A": {}, "entra:a": {}}, "entra:a: stands there more than once"),
    ],
)
def test_what_is_wrong_is_named_with_its_sender_and_field(given, sentence):
    """And what there is instead."""
    with pytest.raises(ValueError, match=r"desk|entra:a|names of senders") as refusal:
        read_sender_rules(given)
    assert sentence in str(refusal.value)


def test_all_faults_are_named_together():
    """Nobody starts an intake five times to find them."""
    given = {"desk": {"may-read": "yes", "rate": "x"}, "robot": {"servces": []}}
    with pytest.raises(ValueError, match=r"desk\.may-read.*desk\.rate.*robot\.servces"):
        read_sender_rules(given)
