"""How a worker's receivers are shared out between launching and reading on."""

import pytest

from worker.messaging.concurrency import Shares


@pytest.mark.parametrize(
    ("slots", "waiting", "shares"),
    [
        (4, 4, Shares(receiving=6, launching=4)),
        (4, 1, Shares(receiving=5, launching=4)),
        (4, 0, Shares(receiving=4, launching=3)),
        (1, 0, Shares(receiving=1, launching=1)),
        (64, 64, Shares(receiving=66, launching=64)),
    ],
)
def test_somebody_reads_on_while_all_slots_launch(slots, waiting, shares):
    """Two of those that stand by, or where none do one of the slots; a slot without company does both."""
    assert Shares.of(slots, waiting) == shares


@pytest.mark.parametrize("slots", range(1, 9))
@pytest.mark.parametrize("waiting", range(9))
def test_no_more_receive_than_there_are(slots, waiting):
    """A receiver is a connection, and they are bounded by the two settings together."""
    assert Shares.of(slots, waiting).receiving <= slots + waiting
