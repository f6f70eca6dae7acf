"""Who measures: exporters, agents and gateways, whose names say nothing of what they found."""

import re
from functools import lru_cache

_APART = re.compile(r"[^a-z0-9]+")
_LONGEST = 256
# Wherever they stand in a name, as in `kube-prometheus-stack-kube-state-metrics`.
_ANYWHERE = (
    "kube-state-metrics",
    "kubelet",
    "cadvisor",
    "pushgateway",
    "statsd",
    "blackbox",
    "node-problem-detector",
    "otel-collector",
    "otelcol",
    "opentelemetry-collector",
    "otel-agent",
    "grafana-agent",
    "telegraf",
    "collectd",
    "vmagent",
    "kminion",
    "exporters",
)
# Behind the name of a release alone; elsewhere these are words.
_AT_THE_END = ("ksm", "alloy", "snmp")
# What configurations call the targets of one exporter; a service may be called so as well.
_JOBS = frozenset({"node", "nodes", "windows", "probe", "ping", "icmp", "kubernetes-nodes"})
# Those of a Probe, as Prometheus' operator calls them: it stands in the namespace of who probes.
_PROBE = "probe/"
_ANY_TARGETS = re.compile(r"kubernetes-(?:pods?|services?|service-endpoints|endpoints|ingresses)(?:-[a-z0-9-]+)?")
_ON_ITS_HOST = (
    "node-exporter",
    "windows-exporter",
    "wmi-exporter",
    "kubelet",
    "cadvisor",
    "node-problem-detector",
    "dcgm-exporter",
    "smartctl-exporter",
    "ipmi-exporter",
    "process-exporter",
    "integrations-unix",
    "integrations-linux-node",
    "integrations-windows",
)
_HOST_JOBS = frozenset({"node", "nodes", "windows", "kubernetes-nodes"})
_PROBERS = (
    "blackbox",
    "snmp",
    "smokeping",
    "ping",
    "ssl-exporter",
    "json-exporter",
    "domain-exporter",
    "probe",
    "icmp",
)
_FAR_FROM_IT = (
    "kube-state-metrics",
    "ksm",
    "pushgateway",
    "statsd",
    "otel-collector",
    "otelcol",
    "opentelemetry-collector",
    "otel-agent",
    "grafana-agent",
    "alloy",
    "telegraf",
    "collectd",
    "vmagent",
    "kminion",
    "kafka-lag-exporter",
)


@lru_cache(maxsize=4_096)
def is_exporter(name: str) -> bool:
    """Whether a job, a service, a pod or a host of that name measures others."""
    plain = plain_name(name)
    return (
        plain.startswith("integrations-")
        or _has(plain, _ANYWHERE)
        or any(word.endswith("exporter") for word in plain.split("-"))
        or any(plain == each or plain.endswith(f"-{each}") for each in _AT_THE_END)
    )


def is_job_of_exporter(job: str) -> bool:
    return is_job_of_probe(job) or plain_name(job) in _JOBS or is_exporter(job)


def is_job_of_probe(job: str) -> bool:
    return job.startswith(_PROBE)


def names_any_target(job: str) -> bool:
    """A job of whatever carries an annotation is no name of anything."""
    return _ANY_TARGETS.fullmatch(plain_name(job)) is not None


def runs_on_its_host(name: str) -> bool:
    """What it measures is the machine that its address names."""
    plain = plain_name(name)
    return plain in _HOST_JOBS or _has(plain, _ON_ITS_HOST)


def probes(name: str) -> bool:
    """It is asked about a target from afar, which stands where other exporters have their own address."""
    return _has(plain_name(name), _PROBERS)


def runs_far_from_it(name: str) -> bool:
    """It tells of much that runs elsewhere, so that its address names nothing of that."""
    return _has(plain_name(name), _FAR_FROM_IT)


def without_exporter(name: str) -> str:
    """`orders-redis-exporter` watches `orders-redis`; empty where nothing is left."""
    words = plain_name(name).split("-")
    return "-".join(word for word in words if word not in {"prometheus", "exporter", "exporters", "metrics"})


def plain_name(name: str) -> str:
    return _APART.sub("-", name[:_LONGEST].lower()).strip("-")


def contains_name(name: str, part: str) -> bool:
    """`kps-node-exporter` contains `node-exporter`, and `nodes` does not contain `node`."""
    return bool(plain_name(part)) and _has(plain_name(name), (plain_name(part),))


def _has(plain: str, names: tuple[str, ...]) -> bool:
    framed = f"-{plain}-"
    return any(f"-{each}-" in framed for each in names)
