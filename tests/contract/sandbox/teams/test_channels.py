"""Channels through the real Graph SDK: made, found, renamed, deleted, and refused."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.channel import Channel
from msgraph.generated.models.channel_membership_type import ChannelMembershipType
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.teams.item.channels.channels_request_builder import ChannelsRequestBuilder

from worker.sandbox.teams.channels import MOST_CHANNELS

Query = ChannelsRequestBuilder.ChannelsRequestBuilderGetQueryParameters


def channels(graph, served):
    return graph.teams.by_team_id(served.world.team_id).channels


async def create(graph, served, name="inc-2041-checkout", description=None):
    return await channels(graph, served).post(Channel(display_name=name, description=description))


async def find(graph, served, query):
    found = await channels(graph, served).get(RequestConfiguration(query_parameters=query))
    return found.value


async def test_a_channel_is_created_with_an_id_and_an_address_of_the_real_shape(app, served):
    """An application may create a standard channel and is answered with its id and an opaque address."""
    made = await create(app, served, description="incident-key:k-1")

    assert made.id.startswith("19:")
    assert made.id.endswith("@thread.tacv2")
    assert made.display_name == "inc-2041-checkout"
    assert made.description == "incident-key:k-1"
    assert made.membership_type is ChannelMembershipType.Standard
    assert quote(made.id, safe="") in made.web_url


async def test_answers_are_of_graphs_own_types(served, conforms):
    """Channel, team and member answers hold no property that Graph's metadata does not know."""
    made = await served.http.post(f"{served.team_path}/channels", json={"displayName": "inc-1"})
    listed = await served.http.get(f"{served.team_path}/channels")
    team = await served.http.get(served.team_path)
    members = await served.http.get(f"{served.team_path}/members")

    conforms(made.json(), "channel")
    conforms(team.json(), "team")
    for channel in listed.json()["value"]:
        conforms(channel, "channel")
    for member in members.json()["value"]:
        conforms(member, "aadUserConversationMember")


async def test_the_address_of_a_channel_leads_people_to_the_page(app, served):
    """Following a channel's web address ends at its place on the people's page."""
    made = await create(app, served)

    answer = await served.http.get(made.web_url)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/#channel-{made.id}"
    assert urlsplit(made.web_url).netloc == urlsplit(served.server.url).netloc


async def test_a_channel_is_found_by_its_name_without_regard_to_case(app, served):
    """`$filter=displayName eq` finds a channel whatever the case of its letters."""
    made = await create(app, served, "inc-2041-it-s-down")

    found = await find(app, served, Query(filter="displayName eq 'INC-2041-IT-S-DOWN'"))

    assert [channel.id for channel in found] == [made.id]


async def test_a_quote_in_a_filter_is_doubled_and_breaks_nothing(app, served):
    """A doubled quote is one quote of the value, and cannot end it."""
    await create(app, served)

    assert await find(app, served, Query(filter="displayName eq 'x'' or displayName ne '''")) == []


async def test_select_answers_only_what_was_selected(served):
    """With `$select` other properties are left out."""
    answer = await served.http.get(f"{served.team_path}/channels", params={"$select": "id,displayName"})

    assert set(answer.json()["value"][0]) == {"id", "displayName"}


async def test_a_long_list_is_told_in_pages(served):
    """Each but the last names the next, which keeps what was asked for; nobody chooses their size."""
    for number in range(1, 600):
        served.teams.channels.create(f"inc-{number}", None, by="somebody", now=served.clock())
    url, pages = f"{served.team_path}/channels?$select=id,displayName&$filter=membershipType eq 'standard'", []
    while url:
        answer = (await served.http.get(url)).json()
        pages.append(answer["value"])
        url = answer.get("@odata.nextLink")

    assert [len(page) for page in pages] == [500, 100]
    listed = [channel for page in pages for channel in page]
    assert [channel["displayName"] for channel in listed] == ["General", *(f"inc-{n}" for n in range(1, 600))]
    assert all(set(channel) == {"id", "displayName"} for channel in listed)


@pytest.mark.parametrize(
    "query",
    [
        {"$filter": "startswith(displayName,'inc')"},
        {"$filter": "displayName eq 'x' or displayName ne 'x'"},
        {"$select": "id,secret"},
        {"$orderby": "displayName"},
        {"$top": "5"},
        {"$skiptoken": "x"},
        {"$filter": "contains(description,'inc')"},
        {"$filter": "description eq 'inc'"},
    ],
)
async def test_other_query_options_are_refused(served, query):
    """What Graph's channel list does not support is a 400, not silently everything."""
    answer = await served.http.get(f"{served.team_path}/channels", params=query)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"


async def test_a_taken_name_is_refused_in_both_shapes_that_were_seen(app, served):
    """A name is unique without regard to case; the refusal's code is at the top once and nested the next time."""
    await create(app, served, "inc-1")

    with pytest.raises(ODataError) as first:
        await create(app, served, "INC-1")
    with pytest.raises(ODataError) as second:
        await create(app, served, "inc-1")

    assert first.value.response_status_code == second.value.response_status_code == 400
    assert first.value.error.code == "NameAlreadyExists"
    assert second.value.error.code == "BadRequest"
    assert second.value.error.inner_error.additional_data["code"] == "NameAlreadyExists"
    assert second.value.error.inner_error.request_id


async def test_a_deleted_channel_keeps_its_name_for_thirty_days_and_is_not_listed(app, served):
    """After a deletion the name is taken, the list does not say by what, and a month later it is free."""
    made = await create(app, served, "inc-1")
    await channels(app, served).by_channel_id(made.id).delete()

    assert await find(app, served, Query(filter="displayName eq 'inc-1'")) == []
    with pytest.raises(ODataError):
        await create(app, served, "inc-1")
    served.clock.move(timedelta(days=30))
    assert (await create(app, served, "inc-1")).id != made.id


@pytest.mark.parametrize(
    "name",
    [
        *(f"inc{character}1" for character in "~#%&*{}+/\\:<>?|'\",\x00\x1f\x80\x9f"),
        "inc..1",
        "_inc",
        ".inc",
        "inc.",
        "con",
        "COM1",
        "lpt9",
        "Forms",
        "desktop.ini",
        "a_vti_b",
        "",
        "   ",
        "x" * 51,
    ],
)
async def test_names_that_teams_forbids_are_refused(served, name):
    """A name with a forbidden character, a reserved word or a wrong length makes no channel."""
    answer = await served.http.post(f"{served.team_path}/channels", json={"displayName": name})

    assert answer.status_code == 400
    assert len(served.teams.state()["channels"]) == 1


async def test_a_name_of_fifty_characters_is_taken(app, served):
    """Fifty characters are the longest name, not one too many."""
    assert (await create(app, served, "x" * 50)).display_name == "x" * 50


@pytest.mark.parametrize("kind", ["private", "shared"])
async def test_private_and_shared_channels_are_refused_clearly(served, kind):
    """A kind of channel that the sandbox does not have is a 400 that says so."""
    body = {"displayName": "inc-1", "membershipType": kind}
    answer = await served.http.post(f"{served.team_path}/channels", json=body)

    assert answer.status_code == 400
    assert kind in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"displayName": 5}', b"[" * 5000])
async def test_bodies_that_are_no_channel_are_refused(served, body):
    """Broken JSON, other types and deep nesting are a 400."""
    answer = await served.http.post(f"{served.team_path}/channels", content=body)

    assert answer.status_code == 400


async def test_a_description_longer_than_graph_takes_is_refused(app, served):
    """1,024 characters of description are taken, one more is not."""
    assert await create(app, served, "inc-1", "d" * 1024)
    with pytest.raises(ODataError, match="longer than 1024"):
        await create(app, served, "inc-2", "d" * 1025)


async def test_a_team_holds_a_thousand_channels_deleted_ones_included(served):
    """The quota counts deleted channels too, until their names are free again."""
    for number in range(MOST_CHANNELS - 1):
        served.teams.channels.create(f"inc-{number}", None, by="test", now=served.clock())
    served.teams.channels.delete(next(c for c in served.teams.channels if c.name == "inc-7"), served.clock())

    refused = await served.http.post(f"{served.team_path}/channels", json={"displayName": "one-more"})
    served.clock.move(timedelta(days=30))

    assert refused.status_code == 403
    assert "Max allowed channels" in refused.json()["error"]["message"]
    assert await served.channel("one-more")


async def test_a_channel_is_renamed_and_described_anew(app, served):
    """A patch changes what it names and leaves the rest; it may not take another channel's name."""
    made = await create(app, served, "inc-1", "incident-key:k-1")
    await create(app, served, "inc-2")
    channel = channels(app, served).by_channel_id(made.id)

    await channel.patch(Channel(display_name="INC-1"))
    with pytest.raises(ODataError):
        await channel.patch(Channel(display_name="inc-2"))

    kept = await channel.get()
    assert (kept.display_name, kept.description) == ("INC-1", "incident-key:k-1")


@pytest.mark.parametrize("path", ["/channels/19%3Anone%40thread.tacv2", "/channels/x/messages", "/operations/x"])
async def test_what_is_not_there_is_a_404_in_graphs_shape(served, path):
    """An unknown channel or operation is answered with code, message and the ids that support asks for."""
    answer = await served.http.get(served.team_path + path, headers={"client-request-id": "mine"})

    error = answer.json()["error"]
    assert answer.status_code == 404
    assert error["code"] == "NotFound"
    assert error["innerError"]["client-request-id"] == "mine"
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}


async def test_another_team_is_not_there(served):
    """A team id that is not the sandbox's is a 404."""
    assert (await served.http.get("/graph/v1.0/teams/0/channels")).status_code == 404


async def test_a_lagging_list_does_not_show_what_is_new(app, served):
    """Told to lag, lists miss a new channel for so long; reading it by its id does not."""
    await served.http.post("/sandbox/faults", json={"system": "graph", "behaviour": "lag", "seconds": 30})
    made = await create(app, served, "inc-1")
    query = Query(filter="displayName eq 'inc-1'")

    assert await find(app, served, query) == []
    assert (await channels(app, served).by_channel_id(made.id).get()).id == made.id
    served.clock.move(timedelta(seconds=30))
    assert len(await find(app, served, query)) == 1


async def test_a_restarted_sandbox_still_has_its_channels(restartable):
    """Channels, taken names and members are there after a restart."""
    async with restartable() as before:
        channel_id = await before.channel("inc-1")
        gone = await before.channel("inc-2")
        await before.http.delete(f"{before.team_path}/channels/{gone}")
        state = before.teams.state()

    async with restartable() as after:
        assert after.teams.state() == state
        assert (await after.http.get(f"{after.team_path}/channels/{channel_id}")).status_code == 200
        taken = await after.http.post(f"{after.team_path}/channels", json={"displayName": "inc-2"})
        assert taken.status_code == 400
