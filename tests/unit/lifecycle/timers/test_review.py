"""What is resolved, and closed by nobody."""

from responses import Life

_DAY = 24 * 60


def test_they_are_reminded_after_two_days_then_by_the_week_and_not_for_ever():
    """By one message that is edited."""
    life = Life()
    life.act("acknowledge")
    life.act("resolve")
    due, topics = [], set()
    while life.due("review") is not None:
        due.append(life.due("review"))
        life.fire("review")
        topics |= {say.topic for entry in life.newest for say in entry.says}
    assert due == [2 * _DAY, 9 * _DAY, 16 * _DAY, 23 * _DAY]
    assert topics == {"review-reminder"}
