"""What a link carries, how much at a time, and in which order."""

import pytest

from worker.sandbox.service_bus.codec import Described, Int, Long, Symbol, UInt, ULong, decode, encode
from worker.sandbox.service_bus.performatives import (
    Accepted,
    Attach,
    Detach,
    Disposition,
    Flow,
    Rejected,
    Source,
    Target,
    Transfer,
    parse,
)
from worker.sandbox.service_bus.sections import split

QUEUE = "incidents"


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
    peer.transfer(peer.data(b"one"))
    await peer.both()

    peer.grant(1, 2, count=0)
    for body in (b"two", b"three"):
        peer.transfer(peer.data(body))
    seen = [await peer.frame(Transfer, Disposition, Flow) for _ in range(3)]

    assert sum(isinstance(frame, Transfer) for frame, _ in seen) == 1
    assert server.broker.counts(QUEUE).active == 3


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


async def test_what_waits_for_the_window_is_forgotten_with_its_link(server, peers):
    """A transfer never follows the detach of its link."""
    peer = await peers.open(server, window=50)
    await peer.attach_sender(QUEUE)
    await peer.publish("one", "two")
    await peer.attach_receiver(QUEUE)
    sent = 1  # the answer about the token
    peer.send(Flow(sent, 1, 0, 5000, 1, 0, 10))
    await peer.expect(Transfer)

    peer.send(Detach(1, closed=True))
    await peer.expect(Detach)
    peer.send(Flow(sent + 1, 5000, 0, 5000))
    await peer.publish("three")

    assert server.broker.counts(QUEUE).active == 3


async def test_delivery_ids_count_messages_and_not_frames(server, peers):
    """Messages cut into many frames keep consecutive delivery ids, and only the first frame names one."""
    peer = await peers.open(server, max_frame_size=512)
    await peer.attach_sender(QUEUE)
    bodies = [bytes([number]) * 3000 for number in range(2)]
    for body in bodies:
        peer.transfer(peer.data(body))
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
    content = peer.data(b"x" * 1000)

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
        peer.transfer(peer.data(b"x"), delivery_id=number, settled=True)
    second = await peer.expect(Flow)

    assert (first.delivery_count, first.link_credit) == (0, 1000)
    assert 0 < second.delivery_count <= 600
    assert second.link_credit == 1000


async def test_the_window_for_what_comes_in_is_opened_again(server, peers):
    """A session that receives thousands of frames is told so before its window is used up."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)

    for number in range(2600):
        peer.transfer(peer.data(b"x"), delivery_id=number, settled=True)
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


async def test_a_range_over_all_delivery_ids_settles_what_there_is(server, peers):
    """A disposition over two billion ids costs no more than one over two; one that runs backwards settles nothing."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("one", "two", "three")
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 3)
    first, second, third = [(await peer.expect(Transfer)).delivery_id for _ in range(3)]

    peer.settle(third, Accepted(), last=first)
    peer.settle(second, Accepted(), last=second + 2**31 - 2)

    assert [(await peer.expect(Disposition)).first for _ in range(2)] == [second, third]
    assert server.broker.counts(QUEUE).active == 1


async def test_peeking_many_large_messages_ends_in_time(server, peers):
    """An answer is never much larger than a message may be: what does not fit is for the next peek."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    for _ in range(10):
        peer.transfer(peer.data(bytes(60_000)))
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


async def test_a_sender_that_asks_is_told_its_credit(server, peers):
    """A flow with `echo` is answered, for a link and for the session."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.expect(Flow)

    peer.send(Flow(0, 5000, 0, 5000, 0, echo=True))
    peer.send(Flow(0, 5000, 0, 5000, echo=True))

    assert [(await peer.expect(Flow)).link_credit for _ in range(2)] == [1000, None]


async def test_a_receiver_that_does_not_read_is_not_sent_everything(server, peers):
    """Deliveries stop while the client does not take them, and go on when it does."""
    peer = await peers.open(server, window=100_000)
    await peer.attach_sender(QUEUE)
    for _ in range(60):
        peer.transfer(peer.data(bytes(250_000))[:60_000], more=True)
        for start in range(60_000, 250_008, 60_000):
            content = peer.data(bytes(250_000))[start : start + 60_000]
            peer.send(Transfer(0, more=start + 60_000 < 250_008), content)
        await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)

    peer.send(Flow(0, 100_000, 0, 5000, 1, 0, 1000))
    received = int(not (await peer.expect(Transfer)).more)
    locked = sum(bool(message["locked_until"]) for message in server.snapshot()[QUEUE]["messages"])
    while received < 60:
        received += not (await peer.expect(Transfer)).more

    assert locked < 60


@pytest.mark.parametrize("value", [UInt(1), [[[]]], {Symbol("a"): ULong(2**63)}])
async def test_annotations_of_any_type_come_back_as_they_were(server, peers, value):
    """Only the broker's own annotations are replaced."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    annotations = {Symbol("x-mine"): value, Symbol("x-opt-deadletter-source"): "former life"}
    peer.transfer(encode(Described(ULong(0x72), annotations)) + peer.data(b"x"))
    await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)

    peer.grant(1, 1)
    await peer.expect(Transfer)

    assert encode(value) in peer.payload
    assert b"former life" not in peer.payload
