"""Figures in a terminal: each incident a dot, no mean alone, within eighty columns."""

from datetime import UTC

import pytest
from known_incidents import Life, at, told
from rich.console import Console

from worker.cli.drawing.incident_figures import bars, dots, print_report
from worker.incidents.figures.report import report_on


def printed(*lives):
    console = Console(width=80)
    known = [life.known() for life in lives]
    with console.capture() as captured:
        print_report(console, report_on(known, since=at(-60), until=at(600), zone_of=lambda _: UTC))
    return captured.get()


def test_a_report_is_read_at_a_glance():
    """Shares with their numbers, and what nobody knows as a question mark."""
    life = Life().level(1, 0, "ada").acknowledged(5).mitigated(20).told(told("ada", 13 * 60))
    text = printed(life, Life("inc-0000000001", labels={"test": "true"}))
    assert "1 incident from" in text
    assert "left out: 1 test" in text
    assert "acknowledged by a person: 1 of 1 (100 %); at level 1: 1 of 1 (100 %)" in text
    assert "nights interrupted (22:00 to 07:00 by the clock of whoever was told): 1, of 1 person" in text
    (resolve,) = [line for line in text.splitlines() if line.startswith("time to resolve")]
    assert resolve.split() == ["time", "to", "resolve", "0", "of", "1", "?", "?"]
    table = [line for line in text.splitlines() if line.startswith("time to")]
    assert max(map(len, table)) <= 80


def test_of_nothing_there_are_no_figures():
    """And no division by it."""
    assert printed().strip() == "0 incidents from 2026-06-12 to 2026-06-12"


@pytest.mark.parametrize(
    ("values", "places"),
    [((), {}), ((0.0, 1.0), {0: ":"}), ((10**9,), {20: "·"}), ((1000.0,), {10: "·"}), ((1000.0,) * 9, {10: "⁘"})],
)
def test_each_incident_is_a_dot_where_it_belongs(values, places):
    """By powers of ten; what is beyond either end stands at it."""
    assert {place: dot for place, dot in enumerate(dots(values)) if dot != " "} == places


def test_bars_are_as_high_as_the_highest_allows():
    """A single page is seen beside a hundred."""
    assert bars((0, 1, 50, 100)) == " ▁▄█"
    assert bars((0, 0)) == "  "
