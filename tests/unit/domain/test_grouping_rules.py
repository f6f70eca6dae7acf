"""The table of rules by which alerts of different fingerprints are one incident's."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from worker.domain.event import Event
from worker.domain.grouping_rules import GroupingRule, GroupingRules, read_rules

WINDOW = timedelta(minutes=30)


def an_event(**facts):
    return Event(**{"title": "down", "source": "probe", "service": "checkout", "fingerprint": "f", **facts})


def grouping(event, *rules):
    return GroupingRules(rules, WINDOW).grouping(event)


def test_by_default_source_and_service_group():
    """In whatever case they are written."""
    one = grouping(an_event())
    assert one.key == grouping(an_event(service="CHECKOUT", title="other", severity=1)).key
    assert one.key not in {grouping(an_event(service="search")).key, grouping(an_event(source="other")).key}
    assert (one.window, one.because) == (
        WINDOW,
        "it agrees with it in source 'probe' and service 'checkout' (the default rule)",
    )


def test_by_default_a_source_is_its_senders():
    """Whoever names another's source and service joins nothing of that one's; a monitoring system's alerts still do."""
    told_by = [grouping(an_event(sender=sender)).key for sender in ("a", "b", "")]
    assert len(set(told_by)) == 3
    own = GroupingRule(group_by=("source", "service"))
    assert len({grouping(an_event(sender=sender), own).key for sender in "ab"}) == 1
    monitoring = {"detection_source": "monitoring"}
    assert len({grouping(an_event(sender=sender, **monitoring)).key for sender in "ab"}) == 1


def test_a_rule_keeps_senders_apart():
    """What came by the queue alone has none to agree in."""
    rule = GroupingRule(group_by=("sender", "service"))
    assert len({grouping(an_event(sender=sender), rule).key for sender in "ab"}) == 2
    assert grouping(an_event(), rule).key is None


def test_by_default_a_service_groups_across_monitoring_systems():
    """Whichever of them tells it; what nobody's monitoring tells stays with its own source."""
    one = grouping(an_event(source="alertmanager", detection_source="monitoring"))
    assert one.key == grouping(an_event(source="azure-monitor", service="Checkout", detection_source="monitoring")).key
    assert one.across == "it is the same service, checkout, told by another source (the default rule)"
    apart = [
        an_event(source="alertmanager", service="search", detection_source="monitoring"),
        an_event(source="alertmanager", detection_source="employee"),
        an_event(source="", detection_source="monitoring"),
        an_event(source="alertmanager", service="", detection_source="monitoring"),
    ]
    assert one.key not in {grouping(event).key for event in apart}


NAMESPACE = {"namespace": "payments", "pod": "pay-api-1"}


def seen(labels, **facts):
    return an_event(
        **{"source": "alertmanager", "service": "", "detection_source": "monitoring", **facts}, labels=labels
    )


def test_by_default_what_has_no_service_groups_by_what_is_affected():
    """Whichever monitoring system tells it, and never by the exporter that all of them come from."""
    exporter = {"job": "kube-state-metrics", "service": "kps-kube-state-metrics", "endpoint": "http"}
    one = grouping(seen(NAMESPACE | exporter))
    assert one.key == grouping(seen({"namespace": "payments", "deployment": "web"}, source="grafana")).key
    assert (one.because, one.across) == (
        "it agrees with it in namespace payments (the default rule)",
        "it is the same namespace payments, told by another source (the default rule)",
    )
    apart = [
        seen(exporter | {"namespace": "reporting", "job_name": "nightly"}),
        seen(exporter | {"node": "aks-1"}),
        seen(NAMESPACE | {"cluster": "eu"}),
        seen(NAMESPACE, service="payments"),
        seen({"job": "payments"}),
    ]
    keys = [grouping(event).key for event in apart]
    assert len({one.key, *keys}) == 6
    assert None not in keys


@pytest.mark.parametrize("labels", [{}, {"job": "node-exporter"}, {"instance": "db-7:9100"}, {"namespace": "AWS/EC2"}])
def test_what_says_nothing_of_where_it_is_groups_with_nothing(labels):
    """Neither an exporter nor what is no name of a namespace brings alerts together."""
    assert grouping(seen(labels)).key is None


def test_what_is_affected_groups_by_rules_as_well():
    """As a field among others, in `when` too."""
    rule = GroupingRule(when={"affected": "node *"}, group_by=("source", "affected"))
    by_rule = grouping(seen({"node": "aks-1"}), rule)
    assert by_rule.because == "it agrees with it in source 'alertmanager' and node aks-1 (rule 1)"
    assert grouping(seen(NAMESPACE), rule).rule == "the default rule"


def test_rules_of_ones_own_keep_sources_apart():
    """By the former default, written as a rule; it counts before ours."""
    rule = GroupingRule(group_by=("source", "service"))
    found = [
        grouping(an_event(source=source, detection_source="monitoring"), rule)
        for source in ("alertmanager", "azure-monitor")
    ]
    assert found[0].key != found[1].key
    assert {each.across for each in found} == {""}


def test_what_is_not_given_groups_nothing():
    """All alerts without a service are not about one fault."""
    found = grouping(an_event(service=""))
    assert (found.key, found.because) == (None, "service is not given, by which the default rule groups")


def test_the_first_rule_that_fits_decides():
    """Its patterns fit without regard to case; a later rule, and the default, count where none before them fits."""
    rules = (
        GroupingRule(when={"title": "*DISK*", "labels.env": "prod?"}, group_by=("labels.host",), window_seconds=60),
        GroupingRule(when={"source": "probe"}),
    )
    first = grouping(an_event(title="A disk is full", labels={"env": "prod1", "host": "a"}), *rules)
    assert first.key is not None
    assert (first.window, first.rule) == (timedelta(minutes=1), "rule 1")
    second = grouping(an_event(title="A disk is full", labels={"env": "test", "host": "a"}), *rules)
    assert (second.key, second.because) == (None, "rule 2 groups by nothing")
    assert grouping(an_event(source="other"), *rules).rule == "the default rule"


def test_rules_do_not_share_their_groups():
    """What agrees by one rule is not what agrees by another."""
    by_service = {"group_by": ("service",)}
    rules = (GroupingRule(when={"severity": "1"}, **by_service), GroupingRule(**by_service))
    assert grouping(an_event(severity=1), *rules).key != grouping(an_event(severity=2), *rules).key


def test_a_value_cannot_pass_for_two():
    """Fields are told apart, whatever stands in them."""
    rule = GroupingRule(group_by=("source", "service"))
    one, other = an_event(source="a', 'b", service="c"), an_event(source="a", service="b', 'c")
    assert grouping(one, rule).key != grouping(other, rule).key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[{"group_by": ["colour"]}]',
            "'colour' is no field: source, sender, service, severity, title, affected or labels.<name>",
        ),
        ('[{"when": {"labels.": "x"}}]', "'labels.' is no field"),
        ('[{"window_seconds": 0}]', "greater than or equal to 1"),
        ('[{"grupby": []}]', "Extra inputs"),
        ("{}", "valid array"),
    ],
)
def test_a_wrong_rule_is_named(text, words):
    """Whoever starts a worker with it is told which field is wrong."""
    with pytest.raises(ValidationError, match=words.replace("[", r"\[")):
        read_rules(text)


def test_no_text_is_no_rules():
    """Then the default holds."""
    assert read_rules("") == ()
    assert read_rules('[{"group_by": ["labels.host"]}]') == (GroupingRule(group_by=("labels.host",)),)
