"""How escalations go on, rule by rule: what is told is written as `time round.level people`."""

import pytest
from escalations import SEARCH, case, happening, level, lines, moment, rehearsed

TWO = {
    "levels": [level("5 min", "schedule:search#1"), level("10 min", "schedule:search#2")],
    "last_resort": "person:uma",
}
ALL = {"all": {**TWO, "ack_timeout": "20 min"}}
AGAIN = {"all": {**TWO, "repeat": 1}}
COMMANDER = {"all": {"levels": [level("5 min", "role:commander")], "last_resort": "person:uma"}}
OFFICE = {"time_zone": "UTC", "windows": ["mon-fri 09:00-17:00"]}
BY_SEVERITY = {
    "urgent": {"severities": [1, 2], "levels": [level("5 min", "person:ada"), level("5 min", "person:ben")]},
    "calm": {
        "severities": [3, 4],
        "hours": OFFICE,
        "levels": [level("30 min", "person:cem"), level("1 h", "person:dee")],
    },
}
CALM = {"calm": {**BY_SEVERITY["calm"], "severities": [], "ack_timeout": "2 h"}}
NIGHTS = {
    "time_zone": "UTC",
    "layers": [{"starts": "2027-05-03T00:00", "people": ["nia"], "windows": ["18:00-20:00"]}],
}
NIGHTLY = {
    "all": {"levels": [level("5 min", "role:none"), level("10 min", "schedule:nights")], "last_resort": "person:uma"}
}


def told(policies, *events, **more):
    return lines(rehearsed(case(policies, events, **more)))


def ended(policies, *events, **more):
    end = rehearsed(case(policies, events, **more)).end
    return end.status, end.owner, end.policy and end.policy.name


RUN_THROUGH = ["10:00 1.1 ines", "10:05 1.2 jon", "10:15 last uma"]


@pytest.mark.parametrize(
    ("event", "status", "owner"),
    [
        ("10:03 acknowledge zed", "acknowledged", "zed"),
        ("10:03 mitigate zed", "mitigated", "zed"),
        ("10:03 resolve zed", "resolved", None),
        ("10:03 close zed", "closed", None),
        ("10:03 merge zed", "merged", None),
        ("10:03 decline zed", "declined", None),
    ],
)
def test_whoever_has_it_or_ends_it_stops_it(event, status, owner):
    """Anybody may, on call or not, and then nobody else is told."""
    assert told(AGAIN, event) == RUN_THROUGH[:1]
    assert ended(AGAIN, event) == (status, owner, "all")


@pytest.mark.parametrize("kind", ["acknowledge", "mitigate", "resolve", "close", "merge"])
@pytest.mark.parametrize(("deadline", "before"), [("10:05", 1), ("10:15", 2)])
def test_an_event_in_the_minute_of_a_deadline_comes_first(kind, deadline, before):
    """Be it of a level or of the last resort; a minute later it comes too late."""
    assert told(ALL, f"{deadline} {kind} zed", until="10:20") == RUN_THROUGH[:before]
    late = f"{deadline[:-1]}{int(deadline[-1]) + 1}"
    assert told(ALL, f"{late} {kind} zed", until="10:20") == RUN_THROUGH[: before + 1]


def test_what_falls_due_at_the_end_has_happened():
    """How it stands at a minute is how it stands once that minute has begun."""
    assert told(ALL, until="10:05") == RUN_THROUGH[:2]
    assert told(ALL, until="10:04") == RUN_THROUGH[:1]


def test_after_the_last_resort_there_is_silence():
    """Once the rounds are through; an activity is no reason to tell anybody again."""
    assert told(ALL, "10:30 activity zed", until="+6 10:00") == RUN_THROUGH


@pytest.mark.parametrize("repeat", [0, 2, 9])
def test_rounds_are_one_more_than_repeated(repeat):
    """Then the last resort, once."""
    found = told({"all": {**TWO, "repeat": repeat}}, until="+1 10:00")
    assert [each.split()[1] for each in found] == [
        *(f"{number}.{rung}" for number in range(1, repeat + 2) for rung in (1, 2)),
        "last",
    ]


def test_people_are_those_of_when_the_level_is_told():
    """A handover between two levels, or at the very minute of one, counts."""
    hourly = {"starts": "2027-05-05T08:05", "every": "1 hour", "people": ["ada", "ben"], "depth": 2}
    schedules = {"search": {**SEARCH, "layers": [hourly]}}
    policy = {"all": {"levels": [level("5 min", "schedule:search#1")] * 2, "last_resort": "schedule:search"}}
    assert told(policy, schedules=schedules) == ["10:00 1.1 ben", "10:05 1.2 ada", "10:10 last ada ben"]


def test_each_person_is_told_once_a_level():
    """However many targets name them, in the order of the targets."""
    targets = ["person:jon", "schedule:search", "person:ines", "webhook:pager"]
    assert told({"all": {"levels": [level("5 min", *targets)]}}, until="10:00") == ["10:00 1.1 jon ines webhook:pager"]


class TestWhereNobodyIsNamed:
    """Levels that name nobody take no time."""

    def test_a_level_in_the_middle_is_passed_over_when_its_time_has_come(self):
        """The next one is told in the same minute, with its own wait."""
        policy = {"levels": [level("5 min", "person:ada"), level("1 d", "role:none"), level("7 min", "person:ben")]}
        assert told({"all": policy}) == ["10:00 1.1 ada", "10:05 1.2 skipped", "10:05 1.3 ben", "10:12 last NOBODY"]

    def test_the_last_level_of_a_round_is_passed_over_into_the_next_round(self):
        """A round in which somebody was named is followed by the next."""
        policy = {"levels": [level("5 min", "person:ada"), level("1 d", "role:none")], "repeat": 1}
        assert told({"all": policy}) == [
            "10:00 1.1 ada",
            "10:05 1.2 skipped",
            "10:05 2.1 ada",
            "10:10 2.2 skipped",
            "10:10 last NOBODY",
        ]

    def test_a_round_without_anybody_goes_to_the_last_resort_at_once(self):
        """Without repeats."""
        policy = {"levels": [level("5 min", "role:none")] * 2, "repeat": 9, "last_resort": "person:uma"}
        assert told({"all": policy}) == ["10:00 1.1 skipped", "10:00 1.2 skipped", "10:00 last uma"]

    def test_a_later_round_without_anybody_does_so_too(self):
        """Whoever was named in the first is not any more, and is told again when they are."""
        policy = {"all": {"levels": [level("10 min", "schedule:nights")], "repeat": 5, "last_resort": "person:uma"}}
        found = told(policy, schedules={"nights": NIGHTS}, opened_at=moment("19:45"), until="+1 18:00")
        assert found == [
            "19:45 1.1 nia",
            "19:55 2.1 nia",
            "20:05 3.1 skipped",
            "20:05 last uma",
            "+1 18:00 1.1 nia",
        ]

    def test_whoever_comes_on_call_is_told_at_once(self):
        """The policy starts anew with them, and runs as any other."""
        assert told(NIGHTLY, schedules={"nights": NIGHTS}, until="+1 12:00") == [
            "10:00 1.1 skipped",
            "10:00 1.2 skipped",
            "10:00 last uma",
            "18:00 1.1 skipped",
            "18:00 1.2 nia",
            "18:10 last uma",
        ]

    @pytest.mark.parametrize("event", ["18:00 acknowledge zed", "12:00 mitigate zed", "12:00 resolve zed"])
    def test_nobody_is_told_any_more_once_it_has_stopped(self, event):
        """Not even in the minute in which the shift begins."""
        assert len(told(NIGHTLY, event, schedules={"nights": NIGHTS}, until="+1 12:00")) == 3

    def test_whoever_takes_a_role_is_told_at_once(self):
        """Whoever takes it later has nothing to do with a policy that runs."""
        given = happening("10:07 role", role="Commander", person="zed")
        assert told(COMMANDER, given) == ["10:00 1.1 skipped", "10:00 last uma", "10:07 1.1 zed", "10:12 last uma"]
        assert told(ALL, given, until="10:05") == RUN_THROUGH[:2]

    @pytest.mark.parametrize("nobody", [None, "", []])
    def test_a_role_can_be_given_up(self, nobody):
        """A level that was told of it names nobody in the next round."""
        emptied = happening("10:02 role", role="commander", person=nobody)
        assert told(COMMANDER, emptied, roles={"Commander": "zed"}) == ["10:00 1.1 zed", "10:05 last uma"]
        repeated = {"all": {**COMMANDER["all"], "repeat": 3}}
        assert told(repeated, emptied, roles={"commander": "zed"}) == [
            "10:00 1.1 zed",
            "10:05 2.1 skipped",
            "10:05 last uma",
        ]

    def test_a_role_that_is_given_up_in_the_same_minute_tells_nobody(self):
        """All events of a minute come before what they bring."""
        events = [happening("10:07 role zed", role="commander"), happening("10:07 role", role="commander", person=None)]
        assert told(COMMANDER, *events) == ["10:00 1.1 skipped", "10:00 last uma"]

    def test_no_policy_is_a_last_resort_without_anybody(self):
        """The loudest thing there is, and no policy."""
        assert told(BY_SEVERITY, severity=5) == ["10:00 last NOBODY"]
        assert ended(BY_SEVERITY, severity=5) == ("triggered", None, None)

    def test_the_role_of_an_incident_without_policy_changes_nothing(self):
        """There is no level that could name anybody."""
        assert told(BY_SEVERITY, happening("10:07 role zed", role="commander"), severity=5) == ["10:00 last NOBODY"]


class TestTimeout:
    """Whoever has it gives signs of life, or loses it."""

    def test_whoever_lets_it_pass_is_told_behind_the_others(self):
        """At level 1, and only there; the incident is nobody's then."""
        found = told(ALL, "10:06 acknowledge zed", until="10:40")
        assert found == [*RUN_THROUGH[:2], "10:26 1.1 ines zed", "10:31 1.2 jon"]
        assert ended(ALL, "10:06 acknowledge jon", until="10:26") == ("triggered", None, "all")

    def test_whoever_is_told_anyway_is_told_once(self):
        """At the better place."""
        assert told(ALL, "10:03 acknowledge ines", until="10:23")[-1] == "10:23 1.1 ines"

    @pytest.mark.parametrize(
        "sign",
        [
            "10:15 activity zed",
            "10:23 update zed",
            "10:15 note zed",
            "10:15 acknowledge jon",
            happening("10:15 severity", severity=3),
            happening("10:15 role", role="scribe", person="zed"),
        ],
        ids=str,
    )
    def test_each_sign_of_life_sets_the_time_anew(self, sign):
        """Anybody's, also in the very minute in which the time is over."""
        minute = int(sign["at"][14:16]) if isinstance(sign, dict) else int(sign[3:5])
        last = told(ALL, "10:03 acknowledge jon", sign, until="10:50")[1]
        assert last == f"10:{minute + 20} 1.1 ines jon"

    @pytest.mark.parametrize("event", ["10:15 escalate zed", happening("10:15 policy", name="all", policy=ALL["all"])])
    def test_what_is_no_sign_of_life_does_not(self, event):
        """Who calls for others says nothing of whoever has it."""
        assert "10:23 1.1 ines jon" in told(ALL, "10:03 acknowledge jon", event, until="10:23")

    def test_there_is_none_once_it_is_mitigated(self):
        """Nor while it is nobody's; it runs again after a relapse."""
        events = ["10:03 acknowledge jon", "10:10 mitigate jon"]
        assert told(ALL, *events, until="+3 10:00") == RUN_THROUGH[:1]
        assert told(ALL, *events, "11:00 relapse zed", until="11:20")[1:] == ["11:20 1.1 ines jon"]

    def test_a_mitigated_incident_changes_hands_and_stays_so(self):
        """Whoever takes it then has no deadline either."""
        events = ["10:03 mitigate jon", "10:10 acknowledge zed"]
        assert ended(ALL, *events) == ("mitigated", "zed", "all")
        assert told(ALL, *events, until="+3 10:00") == RUN_THROUGH[:1]

    def test_the_one_who_had_it_stands_behind_whoever_is_told_first(self):
        """Past levels that name nobody, and at the last resort where all of them do."""
        policy = {"levels": [level("5 min", "role:none"), level("5 min", "person:ben")], "ack_timeout": "20 min"}
        assert told({"all": policy}, "10:02 acknowledge jon", until="10:22")[2:] == [
            "10:22 1.1 skipped",
            "10:22 1.2 ben jon",
        ]
        nobody = {**policy, "levels": policy["levels"][:1], "last_resort": "person:uma"}
        assert told({"all": nobody}, "10:02 acknowledge jon", until="10:22")[2:] == [
            "10:22 1.1 skipped",
            "10:22 last uma jon",
        ]

    def test_the_one_who_had_it_is_not_told_once_somebody_else_has_it(self):
        """Before it was told at all: it was night."""
        events = ["16:00 acknowledge jon", "20:00 acknowledge zed", "20:05 escalate zed"]
        assert told(CALM, *events, opened_at=moment("15:00"), until="20:05")[1:] == [
            "15:30 1.2 dee",
            "20:05 1.1 cem",
        ]

    def test_the_one_who_had_it_is_told_by_whichever_policy_comes_first(self):
        """The severity rose before the morning."""
        policies = {**BY_SEVERITY, "calm": {**BY_SEVERITY["calm"], "ack_timeout": "2 h"}}
        events = ["16:00 acknowledge zed", happening("20:00 severity", severity=1)]
        assert told(policies, *events, severity=3, opened_at=moment("15:50"), until="20:00")[1:] == [
            "20:00 1.1 ada zed"
        ]


class TestByHand:
    """People hand back, escalate and reopen."""

    @pytest.mark.parametrize("stop", ["acknowledge", "resolve", "close", "mitigate", "merge", "decline"])
    def test_what_starts_again_starts_at_the_top(self, stop):
        """At round 1, level 1, told at once, and nobody's."""
        again = "unacknowledge" if stop == "acknowledge" else "reopen"
        events = [f"10:16 {stop} jon", f"10:20 {again} jon"]
        assert told(AGAIN, *events, until="10:26")[3:] == ["10:20 1.1 ines", "10:25 1.2 jon"]
        assert ended(AGAIN, *events, until="10:26") == ("triggered", None, "all")

    @pytest.mark.parametrize(
        "event",
        [
            "10:03 unacknowledge zed",
            "10:03 reopen zed",
            "10:03 relapse zed",
            "10:03 activity zed",
        ],
    )
    def test_what_the_status_does_not_allow_changes_nothing(self, event):
        """It is triggered, and runs on."""
        assert told(ALL, event) == RUN_THROUGH

    @pytest.mark.parametrize(
        "kind", ["acknowledge", "mitigate", "resolve", "decline", "escalate", "unacknowledge", "relapse"]
    )
    def test_what_is_closed_stays_closed(self, kind):
        """But for a reopening."""
        assert told(ALL, "10:03 close ada", f"10:04 {kind} zed") == RUN_THROUGH[:1]
        assert ended(ALL, "10:03 close ada", f"10:04 {kind} zed") == ("closed", None, "all")

    @pytest.mark.parametrize(("kind", "status"), [("close", "closed"), ("merge", "merged"), ("decline", "resolved")])
    def test_what_is_resolved_is_closed_or_merged(self, kind, status):
        """It is no false alarm any more."""
        assert ended(ALL, "10:03 resolve ada", f"10:04 {kind} zed") == (status, None, "all")

    def test_an_escalation_tells_the_next_level_now(self):
        """Its own wait runs from then, and the former deadline is gone; in its very minute too."""
        assert told(AGAIN, "10:02 escalate ada") == [
            "10:00 1.1 ines",
            "10:02 1.2 jon",
            "10:12 2.1 ines",
            "10:17 2.2 jon",
            "10:27 last uma",
        ]
        assert told(ALL, "10:05 escalate ada") == RUN_THROUGH
        assert told(ALL, "10:02 escalate ada", "10:02 escalate ada") == [
            "10:00 1.1 ines",
            "10:02 1.2 jon",
            "10:02 last uma",
        ]

    def test_behind_the_last_resort_the_policy_starts_anew(self):
        """Who calls for help is not met with silence."""
        assert told(ALL, "11:00 escalate ada", until="11:05") == [*RUN_THROUGH, "11:00 1.1 ines", "11:05 1.2 jon"]

    def test_while_it_is_acknowledged_the_state_stays(self):
        """Each time the next level, without any that follows by itself; handed back, it starts at the top."""
        policies = {"all": TWO}
        events = [f"10:0{minute} escalate ada" for minute in (3, 4, 6, 7)]
        found = told(policies, "10:01 acknowledge zed", *events)
        assert found == ["10:00 1.1 ines", "10:03 1.2 jon", "10:04 last uma", "10:06 1.1 ines", "10:07 1.2 jon"]
        assert ended(policies, "10:01 acknowledge zed", *events) == ("acknowledged", "zed", "all")
        handed_back = told(policies, "10:01 acknowledge zed", *events, "10:30 unacknowledge zed", until="10:30")
        assert handed_back[-1] == "10:30 1.1 ines"

    def test_an_escalation_without_a_policy_is_heard_too(self):
        """By the last resort, loudly."""
        events = ["10:01 acknowledge zed", "10:02 escalate zed"]
        assert told(BY_SEVERITY, *events, severity=5) == ["10:00 last NOBODY", "10:02 last NOBODY"]

    def test_while_it_is_acknowledged_nobody_waits_for_a_shift(self):
        """A last resort by hand is no start, whoever comes on call."""
        events = ["10:01 acknowledge zed", "10:02 escalate zed"]
        assert len(told(NIGHTLY, *events, schedules={"nights": NIGHTS}, until="+1 12:00")) == 6


class TestSeverity:
    """Of the policies the one with the severity counts."""

    def test_a_worse_one_with_another_policy_starts_that_at_once(self):
        """The former goes no further."""
        worse = happening("10:10 severity ada", severity=1)
        assert told(BY_SEVERITY, worse, severity=3) == [
            "10:00 1.1 cem",
            "10:10 1.1 ada",
            "10:15 1.2 ben",
            "10:20 last NOBODY",
        ]
        assert ended(BY_SEVERITY, worse, severity=3) == ("triggered", None, "urgent")

    def test_also_after_the_last_resort(self):
        """It has run through, and nobody has it."""
        worse = happening("15:00 severity", severity=2)
        assert told(BY_SEVERITY, worse, severity=3, until="15:00")[-2:] == ["11:30 last NOBODY", "15:00 1.1 ada"]

    def test_a_worse_one_of_the_same_policy_changes_nothing(self):
        """Nor does one that no policy covers."""
        undisturbed = told(BY_SEVERITY, severity=2)
        assert told(BY_SEVERITY, happening("10:02 severity", severity=1), severity=2) == undisturbed
        only = {"calm": BY_SEVERITY["calm"]}
        assert told(only, happening("10:02 severity", severity=1), severity=3) == told(only, severity=3)

    def test_a_milder_one_changes_nothing_that_runs(self):
        """Not even if it becomes a little worse again; the severity is told as it is."""
        events = [happening("10:02 severity", severity=4), happening("10:03 severity", severity=3)]
        assert told(BY_SEVERITY, *events, severity=1) == ["10:00 1.1 ada", "10:05 1.2 ben", "10:10 last NOBODY"]
        assert rehearsed(case(BY_SEVERITY, events, severity=1)).document()["end"] == {
            "status": "triggered",
            "owner": None,
            "severity": 3,
            "policy": "urgent",
        }

    def test_the_worst_that_the_running_policy_answered_for_is_what_worse_means(self):
        """Not the one that it started with."""
        policies = {
            "wide": {"severities": [2, 4], "levels": [level("5 min", "person:ada")]},
            "other": {"severities": [3], "levels": [level("5 min", "person:ben")]},
        }
        events = [happening("10:01 severity", severity=2), happening("10:02 severity", severity=3)]
        assert told(policies, *events, severity=4) == ["10:00 1.1 ada", "10:05 last NOBODY"]

    def test_where_nobody_was_named_the_same_policy_goes_on(self):
        """A milder severity changes nothing of whom it waits for."""
        policies = {**BY_SEVERITY, "urgent": {**COMMANDER["all"], "severities": [1]}}
        events = [happening("10:01 severity", severity=4), happening("10:05 role zed", role="commander")]
        assert told(policies, *events, severity=1, until="10:05")[2:] == ["10:05 1.1 zed"]

    def test_while_it_is_acknowledged_nothing_starts_until_it_is_handed_back(self):
        """Then the policy of the severity that it has then."""
        events = ["10:01 acknowledge zed", happening("10:05 severity", severity=1)]
        assert told(BY_SEVERITY, *events, severity=3) == ["10:00 1.1 cem"]
        assert ended(BY_SEVERITY, *events, severity=3) == ("acknowledged", "zed", "calm")
        assert told(BY_SEVERITY, *events, "10:20 unacknowledge zed", severity=3, until="10:20")[1:] == ["10:20 1.1 ada"]

    @pytest.mark.parametrize("stop", ["mitigate", "resolve", "close"])
    def test_where_it_has_stopped_nothing_starts(self, stop):
        """The severity is kept for the next start."""
        worse = happening("10:05 severity", severity=1)
        assert told(BY_SEVERITY, f"10:01 {stop} zed", worse, severity=3) == ["10:00 1.1 cem"]
        reopened = told(BY_SEVERITY, f"10:01 {stop} zed", worse, "10:20 reopen zed", severity=3, until="10:20")
        assert reopened[1:] == ["10:20 1.1 ada"]

    def test_where_no_policy_ran_the_first_that_counts_starts(self):
        """However the severity moves."""
        calm = {"calm": BY_SEVERITY["calm"]}
        assert told(calm, happening("10:02 severity", severity=4), severity=1, until="10:02")[1:] == ["10:02 1.1 cem"]
        assert told(BY_SEVERITY, happening("10:02 severity", severity=3), severity=5, until="10:02") == [
            "10:00 last NOBODY",
            "10:02 1.1 cem",
        ]


class TestHours:
    """What falls due outside a policy's hours is told when they begin."""

    def test_at_the_opening(self):
        """The wait runs from when it was told."""
        assert told(CALM, opened_at=moment("17:00"), until="+1 09:30") == ["+1 09:00 1.1 cem", "+1 09:30 1.2 dee"]
        assert told(CALM, opened_at=moment("16:59"), until="17:00") == ["16:59 1.1 cem"]

    def test_a_level_and_the_last_resort(self):
        """A wait that ends at night ends in the morning; a weekend is as long as it is."""
        assert told(CALM, opened_at=moment("+2 16:40"), until="+6 12:00") == [
            "+2 16:40 1.1 cem",
            "+5 09:00 1.2 dee",
            "+5 10:00 last NOBODY",
        ]
        assert told(CALM, opened_at=moment("15:31"), until="+1 12:00")[-1] == "+1 09:00 last NOBODY"

    @pytest.mark.parametrize("stop", ["+1 08:59 acknowledge zed", "+1 09:00 acknowledge zed", "+1 09:00 resolve zed"])
    def test_whoever_takes_it_before_spares_the_others(self, stop):
        """In the very minute in which the hours begin as well."""
        assert told(CALM, stop, opened_at=moment("20:00"), until="+1 10:00") == []

    def test_a_time_that_passes_at_night(self):
        """It is nobody's from then on, and told in the morning, with the one who had it."""
        found = case(CALM, ["16:00 acknowledge zed"], opened_at=moment("15:00"), until="+1 08:59")
        assert rehearsed(found).end.owner is None
        assert lines(rehearsed({**found, "until": moment("+1 09:00")}))[-1] == "+1 09:00 1.1 cem zed"

    def test_an_escalation_by_hand_is_told_now(self):
        """What follows waits for the morning again."""
        events = ["20:10 escalate zed", "20:20 escalate zed"]
        assert told(CALM, *events, opened_at=moment("20:00"), until="+1 09:00") == [
            "20:10 1.1 cem",
            "20:20 1.2 dee",
            "+1 09:00 last NOBODY",
        ]

    def test_a_severity_that_rises_at_night_is_told_at_once(self):
        """By the other policy, which has no hours; what waited is gone."""
        worse = happening("22:00 severity zed", severity=1)
        assert told(BY_SEVERITY, worse, severity=3, opened_at=moment("20:00"), until="+1 12:00") == [
            "22:00 1.1 ada",
            "22:05 1.2 ben",
            "22:10 last NOBODY",
        ]

    def test_levels_are_looked_at_when_the_hours_begin(self):
        """Who is on call in between, or has a role then, is not told at night and no more in the morning."""
        policy = {"all": {**NIGHTLY["all"], "hours": OFFICE}}
        schedules = {"nights": NIGHTS}
        found = told(policy, schedules=schedules, opened_at=moment("19:00"), until="+2 20:00")
        assert found == ["+1 09:00 1.1 skipped", "+1 09:00 1.2 skipped", "+1 09:00 last uma"]
        role = happening("21:00 role", role="none", person="zed")
        assert told(policy, role, schedules=schedules, opened_at=moment("19:00"), until="+1 09:00") == [
            "+1 09:00 1.1 zed"
        ]

    def test_a_role_that_is_taken_at_night_is_told_in_the_morning(self):
        """Where nobody had been named."""
        policy = {"all": {**COMMANDER["all"], "hours": OFFICE}}
        taken = happening("21:00 role zed", role="commander")
        assert told(policy, taken, until="+1 09:00")[2:] == ["+1 09:00 1.1 zed"]


class TestEditedPolicy:
    """A running policy keeps its levels and waits."""

    EDITED = happening("10:02 policy ada", name="all", policy={"levels": [level("1 min", "person:new")]})

    def test_the_next_start_takes_it_as_it_is_then(self):
        """Whoever starts it, and however."""
        assert told(ALL, self.EDITED) == RUN_THROUGH
        assert told(ALL, self.EDITED, "10:03 acknowledge jon", until="10:23")[-1] == "10:23 1.1 new jon"
        assert told(ALL, self.EDITED, "11:00 escalate jon", until="11:00")[-1] == "11:00 1.1 new"

    def test_an_edited_policy_is_no_other_one(self):
        """A worse severity of its own starts nothing."""
        assert told(ALL, self.EDITED, happening("10:03 severity", severity=1)) == RUN_THROUGH

    def test_where_nobody_was_named_it_starts_at_once(self):
        """Somebody has just been named."""
        assert told(COMMANDER, self.EDITED)[2:] == ["10:02 1.1 new", "10:03 last NOBODY"]

    def test_one_that_comes_new_covers_what_none_did(self):
        """It stands behind the others."""
        added = happening("10:02 policy ada", name="more", policy={"levels": [level("1 min", "person:new")]})
        assert told(BY_SEVERITY, added, severity=5, until="10:02") == ["10:00 last NOBODY", "10:02 1.1 new"]
