"""New Relic's issues end when they are closed, unless they are closed because nothing was measured."""

import pytest
from alert_examples import event_of, example, ignored_of, varied

from worker.alerts.format import NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import EventType, Severity


@pytest.mark.parametrize(
    ("state", "trigger", "kind"),
    [
        ("CREATED", "STATE_CHANGE", EventType.TRIGGER),
        ("ACTIVATED", "INCIDENT_CLOSED", EventType.TRIGGER),
        ("ACTIVATED", "ISSUE_ACKNOWLEDGED", EventType.ACKNOWLEDGE),
        ("DEACTIVATED", "STATE_CHANGE", EventType.TRIGGER),
        (None, None, EventType.TRIGGER),
        ("CLOSED", "STATE_CHANGE", EventType.RESOLVE),
    ],
)
def test_an_issue_ends_by_its_last_state(state, trigger, kind):
    """That one of its incidents is closed, or that somebody has it, is no end."""
    assert event_of(example("new-relic") | {"state": state, "trigger": trigger}).type is kind


@pytest.mark.parametrize("reason", ["EXPIRED", "LOSS_OF_SIGNAL", "Signal lost", "CONDITION_DELETED", "disabled", "TTL"])
def test_what_is_closed_for_want_of_data_is_no_all_clear(reason):
    """Nobody measured that it is over, and people read why it was closed."""
    event = event_of(varied("new-relic-expired", "closeReason", value=reason))
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, reason)


@pytest.mark.parametrize("reason", ["RECOVERED", "manual", "", None])
def test_what_is_closed_otherwise_has_ended(reason):
    """By a measurement or by a person."""
    assert event_of(varied("new-relic-expired", "closeReason", value=reason)).type is EventType.RESOLVE


@pytest.mark.parametrize(
    ("state", "kind"),
    [("open", "trigger"), ("acknowledged", "acknowledge"), ("closed", "resolve"), ("closed ", "resolve")],
)
def test_the_older_channel_has_its_own_words(state, kind):
    """With the time of the notification as that of the beginning or the end."""
    event = event_of(varied("new-relic-older", "current_state", value=state))
    assert (event.type, event.severity, event.resources) == (kind, Severity.MEDIUM, ("db-3",))
    assert bool(event.resolved_at) is (kind == "resolve")


def test_a_test_launches_nothing():
    """The button of the older channel is answered, and that is all."""
    assert "launches nothing" in ignored_of(varied("new-relic-older", "current_state", value="test")).reason


def test_a_text_in_place_of_a_list_is_read():
    """People change the template."""
    event = event_of(example("new-relic") | {"impactedEntities": "checkout-api", "alertConditionNames": "Slow"})
    assert (event.resources, event.labels["condition"]) == (("checkout-api",), "Slow")


@pytest.mark.parametrize("payload", [{"title": "x"}, {"id": None, "issueUrl": ""}, 5])
def test_what_names_no_issue_is_refused_with_what_to_keep(payload):
    """Without it an end would end nothing."""
    with pytest.raises(NotThisFormat):
        FORMATS["new-relic"].read(payload)


@pytest.mark.parametrize("trigger", ["INACTIVITY", "ISSUE_EXPIRED", "CONDITION_DELETED"])
def test_what_set_an_end_off_tells_as_well_that_nothing_was_measured(trigger):
    """Where no reason stands in a field of its own."""
    event = event_of(example("new-relic-resolved") | {"trigger": trigger})
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, trigger)
