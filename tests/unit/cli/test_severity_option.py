"""A severity is typed in the words that people have for it."""

import pytest
import typer

from worker.alerts.severities import UNCHANGED, Severities
from worker.cli.severity_option import read_severity_option
from worker.domain.event import Severity


@pytest.mark.parametrize("severity", Severity)
def test_labels_and_numbers_are_understood(severity):
    """In any case, as somebody types at night."""
    for text in (severity.label, severity.label.upper(), str(severity.value), f" {severity.value} "):
        assert read_severity_option(text, UNCHANGED) is severity


def test_words_of_the_settings_are_understood():
    """Those for every format and those for our own; another format's mean nothing here."""
    chosen = Severities.read("sev-a=1,native.sev-b=2,grafana.sev-c=3,warning=4")
    assert [read_severity_option(word, chosen) for word in ("Sev-A", "sev-b", "warning")] == [1, 2, 4]
    with pytest.raises(typer.BadParameter):
        read_severity_option("sev-c", chosen)


@pytest.mark.parametrize("text", ["soon", "0", "6", "", "1.5"])
def test_what_means_nothing_is_refused_with_the_words(text):
    """The sentence names the option, what was typed, and what can be."""
    with pytest.raises(typer.BadParameter) as caught:
        read_severity_option(text, Severities.read("sev-a=1"))
    words = "critical, high, medium, low, information, sev-a"
    assert caught.value.message.startswith(
        f"{text!r} must be 1 (critical) to 5 (information), or one of the words {words}"
    )
    assert caught.value.param_hint == "--severity"
