"""What is refused: links, tokens, requests, messages; always with a sentence."""

from uuid import uuid4

import pytest
from azure.servicebus._pyamqp.utils import generate_sas_token

from worker.sandbox.service_bus.codec import Described, Long, Symbol, UInt, ULong, encode
from worker.sandbox.service_bus.grants import MOST_GRANTS
from worker.sandbox.service_bus.performatives import (
    STATES,
    Accepted,
    Attach,
    Composite,
    Detach,
    Disposition,
    Rejected,
    Source,
    Target,
    parse,
)
from worker.sandbox.service_bus.server import KEY, KEY_NAME

QUEUE = "incidents"
DATA = b"\x00\x53\x75\xa0\x01x"


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
        ("com.microsoft:receive-by-sequence-number", {"sequence-numbers": [Long(1)]}, 400),
        (
            "com.microsoft:receive-by-sequence-number",
            {"sequence-numbers": [Long(1)], "receiver-settle-mode": UInt(1)},
            404,
        ),
        (
            "com.microsoft:receive-by-sequence-number",
            {"sequence-numbers": [Long(1)] * 251, "receiver-settle-mode": UInt(1)},
            400,
        ),
        (None, {}, 501),
        ("com.microsoft:peek-message", "no map", 400),
        ("com.microsoft:peek-message", {"from-sequence-number": "1"}, 400),
        ("com.microsoft:renew-lock", {"lock-tokens": "all"}, 400),
        ("com.microsoft:renew-lock", {"lock-tokens": [uuid4()]}, 410),
        ("com.microsoft:schedule-message", {"messages": [{"message": DATA}]}, 400),
        ("com.microsoft:schedule-message", {"messages": [{"message": b"\x00"}]}, 400),
        ("com.microsoft:cancel-scheduled-message", {"sequence-numbers": [Long(9)]}, 404),
        ("com.microsoft:update-disposition", {"disposition-status": "forgotten", "lock-tokens": [uuid4()]}, 501),
        ("com.microsoft:update-disposition", {"disposition-status": "defered", "lock-tokens": [uuid4()]}, 410),
        (
            "com.microsoft:update-disposition",
            {"disposition-status": "abandoned", "lock-tokens": [uuid4()], "properties-to-modify": "all"},
            400,
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


@pytest.mark.parametrize("content", [b"", b"\x00\x53\x75", b"\x00\x53\x99\x40", b"\xff" * 40, DATA[:-1]])
async def test_a_message_that_is_not_amqp_is_rejected_and_the_link_lives(server, peers, content):
    """Broken sections are the sender's fault and cost it only this message."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)

    peer.transfer(content)
    answer = await peer.expect(Disposition)
    if content:
        assert parse(answer.state, Rejected).error.condition == "amqp:decode-error"
    peer.transfer(peer.data(b"well"), delivery_id=1)

    assert parse((await peer.expect(Disposition)).state, *STATES) == Accepted()


async def test_a_batch_with_one_broken_message_stores_none(server, peers):
    """A batch is all or nothing."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)

    peer.transfer(peer.data(peer.data(b"good")) + peer.data(b"broken"), message_format=0x80013700)

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


async def test_tokens_are_not_collected_without_end(server, peers):
    """A connection holds some dozens, the one that it was opened with among them; one more is refused."""
    peer = await peers.open(server)
    token = generate_sas_token(f"sb://127.0.0.1/{QUEUE}", KEY_NAME, KEY)

    answers = [await peer.authorize(f"{QUEUE}/{number}", token) for number in range(MOST_GRANTS)]

    assert [answer["status-code"] for answer in answers] == [202] * (MOST_GRANTS - 1) + [400]


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
