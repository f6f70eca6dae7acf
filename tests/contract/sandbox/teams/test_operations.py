"""Archiving a channel, and what Graph accepts before it is done."""

from datetime import timedelta

import pytest
from msgraph.generated.models.teams_async_operation_status import TeamsAsyncOperationStatus
from msgraph.generated.models.teams_async_operation_type import TeamsAsyncOperationType
from msgraph.generated.teams.item.channels.item.archive.archive_post_request_body import ArchivePostRequestBody

from worker.sandbox.teams.team import OPERATION_LASTS


def channel_of(graph, served, channel):
    return graph.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel)


async def archive(served, channel, act="archive"):
    """The answer, whose operation is only just accepted."""
    return await served.http.post(f"{served.team_path}/channels/{channel}/{act}")


async def operation(served, accepted):
    return (await served.http.get("/graph/v1.0" + accepted.headers["Location"])).json()


async def stall(served, behaviour="stall"):
    await served.http.post("/sandbox/faults", json={"system": "graph", "behaviour": behaviour})


async def test_an_operation_is_accepted_under_way_and_done(app, served, conforms):
    """The channel is open until the operation has succeeded, and each state is of Graph's own type."""
    channel = await served.channel()
    accepted = await archive(served, channel)
    states = [await operation(served, accepted)]
    still_open = (await served.say(channel, body={"content": "in time"})).status_code
    for share in (2, 1):
        served.clock.move(OPERATION_LASTS / share)
        states.append(await operation(served, accepted))

    assert accepted.status_code == 202
    assert [state["status"] for state in states] == ["notStarted", "inProgress", "succeeded"]
    for state in states:
        conforms(state, "teamsAsyncOperation")
    assert still_open == 201
    assert (await channel_of(app, served, channel).get()).is_archived


async def test_the_sdk_reads_an_operation(app, served):
    """Microsoft's own client knows the kind and the state."""
    channel = await served.channel()
    accepted = await archive(served, channel)
    operations = app.teams.by_team_id(served.world.team_id).operations
    read = await operations.by_teams_async_operation_id(accepted.headers["Location"].rpartition("/")[2]).get()

    assert read.operation_type is TeamsAsyncOperationType.ArchiveChannel
    assert read.status is TeamsAsyncOperationStatus.NotStarted
    assert read.target_resource_id == channel


async def test_an_archived_channel_can_be_opened_again(app, served):
    """After unarchive, once it is done, the channel takes messages again."""
    channel = await served.channel()
    await channel_of(app, served, channel).archive.post(ArchivePostRequestBody())
    served.clock.move(OPERATION_LASTS)
    await channel_of(app, served, channel).unarchive.post()
    too_early = await served.say(channel, body={"content": "not yet"})
    served.clock.move(OPERATION_LASTS)

    assert too_early.status_code == 403
    assert (await served.say(channel, body={"content": "back"})).status_code == 201


async def test_an_archived_channel_is_still_listed(served):
    """It counts among the team's channels, and says that it is archived."""
    channel = await served.channel()
    await served.archive(channel)
    listed = (await served.http.get(f"{served.team_path}/channels")).json()["value"]

    assert [(each["id"], each["isArchived"]) for each in listed if each["id"] == channel] == [(channel, True)]


async def test_an_operation_hangs_until_it_is_let_go(served):
    """Told to stall, what is accepted stays under way for any length of time; afterwards it ends."""
    await stall(served)
    channel = await served.channel()
    accepted = await archive(served, channel)
    served.clock.move(timedelta(hours=1))
    hanging = await operation(served, accepted)
    said = await served.say(channel, body={"content": "still open"})
    await served.http.delete("/sandbox/faults?system=graph")

    assert (hanging["status"], said.status_code) == ("inProgress", 201)
    assert (await operation(served, accepted))["status"] == "succeeded"


async def test_an_operation_that_fails_says_so_and_changes_nothing(served, conforms):
    """What was accepted may fail in the end; the channel is as it was."""
    await stall(served, "fail-later")
    channel = await served.channel()
    accepted = await archive(served, channel)
    served.clock.move(OPERATION_LASTS)
    failed = await operation(served, accepted)

    conforms(failed, "teamsAsyncOperation")
    assert failed["status"] == "failed"
    assert failed["error"]["message"]
    assert (await served.say(channel, body={"content": "open"})).status_code == 201


async def test_a_channel_that_is_deleted_meanwhile_fails_its_operation(served):
    """There is nothing left to archive."""
    channel = await served.channel()
    accepted = await archive(served, channel)
    await served.http.delete(f"{served.team_path}/channels/{channel}")
    served.clock.move(OPERATION_LASTS)

    assert (await operation(served, accepted))["status"] == "failed"


async def refused_without_grant(served, channel):
    await served.act("grants", **{"ChannelSettings.ReadWrite.All": False})
    return await archive(served, channel)


async def refused_in_an_archived_team(served, channel):
    await served.act("archive-team")
    return await archive(served, channel)


async def refused_twice(served, channel):
    await served.archive(channel)
    return await archive(served, channel)


async def refused_open(served, channel):
    return await archive(served, channel, "unarchive")


async def refused_primary(served, channel):
    return await archive(served, served.teams.primary_channel.id)


async def refused_unknown(served, channel):
    return await archive(served, "19%3Anone%40thread.tacv2")


async def refused_body(served, channel):
    body = {"shouldSetSpoSiteReadOnlyForMembers": "yes"}
    return await served.http.post(f"{served.team_path}/channels/{channel}/archive", json=body)


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (refused_without_grant, 403, "API requires one of 'ChannelSettings.ReadWrite.All'"),
        (refused_in_an_archived_team, 400, "Team has to be active, for channel to be archived or unarchived"),
        (refused_twice, 400, "already archived"),
        (refused_open, 400, "not archived"),
        (refused_primary, 400, "General"),
        (refused_unknown, 404, "does not exist"),
        (refused_body, 400, "shouldSetSpoSiteReadOnlyForMembers"),
    ],
)
async def test_what_cannot_be_archived_is_refused(served, refusal, status, words):
    """Each with its status and a sentence, and no operation."""
    channel = await served.channel()
    answer = await refusal(served, channel)

    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]
    assert "Location" not in answer.headers


async def test_nothing_is_done_in_an_archived_channel(served):
    """Nobody writes, answers, changes, deletes or reacts there, by Graph, by the bot or by hand."""
    channel = await served.channel()
    said = (await served.act("say", channel=channel, person="amara@contoso.example", text="first")).json()["id"]
    own = await served.bot_says(channel)
    await served.archive(channel)
    of = {"channel": channel, "message": said, "person": "bruno@contoso.example"}
    thread = f"/bot/v3/conversations/{channel};messageid={own}/activities"

    answers = [
        await served.act("say", channel=channel, person="amara@contoso.example", text="late"),
        await served.act("say", channel=channel, person="amara@contoso.example", text="late", reply_to=said),
        await served.act("edit", text="other", **of),
        await served.act("delete", **of),
        await served.act("react", reaction="like", **of),
        await served.act("unreact", reaction="like", **of),
        await served.say(channel, body={"content": "late"}),
        await served.http.post(thread, json={"type": "message", "text": "late"}),
        await served.http.put(f"{thread}/{own}", json={"type": "message", "text": "late"}),
        await served.http.delete(f"{thread}/{own}"),
        await served.http.patch(f"{served.team_path}/channels/{channel}", json={"displayName": "other"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert all("archived" in answer.json()["error"]["message"] for answer in answers)


async def test_an_operation_outlives_a_restart(restartable):
    """What was accepted before is done afterwards, and grants that were taken stay taken."""
    async with restartable() as before:
        channel = await before.channel()
        accepted = await archive(before, channel)
        await before.act("grants", **{"TeamMember.ReadWrite.All": False})
        before.clock.move(OPERATION_LASTS)

    async with restartable() as after:
        assert (await operation(after, accepted))["status"] == "succeeded"
        assert after.teams.state()["grants"]["TeamMember.ReadWrite.All"] is False
