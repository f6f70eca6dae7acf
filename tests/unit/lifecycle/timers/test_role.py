"""Whoever was given a role, or offered it, and is not heard of."""

from responses import IVY, Life


def test_the_channel_is_asked_once_for_each():
    """Not for whoever gave a sign of life meanwhile."""
    life = Life(2)
    life.act("acknowledge")
    life.act("role", role="scribe", person="ivy")
    life.later(2).act("role", role="communications", person="max")
    assert life.due("role") == 5
    life.fire("role")
    assert [entry.data["person"] for entry in life.newest] == ["ivy"]
    assert "Ivy is scribe since 10:00 UTC, and has given no sign of life yet." in life.said()
    assert life.due("role") == 7
    life.fire("role")
    assert [entry.data["person"] for entry in life.newest] == ["max"]
    assert life.due("role") is None


def test_an_offer_without_an_answer_is_asked_after():
    """Of whoever was asked, and of whoever asked."""
    life = Life(2)
    life.act("acknowledge")
    life.act("role", role="commander", person="ivy")
    life.fire("role")
    assert "Ivy was offered to be incident commander at 10:00 UTC" in life.said()
    assert [tell.person for tell in life.newest[0].says[0].mentions] == ["ivy", "ada"]
    assert life.act("role", IVY, role="commander", answer="accept").verdict == "done"
