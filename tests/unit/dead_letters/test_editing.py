"""Values of an event that are changed by hand."""

import pytest

from worker.alerts.severities import Severities
from worker.dead_letters.editing import edited, read_edit
from worker.domain.errors import Rejected

EVENT = {
    "title": "x",
    "severity": 3,
    "labels": {"region": "eu"},
    "links": [{"href": "https://a.example", "text": "A"}, {"href": "https://b.example"}],
}


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("title=a=b", "title", "a=b"),
        ("severity=1", "severity", "1"),
        ("severity=Critical", "severity", "1"),
        ("service=", "service", ""),
        ("labels.region=us", "labels", {"region": "us"}),
        ("labels.team=payments", "labels", {"region": "eu", "team": "payments"}),
        ('labels={"a": "b"}', "labels", {"a": "b"}),
        ("labels.region=null", "labels", {}),
        ("links.1.text=B", "links", [EVENT["links"][0], {"href": "https://b.example", "text": "B"}]),
        ("links.0=null", "links", EVENT["links"][1:]),
        ("links=[]", "links", []),
    ],
)
def test_an_edit_changes_one_value(text, field, value):
    """The rest stays, and so does what was given."""
    before = repr(EVENT)
    after = edited(EVENT, [read_edit(text)])
    assert after[field] == value
    assert {name: after[name] for name in EVENT if name != field} == {
        name: EVENT[name] for name in EVENT if name != field
    }
    assert repr(EVENT) == before


def test_null_takes_a_value_out():
    """What is optional can be absent again."""
    assert "severity" not in edited(EVENT, [read_edit("severity=null")])


def test_a_severity_is_set_by_the_words_of_the_settings():
    """As everywhere else where one is typed; what means nothing is refused with the words that do."""
    assert read_edit("severity=sev-a", Severities.read("sev-a=2")).text == "2"
    with pytest.raises(ValueError, match=r"severity must be 1 .critical. to 5 .* words critical, high, medium"):
        read_edit("severity=sev-a")


def test_labels_can_be_given_to_an_event_without_any():
    """The place for them is made."""
    assert edited({"title": "x"}, [read_edit("labels.a=b")]) == {"title": "x", "labels": {"a": "b"}}


@pytest.mark.parametrize("text", ["links.2.text=x", "links.one.text=x", "links.0.href.x=y", "labels=[", "labels.a.b=c"])
def test_an_edit_that_leads_nowhere_is_refused(text):
    """The event has no such place, or what is written there is no JSON."""
    with pytest.raises(Rejected, match="--set"):
        edited(EVENT, [read_edit(text)])


@pytest.mark.parametrize(
    "text", ["title", "=x", "titel=x", "title.x=y", "labels.=x", "raw.x=1", "raw=1", "type=resolve"]
)
def test_an_edit_that_can_never_fit_is_refused_at_once(text):
    """A field that no event has would be dropped in silence."""
    with pytest.raises(ValueError):  # noqa: PT011 (each has its own sentence)
        read_edit(text)
