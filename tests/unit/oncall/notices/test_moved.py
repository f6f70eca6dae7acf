"""What a change moves for each person."""

from datetime import UTC, datetime

from worker.oncall.notices.moved import moved
from worker.oncall.notices.notice import NoticeKind
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import minute_of

NOW = minute_of(datetime(2027, 3, 22, 12, tzinfo=UTC))


def definitions(*overrides, people=("ada", "ben"), every="1 week"):
    week = {"name": "week", "starts": "2027-03-01T08:00", "every": every, "people": list(people)}
    given = {
        "people": {name: {"name": name.title(), "email": f"{name}@x.example"} for name in ("ada", "ben", "eve")},
        "schedules": {"checkout": {"time_zone": "UTC", "layers": [week], "overrides": list(overrides)}},
    }
    return build(GivenDefinitions.model_validate(given))


COVER = {"from": "2027-03-30T18:00", "to": "2027-03-30T22:00", "person": "eve"}


def test_each_person_reads_what_they_lose_or_get():
    """In the sentences of the plan, with who changed it."""
    told = dict(moved(definitions(), definitions(COVER), NOW, by=""))
    assert told.keys() == {"ada", "eve"}
    assert told["ada"].moves == told["eve"].moves
    (sentence,) = told["ada"].moves
    assert sentence.startswith("Ada gives ")
    assert sentence.endswith(" of checkout to Eve.")
    message = told["ada"]
    assert (message.kind, message.schedule, message.recipients[0].address) == (
        NoticeKind.MOVED,
        "checkout",
        "ada@x.example",
    )


def test_who_did_it_knows():
    """By their key or their address, in any case."""
    for by in ("Eve", "EVE@x.example"):
        assert dict(moved(definitions(), definitions(COVER), NOW, by=by)).keys() == {"ada"}


def test_of_many_moves_the_first_are_told():
    """And how many there are besides."""
    daily, turned = definitions(every="1 day"), definitions(people=("ben", "ada"), every="1 day")
    (_, message), _ = moved(daily, turned, NOW, by="")
    assert len(message.moves) == 11
    assert message.moves[-1].startswith("And ")
