"""Turns of people who are away are told weeks before."""

from surveys import scheduled, survey, weekly

from worker.oncall.findings.absent_turns import LEFT, TURN, find_absent_turns

AWAY = {"person": "jon", "from": "2027-05-12", "to": "2027-05-20", "reason": "holidays"}


def found(*layers, at="2027-05-03T08:00Z", absences=(AWAY,), **more):
    return list(find_absent_turns(survey(at, schedules=scheduled(*layers, absences=list(absences), **more))))


def test_a_turn_within_an_absence_is_told_with_its_part_that_is_empty():
    """From when the person is away to the end of the turn."""
    [turn] = found(weekly("ines", "jon", "kai"))
    assert (turn.kind, turn.thing) == (TURN, "layer:checkout/week")
    assert turn.what == (
        "Jon is away until Thu 20 May 00:00 (holidays), and has turns of checkout, layer week: "
        "from Wed 12 May 00:00 to Mon 17 May 09:00."
    )
    assert "--from 2027-05-12T00:00 --to 2027-05-17T09:00" in turn.remedy


def test_a_turn_that_somebody_took_is_not():
    """A cover of all of it has nothing left to be mended."""
    cover = {"from": "2027-05-12", "to": "2027-05-17T09:00", "person": "kai"}
    assert found(weekly("ines", "jon"), overrides=[cover]) == []


def test_a_turn_that_nobody_would_see_is_not():
    """Neither one that a higher layer hides, nor one outside the windows."""
    assert found(weekly("ines", "jon"), weekly("lia", name="above", priority=1)) == []
    assert found(weekly("ines", "jon", windows=["mon 10:00-11:00"])) == []


def test_an_absence_that_is_over_or_far_ahead_is_not():
    """Only the days ahead are looked at."""
    assert found(weekly("ines", "jon"), at="2027-05-20T08:00Z") == []
    assert found(weekly("ines", "jon"), at="2027-03-03T08:00Z") == []


def test_whoever_has_left_and_still_stands_in_a_list_is_told():
    """Whether they have a turn in the next days or not; a list to come without them mends it."""
    gone = {"person": "jon", "from": "2027-05-04"}
    left, turn = found(weekly("ines", "jon"), absences=[gone])
    assert (left.kind, left.thing, turn.kind) == (LEFT, "person:jon", TURN)
    assert left.what == "Jon leaves (Tue 4 May 00:00), and still stands in checkout, layer week."
    [left] = found(weekly("ines", "jon", every="12 weeks"), absences=[gone], at="2027-05-05T08:00Z")
    assert left.what.startswith("Jon has left (Tue 4 May 00:00)")
    change = {"from": "2027-05-03T12:00", "people": ["ines", "kai"]}
    assert found(weekly("ines", "jon", changes=[change]), absences=[gone]) == []
