"""A severity 1 without an impact."""

from responses import Life


def test_the_owner_is_asked_once():
    """Five minutes into severity 1, and not before there is somebody to ask."""
    life = Life(1)
    assert life.due("impact") is None
    life.later(8).act("acknowledge")
    assert life.due("impact") == 8
    life.fire("impact")
    assert [tell.person for tell in life.newest[0].says[0].mentions] == ["ada"]
    life.later(30).act("update", text="We look")
    assert life.due("impact") is None


def test_what_is_stated_or_milder_is_not_asked_for():
    """An impact that came with the incident counts."""
    for life in (Life(1, impact="Nobody can pay"), Life(2)):
        life.act("acknowledge")
        assert life.due("impact") is None
    worse = Life(2)
    worse.act("acknowledge")
    worse.later(20).act("severity", severity=1)
    assert worse.due("impact") == 25
    worse.act("impact", impact={"customers": 12})
    assert worse.due("impact") is None
