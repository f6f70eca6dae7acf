"""What payloads become is told with what gave it, and which of their alerts end which."""

import pytest
from alert_examples import example
from house_maps import VIGIL, ended, vigil

from worker.alerts.mapping.map_files import read_formats
from worker.alerts.reading import Reading
from worker.domain.errors import Undecodable
from worker.domain.grouping_rules import GroupingRules
from worker.grouping.trial import tried
from worker.settings import Settings

HOUSE = read_formats(VIGIL)


def trial(*payloads, format_name=None):
    settings = Settings(_env_file=None)
    rules = GroupingRules((), settings.grouping_window_seconds)
    named = [(f"{place}.json", payload) for place, payload in enumerate(payloads)]
    return tried(named, format_name, rules, Reading(house=HOUSE))


def test_each_field_is_told_with_the_expression_that_gave_it():
    """What is absent is there as well, with nothing."""
    [alert] = trial(vigil(since=None)).alerts
    given = {each.field: (each.expression, each.value) for each in alert.given}
    assert given["title"] == ("check.name", "Login fails")
    assert given["labels.site"] == ("common.site", "eu-west")
    assert given["fingerprint.1"] == ("check.id", 4711)
    assert given["occurred_at"] == ("since", None)
    assert (alert.number, alert.payload, alert.format) == (1, "0.json", "vigil")
    assert alert.event["resources"] == ["shop.contoso.example"]
    assert "raw" not in alert.event
    assert alert.explanation.group


def test_a_list_of_payloads_is_told_alert_by_alert():
    """Each alert keeps what gave its own fields, and its number."""
    found = trial([vigil(target="a"), vigil(target="b")], vigil(target="c")).alerts
    targets = [next(each.value for each in alert.given if each.field == "resources.1") for alert in found]
    assert list(zip([alert.number for alert in found], targets, strict=True)) == [(1, "a"), (2, "b"), (3, "c")]


def test_what_launches_nothing_says_why():
    """The reason is there instead of an event."""
    [alert] = trial(vigil(verdict="rehearsal")).alerts
    assert "rehearsal" in alert.ignored
    assert alert.event is alert.explanation is None


@pytest.mark.parametrize(
    ("end", "ends", "because"),
    [
        (ended(), (1,), "its fingerprint is that of alert 1, and its end is not before that began"),
        (ended(since=None), (1,), "its end is not before that began"),
        (ended(target="api"), (), "compared with alert 1, target gives 'api', and 'shop.contoso.example' there"),
        (ended(check={"name": "x"}), (), "check.id gives nothing, and 4711 there"),
        (ended() | vigil(verdict="paused"), (), "it closes nothing: nobody knows whether it is over"),
        (
            vigil(verdict="up", until="2026-03-02T09:00:00Z", since="2026-03-02T08:00:00Z"),
            (),
            "is that of alert 1, which began after this end",
        ),
    ],
)
def test_an_end_is_told_with_what_it_ends(end, ends, because):
    """By the same rule as in production; where it finds nothing, by what its fingerprint differs."""
    [pairing] = trial(vigil(), end).pairings
    assert (pairing.end, pairing.ends) == (2, ends)
    assert because in pairing.because


def test_an_end_alone_ends_nothing():
    """There is nothing before it."""
    [pairing] = trial(ended()).pairings
    assert pairing.because == "no alert before it fires"


def test_formats_that_are_built_in_are_tried_as_well():
    """Without expressions, with the same pairing."""
    told = trial(example("metric"), example("metric-resolved"))
    assert [alert.format for alert in told.alerts] == ["azure-monitor"] * 2
    assert told.pairings[0].ends == (1,)


@pytest.mark.parametrize(
    ("payloads", "format_name", "words"),
    [
        ([vigil(), {"x": 1}], None, "1.json: The payload bears no mark of a format. Looked for the marks of vigil, "),
        ([vigil(check={})], None, "0.json: The alert is not of the format vigil: title: is required"),
        ([{}], "vigll", "0.json: There is no format 'vigll'; there are: vigil, "),
    ],
)
def test_what_is_refused_is_told_with_its_payload_and_its_field(payloads, format_name, words):
    """Of several files it is said which one."""
    with pytest.raises(Undecodable) as refusal:
        trial(*payloads, format_name=format_name)
    assert words in str(refusal.value)
