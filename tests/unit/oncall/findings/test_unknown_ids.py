"""Ids of teams and time zones that cannot be what they are meant to be."""

from dataclasses import replace

from surveys import survey

from worker.oncall.findings.unknown_ids import find_unknown_ids

TEAM = "9b1b6a35-4c4e-4b0a-8f3e-0d6c4f1d2e3a"


def test_what_is_no_id_of_a_team_is_told():
    """Its name, or the address of one, for instance; in whatever case an id is one."""
    teams = [TEAM, TEAM.upper(), "Payments", f"https://teams.example/?groupId={TEAM}"]
    found = list(find_unknown_ids(survey(services={"checkout": {"teams": teams}})))
    assert [finding.what.partition(" is no id")[0] for finding in found] == teams[2:]
    assert {finding.thing for finding in found} == {"service:checkout"}


def test_a_zone_that_is_not_known_here_is_told():
    """With the one that is meant."""
    seen = survey()
    ines = replace(seen.definitions.people["ines"], time_zone="W. Europe Standard Time")
    people = {**seen.definitions.people, "ines": ines}
    [finding] = find_unknown_ids(replace(seen, definitions=replace(seen.definitions, people=people)))
    assert finding.thing == "person:ines"
    assert "do you mean Europe/Berlin?" in finding.what
