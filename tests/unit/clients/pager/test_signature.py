"""The signature of Standard Webhooks."""

import base64

from worker.clients.pager.signature import signature
from worker.settings import webhook_secret

# The example of the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED = {"message_id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "timestamp": 1614265330, "body": b'{"test": 2432232314}'}
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_request_is_signed_as_the_specification_says():
    """Its own example comes to its own signature."""
    assert signature([webhook_secret(SECRET)], **SIGNED) == EXPECTED


def test_while_one_secret_follows_another_both_have_signed():
    """Whoever receives it finds the one that it knows."""
    first, second = signature([webhook_secret(SECRET), b"the secret that follows"], **SIGNED).split(" ")
    assert first == EXPECTED
    assert len(base64.b64decode(second.removeprefix("v1,"))) == 32
    assert second != first
