"""Known senders may ask who is on call, and get what the command prints."""

import hashlib

import pytest
from doorstep import Doorstep, fields, refusal

from worker.domain.errors import Unreachable
from worker.domain.on_call_answer import OnCallAnswer, PersonNext, PersonOnCall

WHY = "layer week, Ada's turn since Mon 3 May 09:00"
ANSWER = OnCallAnswer(
    service="checkout",
    at="2027-05-03T10:00Z",
    on_call=(PersonOnCall(person="ada", name="Ada", email="ada@contoso.example", why=WHY, until="2027-05-10T07:00Z"),),
    next=(PersonNext(person="ben", name="Ben", email=None, since="2027-05-10T07:00Z"),),
    from_default=False,
    note="",
)


@pytest.fixture
def asked():
    """Each service and time that somebody asked of."""
    return []


@pytest.fixture
def door(asked):
    def answer(service, at):
        asked.append((service, at))
        if at == "soon":
            raise ValueError("'soon' is no time")
        return ANSWER

    door = Doorstep(intake_keys={"desk": hashlib.sha256(b"key").hexdigest()})
    door.on_call = answer
    return door


async def get(door, query="", key="key"):
    return await door.http.get(f"/v1/on-call{query}", headers={"Authorization": f"Bearer {key}"})


async def test_who_is_on_call_is_answered_as_the_command_does(door):
    """In the words that are promised of its JSON."""
    answer = await get(door, "?service=checkout")
    assert answer.status_code == 200
    assert answer.json() == {
        "service": "checkout",
        "at": "2027-05-03T10:00Z",
        "on_call": [
            {
                "person": "ada",
                "name": "Ada",
                "email": "ada@contoso.example",
                "role": "",
                "schedule": "",
                "why": WHY,
                "until": "2027-05-10T07:00Z",
            }
        ],
        "next": [{"person": "ben", "name": "Ben", "email": None, "from": "2027-05-10T07:00Z"}],
        "from_default": False,
        "note": "",
    }


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("", ("", None)),
        ("?service=checkout", ("checkout", None)),
        ("?service=%20a%0Ab%20&at=2027-05-03T09:00Z", ("a b", "2027-05-03T09:00Z")),
        ("?service=" + "x" * 5000, ("x" * 256, None)),
    ],
)
async def test_what_is_asked_is_bounded_and_one_line(door, asked, query, meant):
    """However long a service is, and whatever stands in it."""
    await get(door, query)
    assert asked == [meant]


async def test_a_time_that_is_none_is_refused_by_its_field(door):
    """With what to write."""
    assert fields(refusal(await get(door, "?at=soon"), 422)) == ["at"]


async def test_strangers_are_told_nothing(door, asked):
    """Names and addresses are for whoever has a key."""
    refusal(await get(door, key="another"), 401)
    assert asked == []


async def test_nothing_known_is_said_with_when_to_ask_again(door):
    """Never that nobody is on call."""
    door.outage = Unreachable("Tried to read the table; it did not answer.")
    answer = await get(door)
    refusal(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
