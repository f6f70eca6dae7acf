"""What Graph allows one application, in each team."""

from worker.clients.teams.limits import TeamLimits


def limits_of(turn):
    return turn._limits


def test_each_team_has_limits_of_its_own():
    """The same ones for the same team, however its id is spelt; the rates are those of the settings."""
    limits = TeamLimits(requests=2, new_channels=3)
    one, other = limits.of("one"), limits.of("other")
    assert limits.of("ONE") is one
    assert limits_of(one.new_channel()) == limits_of(one.new_channel())
    assert not {*limits_of(one.new_channel())} & {*limits_of(other.new_channel())}
    assert [limit._rate.most for limit in limits_of(other.new_channel())] == [3, 2]


def test_a_person_posts_under_one_limit_everywhere():
    """Graph counts what is posted in one person's name, in whatever team."""
    limits = TeamLimits()
    in_one, in_other = ({*limits_of(limits.of(team).post_of_a_person("19:x"))} for team in ("one", "other"))
    assert len(in_one & in_other) == 1


def test_people_are_added_under_a_limit_that_nothing_else_waits_for():
    """A refusal of that lasts a minute."""
    limits = TeamLimits(in_a_channel=5)
    (members,) = limits_of(limits.of("one").new_member())
    assert (members._rate.most, members._rate.within.total_seconds()) == (4, 60)
    others = (limits.of("one").any_request(), limits.of("one").new_channel(), limits.of("one").in_channel("19:x"))
    assert all(members not in limits_of(turn) for turn in others)
    assert limits_of(limits.of("one").in_channel("19:x"))[0]._rate.most == 5


def test_few_of_very_many_teams_are_kept():
    """One that is forgotten is only not waited for."""
    limits = TeamLimits()
    for number in range(1_000):
        limits.of(f"team-{number}").any_request()
    assert len(limits._others) <= 256
