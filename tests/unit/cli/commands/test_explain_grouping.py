"""`tocsin grouping explain` tells what would be done with an alert, with nothing but the settings at hand."""

import io
import json
import sys
from pathlib import Path

import pytest

from worker.__main__ import main

EXAMPLES = Path(__file__).parents[2] / "alerts" / "examples"


@pytest.fixture
def explain(monkeypatch, capsys, tmp_path):
    """Run the command on this payload: its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run(payload, *options, rules=None):
        if rules is not None:
            monkeypatch.setenv("TOCSIN_GROUPING_RULES", rules)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(payload)))
        monkeypatch.setattr(sys, "argv", ["tocsin", "grouping", "explain", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, " ".join(told.out.split()), told.err

    return run


def test_an_alert_is_explained_by_the_rule_that_decides(explain):
    """The format is found out; the default groups by service, whichever monitoring system tells of it."""
    code, out, _ = explain((EXAMPLES / "metric.json").read_bytes())
    assert code == 0
    assert "azure-monitor" in out
    assert "in service 'checkout' (the default rule), for 30 min after its last alert, whichever source told" in out


def test_a_rule_of_ones_own_goes_before_the_default(explain):
    """What TOCSIN_GROUPING_RULES says is tried offline; alerts of one rule share a group, others do not."""
    rules = json.dumps([{"when": {"source": "azure-*"}, "group_by": ["labels.rule"], "window_seconds": 60}])
    payload = json.loads((EXAMPLES / "metric.json").read_bytes())
    groups = []
    for name in ("checkout-cpu-high", "checkout-cpu-high", "disk-full"):
        payload["data"]["essentials"]["alertRule"] = name
        code, out, _ = explain(json.dumps(payload).encode(), rules=rules)
        assert code == 0
        assert "(rule 1), for 1 min" in out
        groups.append(out.partition("group ")[2].split()[0])
    assert groups[0] == groups[1] != groups[2]


def test_a_resolve_opens_nothing_and_a_reason_is_told(explain):
    """What ends a fault is noted with the incident of its fingerprint."""
    code, out, _ = explain((EXAMPLES / "pagerduty-resolve.json").read_bytes())
    assert code == 0
    assert "resolve opens none" in out


def test_it_is_said_which_label_names_the_service(explain, monkeypatch):
    """Or why none does, and what the alert is grouped by then."""
    _, out, _ = explain((EXAMPLES / "alertmanager-truncated.json").read_bytes())
    assert "payments (the label `service` names it)" in out
    payload = (EXAMPLES / "kube-state-metrics.json").read_bytes()
    _, out, _ = explain(payload)
    assert "none (`service` names the exporter kube-prometheus-stack-kube-state-metrics, which is who measured)" in out
    assert "while it agrees with it in node aks-np-7 (the default rule)" in out
    monkeypatch.setenv("TOCSIN_SERVICE_LABELS", "namespace, node")
    _, out, _ = explain(payload)
    assert "reporting (the label `namespace` names it)" in out


@pytest.mark.parametrize("labels", ["service;app", "1st", "service,a b\tc"])
def test_a_wrong_name_of_a_label_is_named(explain, monkeypatch, labels):
    """Whoever sets it is told which is none."""
    monkeypatch.setenv("TOCSIN_SERVICE_LABELS", labels)
    code, _, err = explain(b'{"title": "x"}')
    assert code == 2
    assert "TOCSIN_SERVICE_LABELS: must be names of labels" in err


def test_programs_get_json(explain):
    """One object for each alert, with the fields that docs/json.md promises."""
    code, out, _ = explain((EXAMPLES / "metric.json").read_bytes(), "--json")
    assert code == 0
    (told,) = json.loads(out)
    assert set(told) == {"format", "type", "title", "severity", "service", "service_because", "affected"} | {
        "fingerprint",
        "identity",
        "group",
        "because",
    }


@pytest.mark.parametrize(
    ("payload", "options", "rules", "words"),
    [
        (b"{x", (), None, "not JSON"),
        (b'{"x": 1}', (), None, "no mark of a format"),
        (b"{}", ("--format", "nagios"), None, "There is no format 'nagios'"),
        (b'{"title": "x"}', (), '[{"when": {"sorce": "x"}}]', "'sorce' is no field"),
        (b'{"title": "x"}', (), "missing.json", "cannot be read (No such file"),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_sentence(explain, payload, options, rules, words):
    """Neither a payload nor a rule that cannot be read ends in a traceback."""
    code, _, err = explain(payload, *options, rules=rules)
    assert code in {1, 2}
    assert words in err
