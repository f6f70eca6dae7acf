"""The review puts all that is known of an incident on one axis, the same whenever it is made of the same."""

import json
import random
from dataclasses import replace

import pytest
from known_incidents import Life, at
from reviewed import GOLDEN, MADE_AT, a_life, becomes, the_review, the_sources, write

from worker.incidents.review.review import Review, review_of
from worker.incidents.review.sources import ReviewSources
from worker.incidents.review.timeline_event import TimelineSource


def on_axis(review, source):
    return [event for event in review.timeline if event.source is source]


@pytest.mark.parametrize("name", ["review.md", "review.json"])
def test_the_same_sources_make_the_same_document(name):
    """Byte by byte what is written down."""
    assert becomes()[name] == (GOLDEN / name).read_text()


def test_golden_files_are_written_as_they_stand(tmp_path):
    """`make golden` writes them anew, and nothing else."""
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in GOLDEN.iterdir()}


def test_json_is_read_back_as_what_it_was():
    """Whoever reads it by the model gets the whole review; a field that nobody knows is refused."""
    text = the_review().to_json()
    assert Review.model_validate_json(text) == the_review()
    assert json.loads(text)["roles"][0].keys() >= {"role", "person", "from", "to"}
    with pytest.raises(ValueError, match="more"):
        Review.model_validate_json(text.replace('"gaps"', '"more": 1, "gaps"'))


def test_the_order_in_which_sources_were_read_changes_nothing():
    """Messages and pages come as systems answer."""
    sources = the_sources()
    lines, pages = list(sources.lines), list(sources.known.paged)
    random.Random(1).shuffle(lines)
    mixed = replace(sources, lines=tuple(lines), known=replace(sources.known, paged=tuple(reversed(pages))))
    assert review_of(mixed, MADE_AT) == the_review()


def test_the_axis_is_in_the_order_in_which_things_happened():
    """Not in that in which they were written down; at the same moment by source."""
    timeline = the_review().timeline
    assert [event.at for event in timeline] == sorted(event.at for event in timeline)
    late = next(event for event in timeline if event.kind == "note")
    assert late.recorded_at > max(event.at for event in timeline)
    at_once = [event.source for event in timeline if event.at == at(0)]
    assert at_once == sorted(at_once, key=list(TimelineSource).index)


def test_every_source_has_its_say():
    """Alerts, launch, calls, response, channel and work item."""
    assert {event.source for event in the_review().timeline} == set(TimelineSource)


def test_since_leaves_out_what_is_older_and_nothing_else():
    """The facts and times stay whole."""
    review = the_review(since=at(12))
    assert min(event.at for event in review.timeline) == at(12)
    assert (review.times, review.durations, review.incident) == (
        the_review().times,
        the_review().durations,
        the_review().incident,
    )


def test_a_review_can_be_made_while_it_burns():
    """Of an incident whose response has not begun, without channel and work item."""
    life = Life(launched=None, first_told=None)
    life.response, life.entries = None, []
    review = review_of(ReviewSources(life.known(), gaps=("There is no channel yet.",)), at(1))
    assert (review.incident.state, review.gaps) == ("", ("There is no channel yet.",))
    assert review.durations["time_to_launch"] is None


def test_former_times_are_kept():
    """A time that somebody corrects stays beside the new one."""
    resolved = the_review().times["resolved_at"]
    assert (resolved.value, resolved.former, resolved.by) == (at(38), (at(40),), "ada")


def test_a_storm_is_told_once():
    """Of a thousand alerts the first, the last, how many, and that all are over."""
    alerts = on_axis(the_review(), TimelineSource.ALERT)
    assert [event.kind for event in alerts] == ["occurred", "fired", "folded", "all-resolved"]


def test_calls_say_why_them():
    """Whoever was told, by which way, and who could not be."""
    calls = on_axis(the_review(), TimelineSource.CALLS)
    assert {event.kind for event in calls} == {"level-told", "told", "not-told"}
    assert all("Why: " in event.text for event in calls if event.kind != "level-told")


def test_fields_that_changed_beside_something_else_are_no_line():
    """An entry without words says nothing to anybody."""
    assert any(entry.kind == "changed" for entry in a_life().entries)
    assert all(event.text for event in the_review().timeline)
