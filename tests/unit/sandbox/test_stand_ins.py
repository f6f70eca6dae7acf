"""The stand-ins that the sandbox serves: each says all of itself, and each remote system of the worker has one."""

from collections import Counter
from datetime import timedelta

import pytest

from worker.sandbox.harness.behaviour import STANDING
from worker.sandbox.harness.latency import SPREAD, realistic
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings

STAND_INS = {each.system.name: each for each in stand_ins(DEFAULT_WORLD)}
# Their clients bring these settings.
TO_COME = {"sms_connection_string", "sms_from", "paging_webhooks", "paging_webhook_secrets"}
every_stand_in = pytest.mark.parametrize("stand_in", STAND_INS.values(), ids=list(STAND_INS))


@pytest.mark.parametrize(
    ("name", "call", "milliseconds"),
    [
        ("boards", ("PATCH", "/boards/_apis/wit/workItems/1"), 250),
        ("boards", ("GET", "/boards/_apis/wit/workItems/1"), 90),
        ("boards", ("POST", "/boards/Incidents/_apis/wit/wiql"), 150),
        ("graph", ("POST", "/graph/v1.0/teams/1/channels"), 900),
        ("graph", ("POST", "/graph/v1.0/teams/1/channels/2/messages"), 300),
        ("graph", ("GET", "/graph/v1.0/teams/1/channels"), 150),
        ("bot", ("POST", "/bot/v3/conversations"), 350),
        ("sms", ("POST", "/sms/sms"), 400),
        ("pager", ("POST", "/pager/pager"), 200),
    ],
)
def test_each_call_has_its_own_typical_time(name, call, milliseconds):
    """The table of times tells the calls of a launch apart."""
    time = realistic().of(STAND_INS[name].system.typical, *call) / timedelta(milliseconds=1)
    assert milliseconds * (1 - SPREAD) <= time <= milliseconds * (1 + SPREAD)


@every_stand_in
def test_every_typical_time_has_a_reason(stand_in):
    """No stand-in goes without times, and no number stands without saying what it is made of."""
    assert stand_in.system.typical
    assert all(row.reason for row in stand_in.system.typical)


@every_stand_in
def test_every_stand_in_leads_the_worker_to_itself(stand_in):
    """Each names settings that there are, and one of them is its own address."""
    named = stand_in.settings("http://127.0.0.1:8081/here")
    assert set(named) <= set(Settings.model_fields) | TO_COME
    assert any("http://127.0.0.1:8081/here" in value for value in named.values())


def test_no_two_stand_ins_claim_the_same():
    """Neither a name nor a setting is said by two of them, of which the later would win unnoticed."""
    stand_in_settings = Counter(name for each in STAND_INS.values() for name in each.settings("http://x"))
    assert len(STAND_INS) == len(stand_ins(DEFAULT_WORLD))
    assert set(stand_in_settings.values()) == {1}


@every_stand_in
def test_only_lasting_faults_are_a_state(stand_in):
    """What a stand-in knows besides the faults of single requests is a lag or a throttle."""
    assert stand_in.system.standing <= STANDING
