"""Times that can be corrected, and those that cannot."""

from datetime import timedelta

import pytest
from responses import START, Life

EARLIER = START - timedelta(minutes=20)


def resolved():
    life = Life()
    life.later(5).act("mitigate")
    life.later(5).act("resolve")
    return life.later(5)


@pytest.mark.parametrize(
    ("name", "given", "verdict", "words"),
    [
        ("occurred_at", {}, "done", "It is set: when it began, 09:40 UTC."),
        ("occurred", {}, "done", "when it began"),
        ("First known", {}, "done", "when it was first known"),
        ("mitigated_at", {"text": "By the graphs"}, "done", "when the harm stopped"),
        ("mitigated_at", {}, "refused", "say why"),
        ("resolved_at", {}, "refused", "say why"),
        ("received_at", {"text": "x"}, "refused", "the clock of whoever received it"),
        ("acknowledged_at", {"text": "x"}, "refused", "the first acknowledgement"),
        ("closed_at", {"text": "x"}, "refused", "whoever closed it"),
        ("lunch", {}, "refused", "occurred_at, first_known_at, mitigated_at and resolved_at"),
        ("occurred_at", {"value": None}, "refused", "as a time with its offset"),
        ("occurred_at", {"value": START + timedelta(days=1)}, "refused", "has not come yet"),
    ],
)
def test_what_can_be_corrected_is_and_the_rest_is_said(name, given, verdict, words):
    """The refusal names what can be; a reason is needed for what figures are made of."""
    outcome = resolved().act("time", **{"time": name, "value": EARLIER, **given})
    assert outcome.verdict == verdict
    assert words in outcome.sentence


@pytest.mark.parametrize("name", ["mitigated_at", "resolved_at"])
def test_what_has_not_been_reached_has_no_time(name):
    """It is reached by an act, not by a correction."""
    assert Life().act("time", time=name, value=EARLIER, text="x").verdict == "refused"


def test_what_stood_before_stays_in_the_entry():
    """With its source; the new value has whoever said it, and when."""
    life = resolved()
    former = life.response.times["mitigated_at"]
    value = START + timedelta(minutes=3)
    life.act("time", time="mitigated_at", value=value, text="By the graphs")
    assert life.newest[0].data["former"] == former.model_dump(mode="json")
    newest = life.response.times["mitigated_at"]
    assert (newest.value, newest.source, newest.by, newest.recorded_at) == (value, "person", "ada", life.now)
    assert life.act("time", time="mitigated_at", value=value, text="Again").verdict == "already"


def test_a_wrong_order_is_a_question_and_no_error():
    """It is set, and the channel is asked."""
    life = resolved()
    assert life.act("time", time="resolved_at", value=EARLIER, text="It was before").verdict == "done"
    assert "resolved_at (09:40 UTC) lies before mitigated_at (10:05 UTC): is that right?" in life.said()
