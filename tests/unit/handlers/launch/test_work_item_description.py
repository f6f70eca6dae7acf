"""What the work item says, without any server."""

from datetime import UTC, datetime, timedelta, timezone

from handlers.launch.work_item_description import description, title
from worker.domain.event import Event
from worker.domain.incident import Incident

RECEIVED = datetime(2026, 3, 2, 9, 6, tzinfo=UTC)


def incident_of(**event):
    return Incident(key="the-key", event=Event(**{"title": "Checkout is down", **event}), received_at=RECEIVED)


def test_every_known_fact_is_there():
    """Severity, impact, source, times, links and labels are all in the item, each under its name."""
    incident = incident_of(
        severity=2,
        service="checkout",
        impact="No one can pay",
        description="first line\nsecond line",
        detection_source="customer-report",
        source="support-desk",
        occurred_at=datetime(2026, 3, 2, 10, 2, tzinfo=timezone(timedelta(hours=1))),
        first_known_at="2026-03-02T09:05:00Z",
        links=[{"href": "https://example.com/ticket?a=1&b=2", "text": "Ticket"}, {"href": "https://example.com/2"}],
        labels={"region": "eu"},
        raw={"alert": "as it came"},
    )
    text = description(incident)
    for fact in (
        incident.id,
        "2 (high)",
        "checkout",
        "No one can pay",
        "first line<br>second line",
        "customer report",
        "support-desk",
        "<b>Occurred</b></td><td>2026-03-02 09:02:00 UTC",
        "<b>First known</b></td><td>2026-03-02 09:05:00 UTC",
        "<b>Received</b></td><td>2026-03-02 09:06:00 UTC",
        '<a href="https://example.com/ticket?a=1&amp;b=2">Ticket</a>',
        '<a href="https://example.com/2">https://example.com/2</a>',
        "<b>region</b></td><td>eu",
        "&quot;alert&quot;: &quot;as it came&quot;",
    ):
        assert fact in text


def test_a_severity_that_is_only_assumed_is_told_as_that():
    """With the sender's word as text."""
    html = description(incident_of(unread_severity="spicy & <b>"))
    assert "3 (medium), assumed: nobody here knows “spicy &amp; " in html
    assert "<b>”" not in html


def test_what_is_not_known_is_left_out():
    """A bare title makes a short item without empty headings."""
    text = description(incident_of())
    assert "<h3>" not in text
    assert "<details>" not in text
    assert "Occurred" not in text
    assert "Detected by" not in text


def test_a_huge_alert_is_cut():
    """The raw alert is shown up to a bound, and says that it was cut."""
    text = description(incident_of(raw={"rows": ['"' * 1_000] * 200}))
    assert len(text) < 1_000_000
    assert "(cut)" in text


def test_a_raw_alert_may_be_anything():
    """Text, numbers, lists and broken characters are shown, not stumbled over."""
    for raw, shown in (
        ("plain <text>", "&quot;plain &lt;text&gt;&quot;"),
        (7, "7"),
        ([1, None, True], "[\n  1,\n  null,\n  true\n]"),
        ({"a": "\ud800 \x00 \u202e"}, "{\n  &quot;a&quot;: &quot;"),
        ({"<b>": "ä"}, "{\n  &quot;&lt;b&gt;&quot;: &quot;ä&quot;\n}"),
        (False, "false"),
    ):
        text = description(incident_of(raw=raw))
        assert f"<pre>{shown}" in text
        assert not {"\ud800", "\x00", "\u202e"} & set(text)
        text.encode()


def test_a_title_keeps_its_mark_and_fits():
    """The id is at the head, and the whole fits the service's limit as the service counts it."""
    for given in ("short", "x" * 500, "\U0001f525" * 400):
        incident = incident_of(title=given)
        made = title(incident)
        assert made.startswith(f"[{incident.id}] ")
        assert len(made.encode("utf-16-le")) <= 2 * 255
    assert made.endswith("…")
