"""One incident becomes part of another: people are pointed there, and the other one knows."""

import pytest
from responses import Life, another

from worker.lifecycle.response.circumstances import Other
from worker.lifecycle.response.deciding import decide


def merged():
    life = Life(other=another())
    life.later(1).act("acknowledge")
    life.later(1).act("merge", into=life.other.incident.id, text="Same cause")
    return life


def test_everybody_who_was_told_is_pointed_to_the_other_one():
    """By its id and its title; nothing is due any more here but the archiving."""
    life = Life(other=another())
    life.fire("escalation")
    other = life.other.incident.id
    life.act("merge", into=other, text="Same cause")
    assert life.told() == ["ben"]
    assert f"{other} (Payments are down). Same cause. Go on there" in life.newest[0].tells[0].why
    assert life.response.merged_into == other
    assert life.due("escalation") is None


def test_the_other_one_is_told():
    """It keeps from where, says so, and is told it once."""
    life = merged()
    (onward,) = life.newest[-1].onward
    assert onward.incident_id == life.other.incident.id
    other = Life(key="k-2")
    receive(other, onward.act)
    receive(other, onward.act)
    assert other.response.merged_from == (life.response.incident_id,)
    assert [entry.kind for entry in other.entries].count("merged-from") == 1


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (None, "there is no incident"),
        (another("merged", merged_into="inc-0000000009"), "merge into that one"),
        (another("closed"), "is closed; reopen it"),
        (another("declined"), "is declined; reopen it"),
    ],
)
def test_into_what_is_no_more_or_never_was_nothing_is_merged(other, words):
    """The refusal says what to do instead."""
    life = Life(other=other)
    outcome = life.act("merge", into=another().incident.id)
    assert outcome.verdict == "refused"
    assert words in outcome.sentence
    assert life.newest == []


def test_nothing_is_merged_into_itself_nor_into_what_was_merged_into_it():
    """A ring of two would have no incident left to work on."""
    life = Life()
    assert life.act("merge", into=life.response.incident_id).verdict == "refused"
    life.act("outcome", data={"kind": "merged-from", "from": another().incident.id, "path": [another().incident.id]})
    life.other = another()
    assert life.act("merge", into=another().incident.id).verdict == "refused"


@pytest.mark.parametrize("number", [2, 3])
def test_of_a_ring_one_stays(number):
    """All were merged at one moment, each into the next: one of them is open again in the end."""
    lives = [Life(key=f"k-{place}") for place in range(number)]
    ring = {life.response.incident_id: life for life in lives}
    waiting = []
    for life, into in zip(lives, lives[1:] + lives[:1], strict=True):
        life.other = Other(into.incident)
        life.act("merge", into=into.incident.id)
        waiting += handed_on(life)
    assert [life.response.state for life in lives] == ["merged"] * number
    for _ in range(number + 1):
        waiting = [after for each in waiting for after in receive(ring[each.incident_id], each.act)]
    assert waiting == []
    assert [life.response.state for life in lives].count("open") == 1


def receive(life, act):
    life.take(decide(life.response, act, life.circumstances))
    return handed_on(life)


def handed_on(life):
    return [onward for entry in life.newest for onward in entry.onward]
