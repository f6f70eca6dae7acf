"""Whoever is on call in two schedules at once is told, once, with all of them."""

from surveys import survey, weekly

from worker.oncall.findings.double_duty import find_double_duty


def twice(**layers):
    schedules = {name: {"time_zone": "Europe/Berlin", "layers": [layer]} for name, layer in layers.items()}
    return list(find_double_duty(survey(days=14, schedules=schedules)))


def test_a_person_in_two_schedules_at_once_is_told():
    """When first, how often, and for how long in all."""
    [finding] = twice(
        checkout=weekly("ines", "jon"), search=weekly("ines", name="day", windows=["mon-fri 09:00-17:00"])
    )
    assert finding.thing == "person:ines"
    assert finding.what == (
        "Ines is on call in checkout and search at once: from Mon 3 May 10:00 to Mon 3 May 17:00, "
        "and 5 more times (Europe/Berlin), 1 d 16 h in all."
    )
    assert "override search --person NAME --from 2027-05-03T10:00 --to 2027-05-03T17:00" in finding.remedy


def test_one_after_the_other_is_not_at_once():
    """At a handover nobody has both."""
    assert twice(checkout=weekly("ines", "jon"), search=weekly("jon", "ines")) == []


def test_a_person_in_many_schedules_is_one_finding():
    """With all of them."""
    [finding] = twice(**{name: weekly("ines") for name in ("a", "b", "c", "d", "e", "f")})
    assert "a, b, c, d and 2 more at once" in finding.what


def test_the_second_of_one_and_the_first_of_another_are_at_once():
    """Whoever is behind is on call too."""
    assert len(twice(checkout=weekly("ines", "jon", depth=2), search=weekly("jon", "kai"))) == 1
