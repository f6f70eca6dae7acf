"""What a set of labels, as Prometheus and its kin give them, says was measured, told apart from who measured it.

A target's own labels (`job`, `service`, `pod`, `instance`, where it runs) stand beside those of what it measures, under
the same names. What was measured is `exported_…` where both had one; where only one had, the rest of the labels say
whose it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from worker.domain import label_names
from worker.domain.exporters import (
    contains_name,
    is_exporter,
    is_job_of_exporter,
    is_job_of_probe,
    names_any_target,
    plain_name,
    probes,
    runs_far_from_it,
    runs_on_its_host,
    without_exporter,
)
from worker.domain.instance_address import KNOWN_PORTS, is_address, parts_of, without_scraped_port
from worker.domain.text import clean_line

# Which label names the service, the first that is given; a setting replaces them.
SERVICE_LABELS = (
    "service",
    "service_name",
    "app_kubernetes_io_name",
    "label_app_kubernetes_io_name",
    "app",
    "label_app",
    "application",
)
AFFECTED_LIMIT = 20
_EXPORTED = "exported_"
_LONGEST = 256
_OF_A_POD = re.compile(r"(?:-[a-z0-9]{6,10})?-[a-z0-9]{5}|-[0-9]+")
_PLAIN = re.compile(r"[\w.:-]{1,253}")


@dataclass(frozen=True, slots=True)
class ServiceLabel:
    """The service and the label that names it; without a service, `passed_over` is a clause for each label that does
    not.
    """

    service: str = ""
    label: str = ""
    passed_over: tuple[str, ...] = ()


class MeasuredLabels:
    """Reads labels alone, and is the same whatever their order."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    @cached_property
    def exporter(self) -> str:
        """The name of who measured it; empty where a target tells of itself."""
        job = self._get("job")
        if is_job_of_exporter(job) or self._tells_of_others:
            return job
        named = (self._get(name) for name in ("service", "app_kubernetes_io_name", "app"))
        return next((name for name in named if is_exporter(name)), "")

    @cached_property
    def namespace(self) -> str:
        """That of what is affected; that of an exporter is none."""
        if exported := self._first(f"{_EXPORTED}{name}" for name in label_names.NAMESPACE):
            return exported
        namespace = self._first(label_names.NAMESPACE)
        if not self.exporter or self._objects or self._pod:
            return namespace
        is_of_target = any(
            self._get(name)
            for name in (*label_names.OF_A_TARGET, "service", *label_names.NODE, *label_names.CLUSTER_WIDE)
        )
        is_of_target = is_of_target or is_job_of_probe(self.exporter)
        return "" if is_of_target else namespace

    @cached_property
    def node(self) -> str:
        return self._measured(label_names.NODE) or self._host_of_exporter

    @cached_property
    def job(self) -> str:
        """What pushed or runs it, where that is no exporter and no mere list of targets."""
        job = self._measured(("job",))
        is_none = is_job_of_exporter(job) or names_any_target(job) or job == self.exporter
        return "" if is_none else job

    @cached_property
    def affected(self) -> tuple[str, ...]:
        """Names as people know them, the most telling first."""
        named = (
            *self._values(label_names.TARGETS),
            *self._placed(self._objects),
            *self._placed([self._pod]),
            *self._values(label_names.CLUSTER_WIDE),
            *self._values(label_names.LOGICAL),
            self._get(f"{_EXPORTED}job"),
            *self._hosts,
            *self._values(label_names.PARTS),
            self._container,
            *self._name,
        )
        found = [name[:_LONGEST] for name in dict.fromkeys(named) if name]
        return tuple((found or [*filter(None, [self._in_the_last_resort])])[:AFFECTED_LIMIT])

    @cached_property
    def group(self) -> str:
        """What of it alerts have in common, as `namespace payments` or `node aks-1 of cluster prod`; may be empty."""
        if not (found := next(self._groups(), "")):
            return ""
        cluster = self._first(label_names.CLUSTER)
        return f"{found} of cluster {cluster}" if cluster else found

    def service(self, names: Sequence[str] = SERVICE_LABELS) -> ServiceLabel:
        """By the first of these labels that does not name who measured."""
        passed_over = []
        for name in names:
            if exported := self._get(f"{_EXPORTED}{name}"):
                return ServiceLabel(exported, f"{_EXPORTED}{name}")
            if not (value := self._get(name)):
                continue
            if not self._is_who_measured(value):
                return ServiceLabel(value, name)
            passed_over.append(f"`{name}` names the exporter {value}")
        return ServiceLabel(passed_over=tuple(passed_over))

    def _is_who_measured(self, service: str) -> bool:
        if is_exporter(service):
            return True
        # Without the operator's labels, whoever wrote the targets down wrote the service down as well.
        is_of_target = is_exporter(self.exporter) or bool(self._get("endpoint"))
        return is_of_target and (contains_name(service, self.exporter) or contains_name(self.exporter, service))

    @cached_property
    def _tells_of_others(self) -> bool:
        """A target whose Kubernetes service is its job, with labels of objects that it is not itself."""
        job, service = self._get("job"), self._get("service")
        if not job or not (contains_name(service, job) or contains_name(job, service)):
            return False
        if any(self._get(f"{_EXPORTED}{name}") for name in label_names.OF_OTHERS):
            return True
        others = [name for name in self._objects if not _are_one(name, job) and not _are_one(name, service)]
        return bool(self._get("endpoint")) and bool(others)

    @cached_property
    def _objects(self) -> list[str]:
        return self._values(label_names.OBJECTS)

    @cached_property
    def _pod(self) -> str:
        """Not the one that the exporter runs in."""
        if exported := self._first(f"{_EXPORTED}{name}" for name in label_names.POD):
            return exported
        pod = self._first(label_names.POD)
        if self._first(f"{_EXPORTED}{name}" for name in label_names.NAMESPACE):
            return ""
        own = (name for name in (self._get("service"), self._get("job")) if self._is_who_measured(name))
        is_own = is_exporter(pod) or any(name and pod.startswith(f"{name}-") for name in own)
        return "" if self.exporter and is_own else pod

    @property
    def _container(self) -> str:
        """One of several of its pod; that of a target that tells of itself says nothing more than the pod."""
        if exported := self._get(f"{_EXPORTED}container"):
            return exported
        container = self._get("container")
        is_own = is_exporter(container) or (self._get("endpoint") and not self.exporter)
        return "" if not self._pod or is_own or contains_name(self._pod, container) else container

    @cached_property
    def _hosts(self) -> list[str]:
        named = [
            *self._values(label_names.NODE),
            *(host for host in self._values(label_names.HOST) if "://" not in host),
        ]
        return [*named, self._instance]

    @cached_property
    def _host_of_exporter(self) -> str:
        is_host = runs_on_its_host(self.exporter) and not self._pod
        return self._instance if is_host and _PLAIN.fullmatch(self._instance) else ""

    @cached_property
    def _instance(self) -> str:
        """The host that is affected, or the target of a probe; never the address of an exporter elsewhere."""
        if exported := self._get(f"{_EXPORTED}instance"):
            return without_scraped_port(exported)
        instance = self._get("instance")
        if not instance or "://" in instance:
            return instance
        host, port = parts_of(instance)
        has_name = any(self._values((*label_names.NODE, *label_names.HOST))) or bool(self._pod)
        if has_name and is_address(host):
            return ""
        return self._host_of(instance, host, port) if self.exporter else without_scraped_port(instance)

    def _host_of(self, instance: str, host: str, port: int | None) -> str:
        is_own = port is not None and port not in KNOWN_PORTS
        if is_exporter(host) or runs_far_from_it(self.exporter):
            return ""
        if runs_on_its_host(self.exporter):
            return host
        if is_address(host) and is_own and (probes(self.exporter) or self._runs_in_a_cluster):
            return ""
        return host if is_own and not probes(self.exporter) else instance

    @property
    def _runs_in_a_cluster(self) -> bool:
        return any(self._get(name) for name in label_names.OF_A_TARGET)

    @property
    def _name(self) -> list[str]:
        """That of a unit, an application, a certificate of cert-manager: of whatever the series is about."""
        name = self._measured(("name",))
        return [*self._placed([name])] if self._get("issuer_name") else [name]

    @property
    def _in_the_last_resort(self) -> str:
        if self.namespace and not _PLAIN.fullmatch(self.namespace):
            return self.namespace  # of a cloud's metrics, as AWS/EC2
        if own := self.service().service or self.job:
            return own if "/" in own or not self.namespace else f"{self.namespace}/{own}"
        if self.namespace or not self.exporter:
            return self.namespace
        watched = without_exporter(self._get("service") or self.exporter)
        if runs_far_from_it(self.exporter) or not self._get("instance") or not watched or is_exporter(watched):
            return self.exporter
        beside = self._first(label_names.NAMESPACE)
        return f"{beside}/{watched}" if beside else watched

    def _groups(self) -> Iterator[str]:
        if self.namespace and _PLAIN.fullmatch(self.namespace):
            yield f"namespace {self.namespace}"
        if self.node and _PLAIN.fullmatch(self.node):
            yield f"node {self.node}"
        for kind, names in label_names.WORKLOADS.items():
            yield from (f"{kind} {value}" for value in self._values(names))
        if owner := _OF_A_POD.sub("", self._pod) if _OF_A_POD.search(self._pod) else self._pod:
            yield f"workload {owner}"
        if self.job:
            yield f"job {self.job}"

    def _placed(self, objects: Sequence[str]) -> Iterator[str]:
        for name in objects:
            if name:
                yield f"{self.namespace}/{name}" if self.namespace else name

    def _measured(self, names: Sequence[str]) -> str:
        return self._first(f"{_EXPORTED}{name}" for name in names) or self._first(names)

    def _values(self, names: Sequence[str]) -> list[str]:
        found = (self._get(f"{_EXPORTED}{name}") or self._get(name) for name in names)
        return list(dict.fromkeys(filter(None, found)))

    def _first(self, names: Sequence[str] | Iterator[str]) -> str:
        return next(filter(None, map(self._get, names)), "")

    def _get(self, name: str) -> str:
        return clean_line(self._labels.get(name, "")[: 2 * _LONGEST])


def _are_one(name: str, other: str) -> bool:
    return plain_name(name) == plain_name(other) or contains_name(other, name) or contains_name(name, other)
