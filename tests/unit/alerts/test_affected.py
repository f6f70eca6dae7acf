"""A title names what is affected, once."""

import pytest

from worker.alerts.affected import titled


@pytest.mark.parametrize(
    ("title", "affected", "told"),
    [
        ("Low disk space", ["web-eu-01", "D:"], "Low disk space on web-eu-01, D:"),
        ("Low disk space on web-eu-01", ["web-eu-01", "D:"], "Low disk space on web-eu-01 (D:)"),
        ("Low disk space on WEB-EU-01 (D:)", ["web-eu-01", "D:"], "Low disk space on WEB-EU-01 (D:)"),
        ("pay-10 is down", ["pay-1"], "pay-10 is down on pay-1"),
        ("Down", ["a", "b", "a", "c", "d", "e"], "Down on a, b, c and 2 more"),
        ("Down", [" a\nb ", "", "\u200e"], "Down on a b"),
        ("Down", [], "Down"),
        ("Regular (expressions", ["[a.*"], "Regular (expressions on [a.*"),
    ],
)
def test_what_is_affected_is_named_once(title, affected, told):
    """What the words do not name stands behind them, in the order it was given."""
    assert titled(title, affected) == told


def test_no_crowd_of_names_is_costly(monkeypatch):
    """No pattern is made for a name: a payload may hold a hundred thousand, and all of them are looked for."""
    monkeypatch.setattr("re.compile", None)
    names = [f"web-{number}" for number in range(100_000)]
    assert titled("web-7 is down " + "x" * 100_000, names).endswith("(web-0, web-1, web-2 and 99,996 more)")
