"""Who is in a conversation, as the connector tells a bot: one person by any of their ids, or all in pages."""

import pytest


def bot_id(person):
    return f"29:1{person.entra_id.replace('-', '')}"


@pytest.fixture
async def general(served):
    return (await served.http.get(f"{served.team_path}/primaryChannel")).json()["id"]


def members(conversation, rest):
    return f"/bot/v3/conversations/{conversation}/{rest}"


@pytest.mark.parametrize("name", [lambda p: p.entra_id, lambda p: p.email.upper(), bot_id], ids=["id", "mail", "29"])
async def test_a_member_is_found_by_any_of_their_ids(served, general, name):
    """Object id, principal name and the bot's own id lead to the same person, with all the ids there are."""
    amara = served.world.people[0]

    answer = await served.http.get(members(general, f"members/{name(amara)}"))

    assert answer.status_code == 200
    assert answer.json() == {
        "id": bot_id(amara),
        "objectId": amara.entra_id,
        "aadObjectId": amara.entra_id,
        "name": amara.name,
        "givenName": "Amara",
        "surname": "Okafor",
        "email": amara.email,
        "userPrincipalName": amara.email,
        "tenantId": served.world.tenant_id,
        "userRole": "user",
    }


async def test_a_channel_and_a_thread_of_it_have_the_members_of_the_team(served):
    """The conversation that is asked about may be any channel, with or without one of its messages."""
    channel, amara = await served.channel(), served.world.people[0]
    message = (await served.say(channel, body={"content": "hello"})).json()["id"]

    for conversation in (channel, f"{channel};messageid={message}"):
        answer = await served.http.get(members(conversation, f"members/{amara.entra_id}"))
        assert answer.json()["objectId"] == amara.entra_id


@pytest.mark.parametrize("who", ["outsider", "nobody@contoso.example"])
async def test_somebody_who_is_not_in_the_team_is_not_found(served, general, who):
    """A person of the directory outside the team is as unknown here as somebody who never was."""
    outsider = next(person for person in served.world.people if not person.in_team)

    answer = await served.http.get(members(general, f"members/{outsider.email if who == 'outsider' else who}"))

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "MemberNotFoundInConversation")


async def test_members_are_listed_in_pages(served, general):
    """Each page says how to ask for the next, and the last one does not."""
    listed, token = [], ""
    for _ in served.world.people:
        query = {"pageSize": "2", **({"continuationToken": token} if token else {})}
        page = (await served.http.get(members(general, "pagedmembers"), params=query)).json()
        assert len(page["members"]) <= 2
        listed += [member["objectId"] for member in page["members"]]
        token = page.get("continuationToken")
        if not token:
            break

    assert listed == [person.entra_id for person in served.world.people if person.in_team]


async def test_all_members_fit_on_a_page_unless_told_otherwise(served, general):
    """Without a size, a small team is one page."""
    page = (await served.http.get(members(general, "pagedmembers"))).json()

    assert len(page["members"]) == sum(person.in_team for person in served.world.people)
    assert "continuationToken" not in page


@pytest.mark.parametrize("query", [{"pageSize": "-1"}, {"pageSize": "x"}, {"continuationToken": "9" * 40}])
async def test_a_page_that_is_none_is_refused(served, general, query):
    """A size or a token that is no number is a 400."""
    assert (await served.http.get(members(general, "pagedmembers"), params=query)).status_code == 400


@pytest.mark.parametrize("rest", ["pagedmembers", "members/anybody"])
async def test_a_bot_that_is_not_there_learns_nothing(served, general, rest):
    """Members are told where the app is installed, of conversations that there are."""
    assert (await served.http.get(members("19:none@thread.tacv2", rest))).status_code == 404
    served.bot.installed = False
    assert (await served.http.get(members(general, rest))).status_code == 403
