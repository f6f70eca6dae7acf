"""What has changed in a channel, page by page, and from one time to the next."""

from datetime import timedelta

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.teams.item.channels.item.messages.delta.delta_request_builder import DeltaRequestBuilder

Query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters


@pytest.fixture
async def channel(served):
    return await served.channel()


@pytest.fixture
def say(served, channel):
    """Lets Amara write, or answer; gives the message's id."""

    async def said(text, **wish):
        answer = await served.act("say", channel=channel, person="amara@contoso.example", text=text, **wish)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    return said


async def changes(served, channel, **query):
    answer = await served.http.get(f"{served.team_path}/channels/{channel}/messages/delta", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def follow(served, page, link="@odata.deltaLink"):
    return (await served.http.get(page[link])).json()


def ids(page):
    return [message["id"] for message in page["value"]]


async def test_a_round_ends_with_a_link_to_what_comes_after(served, channel, say, conforms):
    """Pages of the asked-for size, then a delta link; by it, what was written meanwhile and nothing else."""
    written = [await say(f"message {number}") for number in range(5)]
    first = await changes(served, channel, **{"$top": 2})
    second = await follow(served, first, "@odata.nextLink")
    third = await follow(served, second, "@odata.nextLink")
    nothing = await follow(served, third)
    later = await say("later")
    news = await follow(served, nothing)

    assert [ids(page) for page in (first, second, third)] == [written[:2], written[2:4], written[4:]]
    assert [sorted(page.keys() - {"@odata.context", "value"}) for page in (first, second, third)] == [
        ["@odata.nextLink"],
        ["@odata.nextLink"],
        ["@odata.deltaLink"],
    ]
    assert ids(nothing) == []
    assert ids(news) == [later]
    conforms(news["value"][0], "chatMessage")


@pytest.mark.parametrize("act", ["edit", "delete", "react", "unreact", "reply"])
async def test_every_change_of_a_thread_is_news(served, channel, say, act):
    """Whatever happens to a root or to a reply, its thread is told of once, and the others are not."""
    root, other = await say("root"), await say("other")
    reply = await say("reply", reply_to=root)
    seen = await changes(served, channel, **{"$expand": "replies"})
    of = {"channel": channel, "person": "bruno@contoso.example"}
    for message in (root, reply):
        if act == "reply":
            await say("another", reply_to=root)
        else:
            text = {"text": "new"} if act == "edit" else {"reaction": "like"}
            await served.act(act, message=message, **of, **text)
        seen = await follow(served, seen)
        assert ids(seen) == [root] != [other]
        assert reply in [each["id"] for each in seen["value"][0]["replies"]]


async def test_changes_may_begin_at_a_moment(served, channel, say):
    """Only what was changed after it, by a reply too."""
    old, answered = await say("old"), await say("answered")
    served.clock.move(timedelta(minutes=1))
    moment = served.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    served.clock.move(timedelta(seconds=1))
    new = await say("new")
    await say("answer", reply_to=answered)

    page = await changes(served, channel, **{"$filter": f"lastModifiedDateTime gt {moment}"})

    assert ids(page) == [new, answered]
    assert old not in ids(page)
    assert "replies" not in page["value"][0]


async def test_a_round_goes_no_further_back_than_eight_months(served, channel, say):
    """What was last changed before is left to the list."""
    await say("old")
    served.clock.move(timedelta(days=241))

    assert ids(await changes(served, channel)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"$top": 51},
        {"$top": 0},
        {"$filter": "createdDateTime gt 2026-01-01T00:00:00Z"},
        {"$filter": "lastModifiedDateTime lt 2026-01-01T00:00:00Z"},
        {"$filter": "lastModifiedDateTime gt yesterday, at noon"},
        {"$filter": "lastModifiedDateTime gt 2026-99-01T00:00:00Z"},
        {"$expand": "hostedContents"},
        {"$orderby": "createdDateTime"},
        {"$deltatoken": "not-one-of-ours"},
        {"$deltatoken": "W10="},
    ],
)
async def test_other_questions_are_refused(served, channel, query):
    """Graph takes one filter, one expand and pages of up to 50."""
    answer = await served.http.get(f"{served.team_path}/channels/{channel}/messages/delta", params=query)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


async def test_a_token_of_another_channel_has_to_begin_anew(served, channel):
    """As a token that has expired."""
    other = await served.channel("another")
    link = (await changes(served, channel))["@odata.deltaLink"]

    assert (await served.http.get(link.replace(channel, other))).status_code == 410


async def test_a_lagging_round_misses_nothing_afterwards(served, channel, say):
    """What a lagging service does not show yet, the next round shows."""
    await served.http.post("/sandbox/faults", json={"system": "graph", "behaviour": "lag", "seconds": 30})
    root = await say("root")
    before = await changes(served, channel)
    served.clock.move(timedelta(seconds=31))

    assert ids(before) == []
    assert ids(await follow(served, before)) == [root]


async def test_the_sdk_asks_and_reads(app, served, channel, say):
    """Microsoft's own client finds the replies and the link."""
    root = await say("root")
    reply = await say("reply", reply_to=root)
    delta = app.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages.delta
    query = RequestConfiguration(query_parameters=Query(top=50, expand=["replies"]))
    page = await delta.get(query)

    assert [(each.id, [of.id for of in each.replies]) for each in page.value] == [(root, [reply])]
    assert (await delta.with_url(page.odata_delta_link).get()).value == []
