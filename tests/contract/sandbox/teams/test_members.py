"""Members and users through the real Graph SDK."""

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.aad_user_conversation_member import AadUserConversationMember
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.teams.item.members.members_request_builder import MembersRequestBuilder


def members(graph, served):
    return graph.teams.by_team_id(served.world.team_id).members


def bound(served, user_id):
    address = f"https://graph.microsoft.com/v1.0/users('{user_id}')"
    return AadUserConversationMember(roles=[], additional_data={"user@odata.bind": address})


async def test_the_team_names_its_members(app, served):
    """The members are the people of the world who are in the team, with their directory ids."""
    listed = (await members(app, served).get()).value

    assert {m.user_id for m in listed} == {p.entra_id for p in served.world.people if p.in_team}
    assert all(isinstance(member, AadUserConversationMember) for member in listed)


async def test_a_person_of_the_directory_can_be_added(app, served):
    """Adding somebody makes them a member, once, however often it is done."""
    outsider = next(person for person in served.world.people if not person.in_team)

    added = await members(app, served).post(bound(served, outsider.entra_id))
    await members(app, served).post(bound(served, outsider.entra_id))

    assert added.display_name == outsider.name
    listed = (await members(app, served).get()).value
    assert [m.user_id for m in listed].count(outsider.entra_id) == 1


async def test_the_owners_and_guests_of_a_team_are_told_by_their_roles(app, served):
    """Everybody else has none."""
    listed = (await members(app, served).get()).value

    roles = {member.display_name: member.roles for member in listed if member.roles}
    assert roles == {"Siobhan O'Neil": ["owner"], "Lena (Fabrikam)": ["guest"]}


async def test_members_are_told_in_pages(app, served):
    """Each page leads to the next, and together they are all."""
    query = MembersRequestBuilder.MembersRequestBuilderGetQueryParameters(top=3)
    page = await members(app, served).get(RequestConfiguration(query_parameters=query))
    found = [member.user_id for member in page.value]
    while page.odata_next_link:
        page = await members(app, served).with_url(page.odata_next_link).get()
        found += [member.user_id for member in page.value]

    assert found == [person.entra_id for person in served.world.people if person.in_team]


async def guest_outside(served):
    """The id of a guest who was taken out of the team."""
    guest = next(person for person in served.world.people if person.is_guest)
    membership = served.teams.members.to_json(guest)["id"]
    assert (await served.http.delete(f"{served.team_path}/members/{membership}")).status_code == 204
    return guest.entra_id


async def test_an_application_adds_no_guest(app, served):
    """Graph leaves guests to people; a person adds one as a guest, never as an owner."""
    guest = await guest_outside(served)
    with pytest.raises(ODataError) as refused:
        await members(app, served).post(bound(served, guest))
    path, body = f"{served.team_path}/members", {"user@odata.bind": f"https://x/users('{guest}')"}
    as_owner = await served.http.post(path, json={**body, "roles": ["owner"]}, headers=served.person)
    as_guest = await served.http.post(path, json=body, headers=served.person)

    assert refused.value.response_status_code == 403
    assert (as_owner.status_code, as_guest.status_code) == (400, 201)
    assert as_guest.json()["roles"] == ["guest"]


@pytest.mark.parametrize(
    ("grants", "statuses"),
    [
        ({"TeamMember.ReadWrite.All": False}, [200, 403]),
        ({"TeamMember.Read.Group": False}, [200, 201]),
        ({"TeamMember.ReadWrite.All": False, "TeamMember.Read.Group": False}, [403, 403]),
    ],
)
async def test_members_are_read_and_added_with_a_grant_alone(served, grants, statuses):
    """Whoever may add may read; the permission that is missing is named."""
    await served.act("grants", **grants)
    outsider = next(person for person in served.world.people if not person.in_team)
    body = {"user@odata.bind": f"https://x/users('{outsider.entra_id}')"}
    answers = [
        await served.http.get(f"{served.team_path}/members"),
        await served.http.post(f"{served.team_path}/members", json=body),
    ]

    assert [answer.status_code for answer in answers] == statuses
    refused = [answer.json()["error"]["message"] for answer in answers if answer.status_code == 403]
    assert all("TeamMember.ReadWrite.All" in sentence for sentence in refused)


async def test_nobody_is_added_whom_the_directory_does_not_know(app, served):
    """An unknown user id is a 404 and adds nobody."""
    with pytest.raises(ODataError) as refused:
        await members(app, served).post(bound(served, "nobody"))

    assert refused.value.response_status_code == 404


async def test_a_member_without_its_user_is_refused(app, served):
    """A body that binds no user is a 400."""
    with pytest.raises(ODataError) as refused:
        await members(app, served).post(AadUserConversationMember(roles=[]))

    assert refused.value.response_status_code == 400


async def test_a_standard_channel_has_the_members_of_its_team(app, served):
    """Asked for a standard channel's members, Graph names the team's."""
    channel = await served.channel()
    listed = await app.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).members.get()

    assert len(listed.value) == sum(person.in_team for person in served.world.people)


async def test_a_user_is_found_by_id_and_by_name(app, served):
    """The directory knows a person by object id and by principal name, whatever its case."""
    amara = served.world.people[0]

    by_id = await app.users.by_user_id(amara.entra_id).get()
    by_name = await app.users.by_user_id(amara.email.upper()).get()

    assert by_id.user_principal_name == amara.email
    assert by_name.id == amara.entra_id


async def test_an_unknown_user_is_a_404(app, served):
    """An address in nobody's directory is not found."""
    with pytest.raises(ODataError) as refused:
        await app.users.by_user_id("gone@contoso.example").get()

    assert refused.value.response_status_code == 404


async def test_the_team_says_its_name(app, served):
    """The team itself can be read: the cheapest check of a team id."""
    team = await app.teams.by_team_id(served.world.team_id).get()

    assert team.display_name == served.world.team
