"""What the stand-in does at the level of frames, where the SDK does not look or does not go."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from azure.servicebus._pyamqp.utils import generate_sas_token

from worker.sandbox.service_bus import output
from worker.sandbox.service_bus.codec import Described, Int, Long, Symbol, UInt, ULong, decode, encode
from worker.sandbox.service_bus.frames import AMQP_HEADER, SASL, SASL_HEADER, frame_bytes
from worker.sandbox.service_bus.performatives import (
    STATES,
    Accepted,
    Attach,
    Begin,
    Close,
    Composite,
    Detach,
    Disposition,
    End,
    Flow,
    Modified,
    Open,
    Received,
    Rejected,
    SaslInit,
    SaslOutcome,
    Source,
    Target,
    Transfer,
    parse,
)
from worker.sandbox.service_bus.sections import split
from worker.sandbox.service_bus.server import KEY, KEY_NAME

QUEUE = "incidents"


def data(body: bytes) -> bytes:
    return encode(Described(ULong(0x75), body))


def body_of(payload: bytes) -> bytes:
    """Return the data section, which is the last in the messages here."""
    return payload[payload.rindex(b"\x00\x53\x75") + 3 :]


def receipt(first: int, state: Composite, last: int | None = None, *, settled: bool = False) -> Disposition:
    return Disposition(role=True, first=first, last=last, settled=settled, state=state)


async def test_every_reply_carries_all_fields_that_the_sdk_reads_by_place(server, peers):
    """Attach, begin and errors come as full lists, with the initial delivery count where we send."""
    peer = await peers.open(server)

    peer.send(Attach("r", 1, role=True, source=Source(QUEUE).described(), target=Target("x").described()))
    frame = await peer.exactly(4)
    raw = await peer.exactly(int.from_bytes(frame, "big") - 4)

    fields = decode(raw[4:]).value
    assert len(fields) == 14
    assert fields[9] == 0


async def test_credit_is_a_limit_to_the_delivery_count(server, peers):
    """Credit given again after an empty wait does not add to what was delivered meanwhile."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 2)
    peer.transfer(data(b"one"))
    await both(peer)

    peer.grant(1, 2, count=0)
    for body in (b"two", b"three"):
        peer.transfer(data(body))
    seen = [await peer.frame(Transfer, Disposition, Flow) for _ in range(3)]

    assert sum(isinstance(frame, Transfer) for frame, _ in seen) == 1
    assert server.broker.counts(QUEUE).active == 3


async def both(peer) -> None:
    """Read an acknowledgement and a delivery, in whatever order they come."""
    kinds = {type((await peer.frame(Transfer, Disposition))[0]) for _ in range(2)}
    assert kinds == {Transfer, Disposition}


async def test_drain_uses_up_what_credit_is_left(server, peers):
    """A drained link gets what there is, then a flow that has advanced the count and has no credit."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("only")
    await peer.attach_receiver(QUEUE)

    peer.grant(1, 10, drain=True)

    await peer.expect(Transfer)
    flow = await peer.expect(Flow)
    assert (flow.drain, flow.link_credit, flow.delivery_count) == (True, 0, 10)


async def test_the_session_window_holds_transfers_back(server, peers):
    """With a window of one frame the second message comes only after the window was opened again."""
    peer = await peers.open(server, window=50)
    await peer.attach_sender(QUEUE)
    await peer.publish("one", "two")
    await peer.attach_receiver(QUEUE)
    sent = 1  # the answer about the token

    peer.send(Flow(sent, 1, 0, 5000, 1, 0, 10))
    first = await peer.expect(Transfer)
    peer.send(Flow(sent + 1, 0, 0, 5000, echo=True))
    await peer.expect(Flow)
    peer.send(Flow(sent + 1, 1, 0, 5000))
    second = await peer.expect(Transfer)

    assert second.delivery_id == first.delivery_id + 1


async def test_delivery_ids_count_messages_and_not_frames(server, peers):
    """Messages cut into many frames keep consecutive delivery ids, and only the first frame names one."""
    peer = await peers.open(server, max_frame_size=512)
    await peer.attach_sender(QUEUE)
    bodies = [bytes([number]) * 3000 for number in range(2)]
    for body in bodies:
        peer.transfer(data(body))
        await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 2)

    ids, contents = [], []
    for _ in bodies:
        content, more = b"", True
        while more:
            frame = await peer.expect(Transfer)
            content, more = content + peer.payload, frame.more
            ids += [] if frame.delivery_id is None else [frame.delivery_id]
        contents.append(content)

    assert ids[1] == ids[0] + 1
    assert [content[-3000:] for content in contents] == bodies


async def test_a_message_of_many_frames_is_one_message(server, peers):
    """Frames with `more` are put together; an aborted delivery leaves nothing."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    content = data(b"x" * 1000)

    peer.transfer(content[:400], more=True)
    peer.send(Transfer(0, more=True, aborted=True))
    peer.transfer(content[:400], more=True, delivery_id=1)
    peer.send(Transfer(0), content[400:])

    assert (await peer.expect(Disposition)).first == 1
    assert server.broker.counts(QUEUE).active == 1


async def test_a_sender_is_given_new_credit_in_time(server, peers):
    """Before a thousand messages are through there is credit for a thousand more, acknowledged or not."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    first = await peer.expect(Flow)

    for number in range(600):
        peer.transfer(data(b"x"), delivery_id=number, settled=True)
    second = await peer.expect(Flow)

    assert (first.delivery_count, first.link_credit) == (0, 1000)
    assert 0 < second.delivery_count <= 600
    assert second.link_credit == 1000


async def test_the_window_for_what_comes_in_is_opened_again(server, peers):
    """A session that receives thousands of frames is told so before its window is used up."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)

    for number in range(2600):
        peer.transfer(data(b"x"), delivery_id=number, settled=True)
    flow = await peer.expect(Flow)
    while flow.handle is not None:
        flow = await peer.expect(Flow)

    assert flow.incoming_window == 5000
    assert flow.next_incoming_id > 2000


async def test_a_message_over_the_limit_is_rejected_and_then_the_link_detached(server, peers):
    """The rejection comes first: the SDK takes the cause from it and gives up at the detach."""
    peer = await peers.open(server)
    reply = await peer.attach_sender(QUEUE)
    for number in range(6):
        peer.transfer(b"x" * 50_000, more=True, delivery_id=0 if number == 0 else None)

    rejected = await peer.expect(Disposition)
    detached = await peer.expect(Detach)

    assert reply.max_message_size == 256 * 1024
    assert parse(rejected.state, Rejected).error.condition == "amqp:link:message-size-exceeded"
    assert detached.closed
    assert detached.error.condition == "amqp:link:message-size-exceeded"


@pytest.mark.parametrize(
    ("outcome", "active", "dead"),
    [
        (Accepted(), 0, 0),
        (Modified(delivery_failed=True), 1, 0),
        (Rejected(), 0, 1),
    ],
)
async def test_a_settlement_is_answered_with_the_same_outcome(server, peers, outcome, active, dead):
    """The SDK believes only an answer that is settled and has the outcome it asked for, rejected without an error."""
    peer, delivery = await holding(server, peers)

    peer.send(receipt(delivery.delivery_id, outcome))

    answer = await peer.expect(Disposition)
    assert (answer.role, answer.settled, answer.first) == (False, True, delivery.delivery_id)
    assert parse(answer.state, *STATES) == outcome
    counts = server.broker.counts(QUEUE)
    assert (counts.active, counts.dead_lettered) == (active, dead)


async def holding(server, peers):
    """Return a peer that has received one message."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("held")
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 1)
    return peer, await peer.expect(Transfer)


async def test_a_delivery_tag_is_the_lock_token_in_the_byte_order_of_dotnet(server, peers):
    """The tag is what the management protocol takes as the token."""
    peer, delivery = await holding(server, peers)
    token = UUID(bytes_le=delivery.delivery_tag)

    status, _ = await peer.manage(
        "com.microsoft:update-disposition", {"disposition-status": "completed", "lock-tokens": [token]}
    )

    assert status["statusCode"] == 200
    assert server.broker.counts(QUEUE).active == 0


@pytest.mark.parametrize(
    "outcome",
    [Modified(delivery_failed=True, undeliverable_here=True), Modified(message_annotations={Symbol("a"): "b"})],
)
async def test_outcomes_that_are_not_built_fail_with_a_sentence(server, peers, outcome):
    """Deferring, and changing properties, is rejected with an error, and the message stays locked."""
    peer, delivery = await holding(server, peers)

    peer.send(receipt(delivery.delivery_id, outcome))

    error = parse((await peer.expect(Disposition)).state, Rejected).error
    assert error.condition == "amqp:not-implemented"
    assert server.broker.counts(QUEUE).active == 1


async def test_a_range_over_all_delivery_ids_settles_what_there_is(server, peers):
    """A disposition over two billion ids costs no more than one over two; one that runs backwards settles nothing."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("one", "two", "three")
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 3)
    first, second, third = [(await peer.expect(Transfer)).delivery_id for _ in range(3)]

    peer.send(receipt(third, Accepted(), last=first))
    peer.send(receipt(second, Accepted(), last=second + 2**31 - 2))

    assert [(await peer.expect(Disposition)).first for _ in range(2)] == [second, third]
    assert server.broker.counts(QUEUE).active == 1


async def test_released_messages_come_back_uncounted(server, peers):
    """Releasing is no failed delivery."""
    peer, delivery = await holding(server, peers)

    peer.send(receipt(delivery.delivery_id, parse(Described(ULong(0x26), []), *STATES), settled=True))
    peer.grant(1, 1, count=1)
    await peer.expect(Transfer)

    assert server.snapshot()[QUEUE]["messages"][0]["delivery_count"] == 0


async def test_settling_after_the_lock_was_lost_says_so(house, server, peers):
    """Both ways, by link and by management, the condition is message-lock-lost."""
    peer, delivery = await holding(server, peers)
    house.later(timedelta(seconds=31))
    token = UUID(bytes_le=delivery.delivery_tag)

    peer.send(receipt(delivery.delivery_id, Accepted()))
    by_link = parse((await peer.expect(Disposition)).state, Rejected).error.condition
    status, _ = await peer.manage(
        "com.microsoft:update-disposition", {"disposition-status": "completed", "lock-tokens": [token]}
    )

    assert by_link == "com.microsoft:message-lock-lost"
    assert (status["statusCode"], status["errorCondition"]) == (410, "com.microsoft:message-lock-lost")


async def test_a_muted_settlement_is_applied_and_not_answered(server, peers):
    """The message is gone; the next settlement is answered again."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("one", "two")
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 2)
    first, second = await peer.expect(Transfer), await peer.expect(Transfer)
    server.faults.inject("mute", times=1)

    peer.send(receipt(first.delivery_id, Accepted()))
    peer.send(receipt(second.delivery_id, Accepted()))

    assert (await peer.expect(Disposition)).first == second.delivery_id
    assert server.broker.counts(QUEUE).active == 0
    assert server.faults.active() == {}


async def test_a_muted_settlement_by_management_is_not_answered_either(server, peers):
    """The request is accepted and applied; the next answer on the link is that to another request."""
    peer, delivery = await holding(server, peers)
    settle = {"disposition-status": "completed", "lock-tokens": [UUID(bytes_le=delivery.delivery_tag)]}
    await peer.manage("com.microsoft:peek-message", {"from-sequence-number": Long(9), "message-count": Int(1)})
    server.faults.inject("mute")

    operation = encode(Described(ULong(0x74), {"operation": "com.microsoft:update-disposition"}))
    peer.transfer(operation + encode(Described(ULong(0x77), settle)), handle=20)
    await peer.expect(Disposition)
    server.faults.clear()

    assert (await peer.manage("unknown", {}))[0]["statusCode"] == 501
    assert server.broker.counts(QUEUE).active == 0


async def test_a_dead_letter_by_management_carries_its_reason(server, peers):
    """Empty texts, which the SDK sends for none, are none."""
    peer, delivery = await holding(server, peers)
    settle = {
        "disposition-status": "suspended",
        "lock-tokens": [UUID(bytes_le=delivery.delivery_tag)],
        "deadletter-reason": "Undecodable",
        "deadletter-description": "",
    }

    await peer.manage("com.microsoft:update-disposition", settle)

    (letter,) = server.snapshot()[QUEUE]["dead_letters"]
    assert (letter["dead_letter_reason"], letter["dead_letter_description"]) == ("Undecodable", None)


async def test_a_disposition_without_an_outcome_settles_nothing(house, server, peers):
    """Neither `received` nor nothing at all gives up the lock; it runs out in its own time."""
    peer, delivery = await holding(server, peers)

    peer.send(receipt(delivery.delivery_id, Received(0, 0)))
    peer.send(Disposition(role=True, first=delivery.delivery_id))
    peer.send(Disposition(role=False, first=delivery.delivery_id, settled=True))
    peer.send(Disposition(role=True, first=delivery.delivery_id, settled=True))
    peer.send(receipt(delivery.delivery_id, Accepted()))
    peer.grant(1, 1, count=1)
    house.later(timedelta(seconds=31))

    await peer.expect(Transfer)
    assert server.snapshot()[QUEUE]["messages"][0]["delivery_count"] == 1


async def test_a_modified_message_that_did_not_fail_comes_back_uncounted(server, peers):
    """Only `delivery-failed` counts."""
    peer, delivery = await holding(server, peers)

    peer.send(receipt(delivery.delivery_id, Modified()))
    await peer.expect(Disposition)

    assert server.snapshot()[QUEUE]["messages"][0]["delivery_count"] == 0


async def test_locks_outlive_the_connection(server, peers):
    """A message held by a lost connection is not given to the next one, which can settle it by its token."""
    peer, delivery = await holding(server, peers)
    await peer.close()
    other = await peers.open(server)
    await other.attach_receiver(QUEUE)

    other.grant(1, 1, drain=True)
    await other.expect(Flow)
    status, _ = await other.manage(
        "com.microsoft:update-disposition",
        {"disposition-status": "completed", "lock-tokens": [UUID(bytes_le=delivery.delivery_tag)]},
    )

    assert status["statusCode"] == 200


async def test_a_lost_connection_leaves_no_receiver_behind(server, peers):
    """Its credit is gone with it: the next message goes to somebody who is there."""
    lost, other = await peers.open(server), await peers.open(server)
    for peer in (lost, other):
        await peer.attach_receiver(QUEUE)
        peer.grant(1, 1, echo=True)
        await peer.expect(Flow)

    lost.writer.transport.abort()
    await other.attach_sender(QUEUE)
    await other.expect(Flow)
    other.transfer(data(b"for you"))
    await both(other)

    assert len(server.broker._subscribed) == 1


@pytest.mark.parametrize(
    ("attach", "condition"),
    [
        ({"role": True, "source": Source("nowhere")}, "amqp:unauthorized-access"),
        ({"role": True, "source": Source("incidents/$management/$management")}, "amqp:not-found"),
        ({"role": True, "source": Source(QUEUE, dynamic=True)}, "amqp:not-implemented"),
        ({"role": True, "source": Source(None)}, "amqp:not-found"),
        ({"role": True, "source": Source("sb://[")}, "amqp:unauthorized-access"),
        ({"role": True, "source": None}, "amqp:decode-error"),
        (
            {"role": True, "source": Source(QUEUE, filter={Symbol("com.microsoft:session-filter"): None})},
            "amqp:not-allowed",
        ),
        (
            {"role": True, "source": Source(QUEUE, filter={Symbol("apache.org:selector-filter:string"): "a"})},
            "amqp:not-implemented",
        ),
        ({"role": False, "target": Target("nowhere")}, "amqp:unauthorized-access"),
        ({"role": False, "target": Described(ULong(0x30), [])}, "amqp:not-implemented"),
    ],
)
async def test_what_cannot_be_attached_is_attached_to_nothing_and_detached(server, peers, attach, condition):
    """A refused link has neither source nor target and is closed with a sentence; the session goes on."""
    peer = await peers.open(server)
    for side in ("source", "target"):
        if isinstance(attach.get(side), Composite):
            attach = {**attach, side: attach[side].described()}

    peer.send(Attach("x", 5, **attach))
    reply = await peer.expect(Attach)
    detach = await peer.expect(Detach)
    peer.send(Detach(5, closed=True))

    assert (reply.source, reply.target) == (None, None)
    assert detach.closed
    assert detach.error.condition == condition
    assert detach.error.description.endswith(".")
    assert (await peer.attach_sender(QUEUE, handle=5)).target is not None


async def test_answers_that_nobody_takes_are_not_piled_up(server, peers):
    """A client that asks and gives no credit for answers is refused at last."""
    peer = await peers.open(server)
    await peer.attach_sender(f"{QUEUE}/$management", handle=3)
    await peer.attach_receiver(f"{QUEUE}/$management", handle=4)
    request = encode(Described(ULong(0x77), {}))

    for number in range(101):
        peer.transfer(request, handle=3, delivery_id=number)
    outcomes = [parse((await peer.expect(Disposition)).state, *STATES) for _ in range(101)]

    assert outcomes[:100] == [Accepted()] * 100
    assert outcomes[100].error.condition == "amqp:resource-limit-exceeded"


async def test_peeking_many_large_messages_ends_in_time(server, peers):
    """An answer is never much larger than a message may be: what does not fit is for the next peek."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    for _ in range(10):
        peer.transfer(data(bytes(60_000)))
        await peer.expect(Disposition)

    request = {"from-sequence-number": Long(1), "message-count": Int(10)}
    operation = encode(Described(ULong(0x74), {"operation": "com.microsoft:peek-message"}))
    await peer.attach_sender(f"{QUEUE}/$management", handle=3)
    await peer.attach_receiver(f"{QUEUE}/$management", handle=4)
    peer.grant(4, 1)
    peer.transfer(operation + encode(Described(ULong(0x77), request)), handle=3, delivery_id=100)
    content, more = b"", True
    while more:
        frame, payload = await peer.frame(Transfer, Disposition, Flow)
        if isinstance(frame, Transfer):
            content, more = content + payload, frame.more

    assert len(split(content).value_body()["messages"]) == 4


async def test_nobody_gets_in_without_a_token(server, peers):
    """A queue, and its management, are refused until a token was shown on this connection."""
    peer = await peers.stranger(server)

    for handle, address in enumerate((QUEUE, f"{QUEUE}/$management", f"{QUEUE}/$deadletterqueue")):
        await peer.attach_receiver(address, handle=handle)
        assert (await peer.expect(Detach)).error.condition == "amqp:unauthorized-access"


@pytest.mark.parametrize(
    "token",
    [
        "SharedAccessSignature sr=incidents&sig=x&se=99999999999&skn=RootManageSharedAccessKey",
        generate_sas_token("sb://127.0.0.1/incidents", KEY_NAME, KEY, 1_700_000_000),
        generate_sas_token("sb://127.0.0.1/others", KEY_NAME, KEY),
        generate_sas_token("sb://127.0.0.1/incident", KEY_NAME, KEY),
        generate_sas_token("sb://127.0.0.1/incidents", "Another", KEY),
        generate_sas_token("sb://127.0.0.1/incidents", KEY_NAME, "guessed"),
        "SharedAccessSignature " + "&".join(f"a{number}=1" for number in range(50)),
        "SharedAccessSignature se=" + "9" * 5000,
        "eyJhbGciOiJub25lIn0.e30.",
    ],
)
async def test_a_token_that_proves_nothing_is_answered_with_401(server, peers, token):
    """Unsigned, expired, malformed, of another kind: the answer is unauthorized, in a sentence without the key."""
    peer = await peers.stranger(server)

    answer = await peer.authorize(token=token)

    assert answer["status-code"] == 401
    assert "SAS_KEY_VALUE" not in answer["status-description"]


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("com.microsoft:get-session-state", {"session-id": "s"}, 501),
        ("com.microsoft:receive-by-sequence-number", {"sequence-numbers": [Long(1)]}, 501),
        (None, {}, 501),
        ("com.microsoft:peek-message", "no map", 400),
        ("com.microsoft:peek-message", {"from-sequence-number": "1"}, 400),
        ("com.microsoft:renew-lock", {"lock-tokens": "all"}, 400),
        ("com.microsoft:renew-lock", {"lock-tokens": [uuid4()]}, 410),
        ("com.microsoft:schedule-message", {"messages": [{"message": data(b"x")}]}, 400),
        ("com.microsoft:schedule-message", {"messages": [{"message": b"\x00"}]}, 400),
        ("com.microsoft:cancel-scheduled-message", {"sequence-numbers": [Long(9)]}, 404),
        ("com.microsoft:update-disposition", {"disposition-status": "defered", "lock-tokens": [uuid4()]}, 501),
        (
            "com.microsoft:update-disposition",
            {"disposition-status": "abandoned", "lock-tokens": [uuid4()], "properties-to-modify": {"a": "b"}},
            501,
        ),
    ],
)
async def test_a_management_request_that_cannot_be_served_is_answered(server, peers, operation, body, status):
    """What is not built, or not well formed, has a status, a condition and a sentence."""
    peer = await peers.open(server)

    answer, _ = await peer.manage(operation, body)

    assert answer["statusCode"] == status
    assert ":" in answer["errorCondition"]
    assert answer["statusDescription"].endswith(".")


@pytest.mark.parametrize("content", [b"", b"\x00\x53\x75", b"\x00\x53\x99\x40", b"\xff" * 40, data(b"a")[:-1]])
async def test_a_message_that_is_not_amqp_is_rejected_and_the_link_lives(server, peers, content):
    """Broken sections are the sender's fault and cost it only this message."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)

    peer.transfer(content)
    answer = await peer.expect(Disposition)
    if content:
        assert parse(answer.state, Rejected).error.condition == "amqp:decode-error"
    peer.transfer(data(b"well"), delivery_id=1)

    assert parse((await peer.expect(Disposition)).state, *STATES) == Accepted()


async def test_a_batch_with_one_broken_message_stores_none(server, peers):
    """A batch is all or nothing."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)

    peer.transfer(data(data(b"good")) + data(b"broken"), message_format=0x80013700)

    assert isinstance(parse((await peer.expect(Disposition)).state, *STATES), Rejected)
    assert server.broker.counts(QUEUE).active == 0


@pytest.mark.parametrize("message_format", [0x80013700, 7])
async def test_a_format_that_is_not_known_is_rejected(server, peers, message_format):
    """A batch of no messages is none, and other formats have no meaning here; requests are never batches."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.attach_sender(f"{QUEUE}/$management", handle=1)

    for handle in (0, 1):
        peer.transfer(encode(Described(ULong(0x77), "x")), handle=handle, message_format=message_format)
        assert isinstance(parse((await peer.expect(Disposition)).state, *STATES), Rejected)


async def test_on_cbs_there_is_nothing_but_tokens(server, peers):
    """Another operation than put-token is answered as not implemented."""
    peer = await peers.open(server)

    answer, _ = await peer.request("$cbs", {"operation": "delete-token"}, "x", handles=(10, 11))

    assert answer["status-code"] == 501


async def test_a_request_without_a_link_for_its_answer_is_rejected(server, peers):
    """The client would wait for ever."""
    peer = await peers.open(server)
    await peer.attach_sender(f"{QUEUE}/$management", handle=1)

    peer.transfer(encode(Described(ULong(0x77), {})), handle=1)

    error = parse((await peer.expect(Disposition)).state, Rejected).error
    assert error.condition == "amqp:not-allowed"


async def test_a_sender_that_asks_is_told_its_credit(server, peers):
    """A flow with `echo` is answered, for a link and for the session."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.expect(Flow)

    peer.send(Flow(0, 5000, 0, 5000, 0, echo=True))
    peer.send(Flow(0, 5000, 0, 5000, echo=True))

    assert [(await peer.expect(Flow)).link_credit for _ in range(2)] == [1000, None]


async def test_a_frame_for_a_handle_that_is_not_attached_ends_the_session(server, peers):
    """The end names the cause, and the connection can begin another session on the same channel."""
    peer = await peers.open(server)

    peer.transfer(data(b"x"), handle=99)
    ended = await peer.expect(End)
    peer.send(Detach(99))
    peer.send(Begin(None, 0, 10, 10))

    assert ended.error.condition == "amqp:session:unattached-handle"
    assert (await peer.expect(Begin)).remote_channel == 0


@pytest.mark.parametrize(
    "frames",
    [
        [Open("again")],
        [Begin(None, 0, 1, 1)],
        [Attach("x", 10, role=True)],
        [Attach("x", 5000, role=True)],
        [Transfer(11, 0, b"t")],
        [Transfer(10)],
    ],
)
async def test_a_client_that_breaks_the_rules_is_closed_with_the_reason(server, peers, frames):
    """Its connection ends in form, and the connection of another client notices nothing."""
    other = await peers.open(server)
    peer = await peers.open(server)

    for frame in frames:
        peer.send(frame)
    closed = await peer.expect(Close)
    peer.send(Close())

    assert closed.error.description.endswith(".")
    assert await peer.ended()
    assert await other.attach_sender(QUEUE)


async def test_the_first_frame_must_be_open(server, peers):
    """Anything else is refused, and the connection closed."""
    peer = await peers.dial(server)
    await peer.shake_hands()

    peer.send(Begin(None, 0, 1, 1))

    assert await peer.ended()


async def test_a_client_can_close_before_it_has_opened(server, peers):
    """It gets its close back."""
    peer = await peers.dial(server)
    await peer.shake_hands()

    peer.send(Close())

    assert await peer.expect(Close)
    assert await peer.ended()


async def test_a_failure_of_our_own_costs_one_connection(server, peers, monkeypatch, caplog):
    """It is logged with its trace, the client is told, and the next one is served."""
    peer = await peers.open(server)
    monkeypatch.setattr(server.broker, "check", None)
    peer.send(Attach("x", 1, role=True, source=Source(QUEUE).described()))

    closed = await peer.expect(Close)
    monkeypatch.undo()

    assert closed.error.condition == "amqp:internal-error"
    assert "TypeError" in caplog.text
    assert await (await peers.open(server)).attach_sender(QUEUE)


async def test_a_failing_clock_work_is_logged_and_goes_on(server, peers, monkeypatch, caplog):
    """When the queues cannot do what is due, connections stay, and the next change tries again."""
    peer, _ = await holding(server, peers)
    monkeypatch.setattr(server.broker, "tick", None)

    server._namespace._ring()

    assert "could not do what was due" in caplog.text
    await peer.publish("still here")


async def test_a_client_that_makes_us_hold_too_much_is_cut(server, peers, monkeypatch):
    """What it does not read is not kept for ever."""
    monkeypatch.setattr(output, "UNREAD_BYTES", 10_000)
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    peer.transfer(data(bytes(20_000)))
    await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)

    peer.grant(1, 1)

    assert await peer.ended()
    assert server.broker.counts(QUEUE).active == 1


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        AMQP_HEADER,
        SASL_HEADER + frame_bytes(0, SaslInit("PLAIN", b"\0me\0secret"), kind=SASL),
        SASL_HEADER + b"\xff\xff\xff\xff\x02\x01\x00\x00",
        SASL_HEADER + frame_bytes(0, SaslOutcome(0), kind=SASL),
    ],
)
async def test_strangers_to_the_protocol_are_hung_up_on(server, peers, content):
    """HTTP, TLS, no SASL, a password, a frame of four gigabytes: the connection ends at once."""
    peer = await peers.dial(server)

    peer.writer.write(content)

    assert (await peer.exactly(8)) == SASL_HEADER
    assert await peer.ended()


async def test_what_cannot_be_stored_is_not_acknowledged(house, peers, tmp_path, caplog):
    """A store that fails costs the clients their connections: no answer is better than a wrong one."""
    server = await house.serve(data=tmp_path)
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.expect(Flow)
    server._store.close()

    peer.transfer(data(b"lost"))

    with pytest.raises((EOFError, ConnectionError)):
        await peer.frame(Disposition)
    assert "could not be stored" in caplog.text


async def test_a_peer_that_asks_for_signs_of_life_gets_them(server, peers):
    """With an idle time-out of two seconds an empty frame comes by itself."""
    peer = await peers.open(server, idle_time_out=2000)

    assert await peer.frame() == (None, b"")


async def test_a_receiver_that_does_not_read_is_not_sent_everything(server, peers):
    """Deliveries stop while the client does not take them, and go on when it does."""
    peer = await peers.open(server, window=100_000)
    await peer.attach_sender(QUEUE)
    for _ in range(60):
        peer.transfer(data(bytes(250_000))[:60_000], more=True)
        for start in range(60_000, 250_008, 60_000):
            content = data(bytes(250_000))[start : start + 60_000]
            peer.send(Transfer(0, more=start + 60_000 < 250_008), content)
        await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)

    peer.send(Flow(0, 100_000, 0, 5000, 1, 0, 1000))
    received = int(not (await peer.expect(Transfer)).more)
    locked = sum(bool(message["locked_until"]) for message in server.snapshot()[QUEUE]["messages"])
    while received < 60:
        received += not (await peer.expect(Transfer)).more

    assert locked < 60


async def test_noise_disturbs_nobody(server, peers):
    """After hundreds of connections with random and mutilated bytes another client works as before."""
    chance = random.Random(20)
    opening = (
        SASL_HEADER
        + frame_bytes(0, SaslInit("ANONYMOUS"), kind=SASL)
        + AMQP_HEADER
        + frame_bytes(0, Open("noise"))
        + frame_bytes(0, Begin(None, 0, 100, 100))
        + frame_bytes(0, Attach("s", 0, role=False, target=Target("$cbs").described()))
        + frame_bytes(0, Transfer(0, 0, b"t", 0), data(b"x" * 20))
        + frame_bytes(0, Flow(0, 1, 0, 1, 0, 0, 1))
        + frame_bytes(0, Disposition(role=True, first=0, last=2**32 - 1, settled=True, state=Accepted()))
    )
    bystander = await peers.open(server)
    await bystander.attach_sender(QUEUE)

    for _ in range(300):
        peer = await peers.dial(server)
        peer.writer.write(mutilated(opening, chance))
        peer.writer.write_eof()
        assert await peer.ended()

    await bystander.publish("still here")
    assert server.broker.counts(QUEUE).active == 1


def mutilated(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(200))
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(8, len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randrange(8, len(changed) + 1)])


@pytest.mark.parametrize("value", [UInt(1), [[[]]], {Symbol("a"): ULong(2**63)}])
async def test_annotations_of_any_type_come_back_as_they_were(server, peers, value):
    """Only the broker's own annotations are replaced."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    annotations = {Symbol("x-mine"): value, Symbol("x-opt-deadletter-source"): "former life"}
    peer.transfer(encode(Described(ULong(0x72), annotations)) + data(b"x"))
    await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)

    peer.grant(1, 1)
    await peer.expect(Transfer)

    assert encode(value) in peer.payload
    assert b"former life" not in peer.payload
