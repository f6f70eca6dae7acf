"""A monitoring system's words become severities by tables that settings can change."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.formats import FORMATS, azure_monitor
from worker.alerts.severities import SEVERITIES, UNCHANGED, Severities
from worker.domain.errors import Misconfigured
from worker.domain.event import Severity
from worker.settings import Settings

METRIC = json.loads((Path(__file__).parent / "examples/metric.json").read_text())


@pytest.mark.parametrize(
    ("format_name", "word", "severity"),
    [
        ("azure-monitor", "Sev0", 1),
        ("azure-monitor", "Sev4", 5),
        ("alertmanager", "page", 1),
        ("alertmanager", "warning", 3),
        ("grafana", "error", 2),
        ("grafana", "none", 5),
        ("pagerduty", "critical", 1),
        ("pagerduty", "info", 4),
        ("datadog", "P4", 4),
        ("datadog", "info", 5),
        ("cloudevents", "critical", 1),
        ("native", " Critical ", 1),
        ("native", "2", 2),
    ],
)
def test_each_format_has_its_words(format_name, word, severity):
    """The same word may mean another severity in another format."""
    assert UNCHANGED.of(format_name, word) == severity


@pytest.mark.parametrize("words", [(), (None,), ("",), ("loud",), ("loud", None)])
def test_an_unknown_word_is_medium(words):
    """Nobody is woken by a word that nobody knows, and nobody sleeps through it either."""
    assert UNCHANGED.of("grafana", *words) is Severity.MEDIUM


def test_the_first_word_that_means_anything_counts():
    """A word that cannot be read leaves the say to the next."""
    assert UNCHANGED.of("grafana", "loud", None, "critical", "info") is Severity.CRITICAL


def test_a_setting_for_one_format_is_stronger_than_one_for_all():
    """`word=` holds in every format, save where `format.word=` says otherwise."""
    chosen = Severities.read("warning=2, grafana . Warning = 4,Shout=1,")
    assert chosen.of("alertmanager", "warning") == 2
    assert chosen.of("grafana", "warning") == 4
    assert chosen.of("datadog", "SHOUT") == 1
    assert chosen.of("grafana", "page") == 1


def test_the_setting_reaches_the_parsers():
    """TOCSIN_SEVERITIES changes what an alert becomes."""
    settings = Settings.read(_env_file=None, severities="azure-monitor.sev1=5")
    [event] = azure_monitor.parse(METRIC, settings.severities)
    assert event.severity is Severity.INFORMATION


@pytest.mark.parametrize(
    "entry", ["page", "=1", "page=", "page=0", "page=6", "page=high", "graphite.page=1", ".=1", "="]
)
def test_a_wrong_entry_is_named_beside_every_other(entry):
    """All faults of the setting are told together, and the right entries are not."""
    with pytest.raises(Misconfigured) as refusal:
        Settings.read(_env_file=None, severities=f"fine=1,{entry},sev1=loud")
    assert f"TOCSIN_SEVERITIES: {entry}: " in str(refusal.value)
    assert "sev1=loud: " in str(refusal.value)
    assert "fine" not in str(refusal.value)


@given(text=st.text(max_size=40))
def test_no_setting_brings_the_start_down(text):
    """Whatever stands in the variable is read, or refused with a sentence."""
    with suppress(Misconfigured):
        assert isinstance(Settings.read(_env_file=None, severities=text).severities, Severities)


def test_every_format_has_a_table():
    """A format that is read is one whose words can be set."""
    assert set(FORMATS) <= set(SEVERITIES)
