"""Members and users through the real Graph SDK."""

import pytest
from msgraph.generated.models.aad_user_conversation_member import AadUserConversationMember
from msgraph.generated.models.o_data_errors.o_data_error import ODataError


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
