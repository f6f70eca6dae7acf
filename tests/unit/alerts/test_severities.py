"""A monitoring system's words become severities by tables that settings can change."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.formats import FORMATS
from worker.alerts.severities import UNCHANGED, Severities
from worker.domain.errors import Misconfigured
from worker.domain.event import Severity
from worker.settings import Settings

GRAFANA = FORMATS["grafana"].severity_words(UNCHANGED)
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
        ("native", "Sev 1", 2),
        ("native", "SEV-0", 1),
        ("native", "P0", 1),
        ("native", "priority: 2", 2),
        ("native", "Severity 1", 1),
        ("native", "2 - High", 2),
        ("native", "3 (moderate)", 3),
        ("pagerduty", "Informational", 5),
        ("alertmanager", "Sev1", 2),
        ("grafana", "Disaster", 1),
        ("datadog", "minor", 4),
        ("cloudevents", "FATAL", 1),
        ("azure-monitor", "Verbose", 5),
    ],
)
def test_each_format_has_its_words(format_name, word, severity):
    """The same word may mean another severity in another format."""
    assert FORMATS[format_name].severity_words(UNCHANGED).of(word) == severity


@pytest.mark.parametrize("words", [(), (None,), ("",), ("loud",), ("loud", None)])
def test_an_unknown_word_is_medium(words):
    """Nobody is woken by a word that nobody knows, and nobody sleeps through it either."""
    assert GRAFANA.of(*words) is Severity.MEDIUM


@pytest.mark.parametrize(
    ("words", "unread"),
    [
        ((), ""),
        ((None, " "), ""),
        (("loud", "warning"), ""),
        ((None, " loud ", "shrill"), "loud"),
        (("0",), "0"),
        (("sev6",), "sev6"),
        (("7",), "7"),
        (("1" * 100,), "1" * 100),
    ],
)
def test_a_word_that_nobody_knows_is_handed_on(words, unread):
    """People are told of it, unless another word said how bad it is."""
    assert GRAFANA.said(*words).unread == unread


def test_the_first_word_that_means_anything_counts():
    """A word that cannot be read leaves the say to the next."""
    assert GRAFANA.of("loud", None, "critical", "info") is Severity.CRITICAL


def test_a_setting_for_one_format_is_stronger_than_one_for_all():
    """`word=` holds in every format, save where `format.word=` says otherwise."""
    chosen = Severities.read("warning=2, grafana . Warning = 4,Shout=1,")
    alertmanager, grafana, datadog = (
        FORMATS[name].severity_words(chosen) for name in ("alertmanager", "grafana", "datadog")
    )
    assert alertmanager.of("warning") == 2
    assert grafana.of("warning") == 4
    assert datadog.of("SHOUT") == 1
    assert grafana.of("page") == 1


def test_the_setting_reaches_the_parsers():
    """TOCSIN_SEVERITIES changes what an alert becomes."""
    settings = Settings.read(_env_file=None, severities="azure-monitor.sev1=5")
    [event] = FORMATS["azure-monitor"].read(METRIC, settings.severities)
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


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_words_of_every_format_can_be_set(format_name):
    """A format that is read is one whose words a setting can change."""
    chosen = Severities.read(f"{format_name}.shout=1")
    assert FORMATS[format_name].severity_words(chosen).of("shout") is Severity.CRITICAL


def test_a_format_that_is_not_there_is_refused_with_all_that_are():
    """Who mistypes a name reads the right one, which is that of no other file of the folder."""
    with pytest.raises(ValueError, match="there is no such format") as refusal:
        Severities.read("graphite.page=1")
    assert set(str(refusal.value).partition("there are ")[2].split(", ")) == set(FORMATS)
