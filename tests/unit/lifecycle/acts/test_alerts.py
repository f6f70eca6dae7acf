"""What alerts come to: they ask people, and decide little."""

from datetime import timedelta

import pytest
from responses import ADA, MONITOR, START, Life

from worker.lifecycle.response.rules import ResponseRules


def firing(number, resolved=0, severity=3):
    return {"data": {"firing": number, "resolved": resolved, "severity": severity}}


def watched(**more):
    life = Life(**more)
    life.act("acknowledge")
    life.act("alerts", MONITOR, **firing(2))
    return life


def test_once_all_have_resolved_people_are_asked():
    """Once, with what answers it; resolved alerts do not say that people are done."""
    life = watched()
    life.act("alerts", MONITOR, **firing(1, 1))
    assert life.said() == ""
    life.act("alerts", MONITOR, **firing(0, 2))
    assert "Is it resolved?" in life.said()
    assert [say.question for entry in life.newest for say in entry.says] == ["resolve"]
    assert (life.response.state, life.response.alerts) == ("acknowledged", "resolved")
    life.act("alerts", MONITOR, **firing(0, 3))
    assert life.said() == ""


def test_where_the_settings_say_so_they_resolve_it():
    """As the alerts, not as a person."""
    life = watched(rules=ResponseRules(alerts_resolve=True))
    life.act("alerts", MONITOR, **firing(0, 2))
    assert (life.response.state, life.response.times["resolved_at"].source) == ("resolved", "alert")


def test_a_new_firing_while_mitigated_is_a_relapse():
    """The time at which it was mitigated stays in the entry; the same alerts once more are none."""
    life = watched()
    life.later(5).act("mitigate")
    mitigated_at = life.response.times["mitigated_at"]
    life.act("alerts", MONITOR, **firing(2, 1))
    assert life.response.state == "mitigated"
    life.act("alerts", MONITOR, **firing(3))
    assert life.response.state == "acknowledged"
    assert "mitigated_at" not in life.response.times
    relapsed = next(entry for entry in life.newest if entry.kind == "relapsed")
    assert relapsed.data["mitigated_at"] == mitigated_at.model_dump(mode="json")


@pytest.mark.parametrize(("minutes", "state"), [(9, "open"), (11, "resolved")])
def test_a_firing_soon_after_the_end_reopens_it(minutes, state):
    """Within the window people are called again; behind it they are only told."""
    life = watched()
    life.act("resolve")
    life.later(minutes).act("alerts", MONITOR, **firing(3))
    assert life.response.state == state
    if state == "open":
        assert life.told() == ["ada"]


@pytest.mark.parametrize("ways", [("resolve", "close"), ("decline",)])
def test_what_ended_stays_ended_whatever_fires(ways):
    """A closed one is reopened by people alone; nobody is spoken to in its channel."""
    life = watched()
    for kind in ways:
        life.act(kind, **({"text": "A test"} if kind == "decline" else {}))
    state = life.response.state
    life.later(1).act("alerts", MONITOR, **firing(9))
    assert (life.response.state, life.said(), life.told()) == (state, "", [])


def test_alerts_raise_the_severity_until_a_person_has_set_it():
    """Then they only say so, once; and they never make it milder."""
    life = watched()
    life.act("alerts", MONITOR, **firing(2, severity=2))
    assert (life.response.severity, life.response.severity_by_person) == (2, False)
    life.act("alerts", MONITOR, **firing(2, severity=4))
    assert life.response.severity == 2
    life.act("severity", ADA, severity=3)
    life.act("alerts", MONITOR, **firing(2, severity=1))
    assert life.response.severity == 3
    assert "people have set severity 3 (medium)" in life.said()
    life.act("alerts", MONITOR, **firing(2, severity=1))
    assert life.said() == ""


def test_a_person_who_says_the_same_severity_settles_it():
    """From then on it is theirs."""
    life = Life(2)
    assert life.act("severity", severity=2).verdict == "done"
    assert life.act("severity", severity=2).verdict == "already"
    life.act("alerts", MONITOR, **firing(1, severity=1))
    assert life.response.severity == 2


def newest(minutes):
    """The newest firing was received so many minutes after the start; as many fire as before."""
    at = START + timedelta(minutes=minutes)
    return {"data": {"firing": 2, "resolved": 0, "severity": 3, "last_at": at.isoformat()}}


@pytest.mark.parametrize(
    ("end", "received", "told", "state"),
    [
        ("resolve", 4, 6, "resolved"),
        ("resolve", 6, 7, "open"),
        ("resolve", 15, 17, "open"),
        ("resolve", 16, 17, "resolved"),
        ("mitigate", 4, 6, "mitigated"),
        ("mitigate", 6, 7, "acknowledged"),
    ],
)
def test_what_fires_anew_counts_though_its_end_was_never_told(end, received, told, state):
    """By when it came, however long it took to be told: many systems never say that an alert has resolved."""
    life = watched()
    life.later(5).act(end)
    life.later(told - 5).act("alerts", MONITOR, **newest(received))
    assert life.response.state == state
