"""The figures of many incidents, with each one by itself and what was left out."""

import random

from known_incidents import ADA, BEN, Life, at, told

from worker.domain.response.state import ResponseState
from worker.incidents.figures.report import flat, report_on


def report(*lives):
    known = [life.known() for life in lives]
    return report_on(known, since=at(-600), until=at(600), zone_of=lambda _: None)


def an_id(number):
    return f"inc-{number:010d}"


def three():
    quick = Life(an_id(1)).level(1, 0, "ada").acknowledged(2).mitigated(10).resolved(12)
    slow = Life(an_id(2), detection_source="customer-report", severity=2, occurred_at=at(-20))
    slow.level(1, 0, "ada").level(2, 5, "ben").acknowledged(9, BEN).mitigated(60).resolved(90)
    nobody = Life(an_id(3), detection_source="other").level(1, 0, "ada").level("last-resort", 10, "lea")
    return quick, slow, nobody


def test_figures_are_what_a_hand_comes_to():
    """Medians of what is known, shares of what can be said, and how far escalations ran."""
    found = report(*three())
    acknowledged = found.durations["time_to_acknowledge"]
    assert (acknowledged.count, acknowledged.unknown, acknowledged.values) == (2, 1, (105.0, 525.0))
    assert found.durations["time_to_resolve"].median == (12 + 110) / 2 * 60
    assert (found.found_by_customers.count, found.found_by_customers.of) == (1, 2)
    assert (found.occurred_guessed.count, found.occurred_guessed.of) == (2, 3)
    assert found.answers == {"1": 1, "2": 1}
    assert (found.acknowledged.count, found.acknowledged_at_level_1.count, found.acknowledged_at_level_1.of) == (
        2,
        1,
        2,
    )
    assert (found.escalated.count, found.last_resort.count) == (2, 1)
    assert found.by_severity == {1: 2, 2: 1}


def test_declined_merged_and_tests_are_left_out_and_counted():
    """They are no incident that anybody suffered."""
    declined = Life(an_id(4)).enter("declined", 3, "A false alarm.", state=ResponseState.DECLINED)
    merged = Life(an_id(5)).enter("merged", 3, "Into another one.", state=ResponseState.MERGED)
    test = Life(an_id(6), labels={"Test": "true"}).acknowledged(1).told(told("ada", 900))
    found = report(*three(), declined, merged, test)
    assert found.left_out == {"declined": 1, "merged": 1, "test": 1}
    assert found.model_copy(update={"left_out": {}}) == report(*three())


def test_the_order_in_which_incidents_are_read_changes_nothing():
    """Whatever the store answers first."""
    lives = list(three())
    expected = report(*lives)
    for seed in range(3):
        random.Random(seed).shuffle(lives)
        assert report(*lives) == expected


def test_a_reopened_incident_is_one():
    """With the whole time that it hurt."""
    found = report(Life(an_id(1)).acknowledged(2).resolved(10).reopened(50).resolved(55))
    assert (found.incidents, found.reopened) == (1, 1)
    assert found.durations["time_to_resolve"].values == (15 * 60.0,)


def test_promised_updates_are_counted_together():
    """Kept of all that were promised; of none there is no share."""
    kept = Life(an_id(1)).enter("update", 5, "Rolled back.", promises_kept=3, promises_broken=1)
    assert report(kept, Life(an_id(2))).updates_on_time.percent == 75.0
    assert report(Life(an_id(2))).updates_on_time.percent is None


def test_an_incident_whose_response_never_began_is_counted_too():
    """Its launch can be measured, and nothing of it is taken for zero."""
    life = Life(an_id(7))
    life.response, life.entries = None, []
    found = report(life)
    assert found.durations["time_to_launch"].values == (30.0,)
    assert (found.acknowledged.count, found.singles[0].state) == (0, "")


def test_nothing_at_all_is_said_so():
    """No division by nothing."""
    found = report()
    assert (found.incidents, found.durations, found.acknowledged.percent) == (0, {}, None)


def test_each_incident_is_a_row_of_a_spreadsheet():
    """Every row has the same columns; what is unknown is empty."""
    rows = list(flat(report(*three())))
    assert len({tuple(row) for row in rows}) == 1
    assert [row["time_to_resolve_seconds"] for row in rows] == [None, 6600.0, 720.0]
    assert rows[2]["acknowledged_at_level"] == 1
    assert ADA.name not in str(rows)


def test_a_restricted_incident_counts_without_its_title():
    """Figures are for everybody."""
    [single] = report(Life(an_id(1), title="Payroll leaked", restricted=True)).singles
    assert single.title == "Restricted incident"
