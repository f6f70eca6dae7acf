"""What the pages say of metrics and alerts is what there is."""

import re
from pathlib import Path

import pytest

from worker.observability.metrics import TABLE

DOCS = Path(__file__).parents[3] / "docs"
METRICS = {metric.name: metric for metric in TABLE}


def rows(page, heading):
    """The cells of the table under this heading."""
    lines = (DOCS / page).read_text().partition(f"| {heading} |")[2].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield re.split(r"\s*\|\s*", line.strip("| "))


def rules():
    return [pytest.param(rule, id=alert) for alert, rule, _ in rows("alert-rules.md", "alert")]


def test_every_metric_is_described():
    """The table of the page is the table of the code."""
    described = {
        name.strip("`"): (re.findall(r"`(\w+)`", labels), about) for name, labels, about in rows("metrics.md", "metric")
    }
    assert described == {name: (list(metric.labels), metric.about) for name, metric in METRICS.items()}


@pytest.mark.parametrize("rule", rules())
def test_alerts_ask_for_what_there_is(rule):
    """Each rule names metrics and labels that exist, and its brackets close."""
    named = re.findall(r"(tocsin_\w+)(?:\{(\w+)=)?", rule)
    assert named
    for name, label in named:
        metric = METRICS.get(name) or METRICS[re.sub(r"_(bucket|count|sum)$", "", name)]
        assert not label or label in (*metric.labels, "le")
        assert (name != metric.name) == bool(metric.buckets)
    for opening, closing in ("()", "[]", "{}"):
        assert rule.count(opening) == rule.count(closing)


def test_there_are_alerts():
    """A starter set is there."""
    assert len(rules()) >= 6
