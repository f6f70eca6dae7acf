"""What entries say where the whole team reads."""

import pytest
from responses import BEN, Life, another

from worker.domain.response.act import ActKind

SECRET = "xyzzy"
# Each with what it needs, and the acts by which its state is reached.
SAID = {
    "acknowledge": {},
    "take": {},
    "unacknowledge": {"after": ("acknowledge",)},
    "update": {},
    "note": {"is_action": True},
    "severity": {"severity": 1},
    "impact": {"impact": {"text": SECRET, "services": [SECRET], "regions": [SECRET]}},
    "role": {"role": "sme", "topic": SECRET, "person": "ben"},
    "page": {"target": "person:ben"},
    "escalate": {},
    "mitigate": {},
    "relapse": {"after": ("mitigate",)},
    "resolve": {},
    "close": {"after": ("resolve",)},
    "reopen": {"after": ("resolve", "close")},
    "decline": {},
    "merge": {"into": another().incident.id},
}


@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("restricted", [True, False])
def test_what_is_written_of_a_restricted_incident_stands_in_its_log_alone(kind, restricted):
    """The channel is the whole team's, the work item the whole project's; who did what is no secret."""
    given = dict(SAID[kind])
    life = Life(2, other=another(), restricted=restricted)
    for each in given.pop("after", ()):
        life.later(1).act(each)
    life.later(1).act(ActKind(kind), BEN, **{"text": SECRET, **given})
    assert life.outcome.verdict == "done", life.outcome.sentence
    assert SECRET in "".join(entry.model_dump_json() for entry in life.newest)
    public = [life.said(), *(comment for entry in life.newest for comment in entry.comments)]
    assert (SECRET in " ".join(public)) is not restricted
    if restricted and any(public):
        assert f"tocsin incidents show {life.incident.id}" in public[0]


def test_what_the_clock_says_holds_nobodys_words():
    """So a reminder is said as it is."""
    life = Life(1, restricted=True)
    life.act("acknowledge")
    life.fire("update")
    assert "update" in life.said()
    assert "restricted" not in life.said()
