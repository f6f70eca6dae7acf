"""Labels say what was measured, and an exporter is neither the service nor what is affected."""

import pytest

from worker.domain.measured_labels import MeasuredLabels

TARGET = {"endpoint": "http", "prometheus": "mon/kps"}
KSM = {**TARGET, "job": "kube-state-metrics", "service": "kps-kube-state-metrics", "instance": "10.42.0.9:8080"}
KSM_POD = {"namespace": "monitoring", "pod": "kps-kube-state-metrics-7d9f-2xk4p", "container": "kube-state-metrics"}
NODE = {**TARGET, "job": "node-exporter", "service": "kps-prometheus-node-exporter", "instance": "10.0.0.4:9100"}
NODE_POD = {"namespace": "monitoring", "pod": "kps-prometheus-node-exporter-x2k4p", "container": "node-exporter"}


def measured(**labels):
    found = MeasuredLabels(labels)
    assert MeasuredLabels(dict(reversed(labels.items()))).affected == found.affected
    return found.service().service, found.affected, found.group


@pytest.mark.parametrize(
    ("labels", "service", "affected", "group"),
    [
        # What kube-state-metrics tells of
        ({**KSM, "namespace": "pay", "pod": "api-6d9-x1"}, "", ("pay/api-6d9-x1",), "namespace pay"),
        ({**KSM, **KSM_POD, "namespace": "pay", "job_name": "nightly"}, "", ("pay/nightly",), "namespace pay"),
        ({**KSM, **KSM_POD, "namespace": "pay", "statefulset": "db"}, "", ("pay/db",), "namespace pay"),
        ({**KSM, **KSM_POD, "node": "aks-7"}, "", ("aks-7",), "node aks-7"),
        ({**KSM, **KSM_POD, "node": "aks-7", "cluster": "eu"}, "", ("aks-7",), "node aks-7 of cluster eu"),
        ({**KSM, **KSM_POD, "persistentvolume": "pv-1"}, "", ("pv-1",), ""),
        ({**KSM, **KSM_POD, "exported_namespace": "pay", "exported_pod": "a-1"}, "", ("pay/a-1",), "namespace pay"),
        ({**KSM, "service": "payments", "namespace": "pay", "pod": "payments-1"}, "payments", ("pay/payments-1",), ...),
        ({"job": "kube-state-metrics"}, "", ("kube-state-metrics",), ""),
        ({"namespace": "pay", "deployment": "api"}, "", ("pay/api",), "namespace pay"),
        ({"job": "integrations/kubernetes/kube-state-metrics", "deployment": "api"}, "", ("api",), "deployment api"),
        # Machines and nodes
        ({**NODE, **NODE_POD, "mountpoint": "/var"}, "", ("10.0.0.4", "/var"), "node 10.0.0.4"),
        ({**NODE, **NODE_POD, "node": "aks-7", "device": "sda1"}, "", ("aks-7", "sda1"), "node aks-7"),
        ({"job": "node", "instance": "db-7:9100", "service": "shop"}, "shop", ("db-7",), ...),
        ({"job": "windows", "instance": "web-1:9182", "volume": "D:"}, "", ("web-1", "D:"), "node web-1"),
        ({**TARGET, "job": "kubelet", "service": "kps-kubelet", "node": "aks-7"}, "", ("aks-7",), "node aks-7"),
        (
            {
                **TARGET,
                "job": "kubelet",
                "service": "k-kubelet",
                "namespace": "p",
                "persistentvolumeclaim": "d",
                "node": "n",
            },
            "",
            ("p/d", "n"),
            "namespace p",
        ),
        # Other exporters
        ({"job": "blackbox", "instance": "https://shop.example/login"}, "", ("https://shop.example/login",), ""),
        ({"job": "blackbox", "instance": "shop.example:443"}, "", ("shop.example:443",), ""),
        (
            {"job": "probe", "instance": "blackbox-exporter:9115", "target": "https://a.example"},
            "",
            ("https://a.example",),
            "",
        ),
        ({"job": "mysqld_exporter", "instance": "db-3:9104", "service": "orders-db"}, "orders-db", ("db-3",), ...),
        ({"job": "mysqld-exporter", "instance": "10.0.0.5:3306"}, "", ("10.0.0.5:3306",), ""),
        ({"job": "postgres_exporter", "instance": "db-1:9187", "datname": "orders"}, "", ("orders", "db-1"), ""),
        (
            {**TARGET, "job": "redis-exporter", "service": "cart-redis-exporter", "namespace": "data"}
            | {"pod": "cart-redis-exporter-5c9-abcde", "instance": "10.42.1.3:9121"},
            "",
            ("data/cart-redis",),
            "",
        ),
        (
            {**TARGET, "job": "kafka-lag-exporter", "service": "kafka-lag-exporter", "topic": "orders"}
            | {"consumergroup": "shop", "namespace": "monitoring", "pod": "kafka-lag-exporter-0"},
            "",
            ("orders", "shop"),
            "",
        ),
        (
            {"job": "rabbitmq", "instance": "mq-1:15692", "queue": "orders"},
            "",
            ("orders", "mq-1:15692"),
            "job rabbitmq",
        ),
        ({"job": "pushgateway", "instance": "pg:9091", "exported_job": "backup"}, "", ("backup",), "job backup"),
        (
            {"job": "otel-collector", "service_name": "pay", "instance": "10.1.1.1:8889"},
            "pay",
            ("pay",),
            ...,
        ),
        ({"job": "node-exporter", "namespace": "mon", "service": "kps-node-exporter"}, "", ("node-exporter",), ""),
        # Exporters by what they tell, whatever they are called
        (
            {**TARGET, "job": "inventory", "service": "inventory", "namespace": "shop", "deployment": "web"},
            "",
            ("shop/web",),
            "namespace shop",
        ),
        (
            {**TARGET, "job": "ingress-nginx", "service": "ingress-nginx", "exported_namespace": "pay"}
            | {"exported_service": "api", "namespace": "ingress", "ingress": "public"},
            "api",
            ("pay/public",),
            ...,
        ),
        (
            {**TARGET, "job": "cert-manager", "service": "cert-manager", "exported_namespace": "shop", "name": "tls"}
            | {"issuer_name": "le"},
            "",
            ("shop/tls",),
            "namespace shop",
        ),
        # Applications tell of themselves
        (
            {
                **TARGET,
                "job": "pay",
                "service": "pay",
                "namespace": "shop",
                "pod": "pay-6d-x",
                "instance": "10.1.2.3:8080",
            },
            "pay",
            ("shop/pay-6d-x",),
            "namespace shop",
        ),
        (
            {**TARGET, "job": "pay", "service": "pay", "namespace": "shop", "deployment": "pay"},
            "pay",
            ("shop/pay",),
            "namespace shop",
        ),
        (
            {**TARGET, "job": "coredns", "service": "kps-coredns", "namespace": "kube-system", "pod": "coredns-5d-a"},
            "kps-coredns",
            ("kube-system/coredns-5d-a",),
            "namespace kube-system",
        ),
        (
            {"job": "kubernetes-pods", "namespace": "n", "pod": "pay-1", "app": "pay"},
            "pay",
            ("n/pay-1",),
            "namespace n",
        ),
        ({"job": "billing", "instance": "pay-1:8080"}, "", ("pay-1:8080",), "job billing"),
        ({"instance": "db-7:9100"}, "", ("db-7",), ""),
        ({"instance": "10.0.0.5:5432", "datname": "orders"}, "", ("orders", "10.0.0.5:5432"), ""),
        ({"instance": "[2001:db8::1]:9100"}, "", ("2001:db8::1",), ""),
        ({"instance": "2001:db8::1"}, "", ("2001:db8::1",), ""),
        ({"pod": "api-6d9f7c-x1k2p"}, "", ("api-6d9f7c-x1k2p",), "workload api"),
        ({"namespace": "AWS/EC2", "job": "cloud"}, "", ("AWS/EC2",), "job cloud"),
        ({"label_app_kubernetes_io_name": "pay"}, "pay", ("pay",), ""),
        # Two of one rule in one place never read the same
        ({"job": "pay-api", "namespace": "pay", "service": "pay-api"}, "pay-api", ("pay/pay-api",), "namespace pay"),
        ({"job": "pay/pay-api", "namespace": "pay"}, "", ("pay/pay-api",), "namespace pay"),
        ({"namespace": "loki", "job": "loki/loki-write"}, "", ("loki/loki-write",), "namespace loki"),
        ({**NODE, **NODE_POD, "name": "docker.service"}, "", ("10.0.0.4", "docker.service"), "node 10.0.0.4"),
        ({"namespace": "argocd", "name": "pay-api"}, "", ("pay-api",), "namespace argocd"),
        ({"namespace": "pay", "pod": "api-0", "container": "istio-proxy"}, "", ("pay/api-0", "istio-proxy"), ...),
        ({"namespace": "pay", "pod": "api-0", "container": "api"}, "", ("pay/api-0",), ...),
        ({**TARGET, "job": "api", "pod": "api-0", "container": "web"}, "", ("api-0",), ...),
        ({"job": "sql", "server": "sql-1", "database": "orders"}, "", ("orders", "sql-1"), "job sql"),
        ({"job": "coredns", "server": "dns://:53"}, "", ("coredns",), "job coredns"),
        # A Probe stands beside who probes, whatever it looks at
        (
            {"job": "probe/monitoring/shop", "namespace": "monitoring", "instance": "https://shop.example/"},
            "",
            ("https://shop.example/",),
            "",
        ),
        ({}, "", (), ""),
    ],
)
def test_what_was_measured_is_told_from_who_measured_it(labels, service, affected, group):
    """The service, what is affected and what alerts have in common, of the labels that rules and charts give."""
    found = measured(**labels)
    assert found == (service, affected, found[2] if group is ... else group)


@pytest.mark.parametrize(
    ("labels", "passed_over"),
    [
        ({"service": "kps-kubelet"}, ("`service` names the exporter kps-kubelet",)),
        ({"job": "node-exporter", "app": "x-exporter"}, ("`app` names the exporter x-exporter",)),
        ({"job": "pay"}, ()),
    ],
)
def test_it_is_said_why_no_label_names_the_service(labels, passed_over):
    """A clause for each that was passed over."""
    assert MeasuredLabels(labels).service().passed_over == passed_over


def test_the_first_label_of_the_setting_counts():
    """And the label that names the service is told."""
    labels = MeasuredLabels({"app": "a", "team": "t"})
    assert (labels.service(("team", "app")).service, labels.service(("none", "app")).label) == ("t", "app")


def test_many_and_long_labels_stay_bounded():
    """Whatever is sent, few names of moderate length."""
    found = MeasuredLabels({name: f"{name}-{'x' * 100_000}" for name in ("pod", "node", "queue", "namespace", "job")})
    assert all(len(name) <= 256 for name in found.affected)
    assert len(found.group) <= 1_000
