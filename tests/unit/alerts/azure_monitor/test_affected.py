"""What an alert is of is named as people know it, and who was asked is not."""

import pytest
from alert_examples import event_of, example
from azure_alerts import APPLICATION, MACHINE, PROVIDERS, WORKSPACE, affected, alert, criterion, log, metric

GUID = "b1b1b1b1-cccc-dddd-eeee-f2f2f2f2f2f2"


@pytest.mark.parametrize(
    ("name", "title", "names"),
    [
        ("log-split", "Low disk space on web-eu-01, D:", ("web-eu-01", "D:")),
        ("log-split-other", "Low disk space on web-eu-02, D:", ("web-eu-02", "D:")),
        ("resource-health-database", "Database is down on sql-shop/orders", ("sql-shop/orders",)),
        ("smart-detection", "Failure Anomalies - shop-web (POST /pay)", ("shop-web", "POST /pay")),
        ("availability-test", "shop-home availability on shop-home-appi, appi-shop", ("shop-home-appi", "appi-shop")),
        ("budget-forecast", None, ("shop-monthly",)),
        ("prometheus", "pods-restart on payments/pay-7c9f, prod", ("payments/pay-7c9f", "prod")),
    ],
)
def test_title_and_card_name_what_is_affected(name, title, names):
    """Two machines never read the same, and the workspace that was asked is in neither."""
    event = event_of(example(name))
    assert event.resources == names
    assert title in {None, event.title}


@pytest.mark.parametrize(
    ("dimensions", "names"),
    [
        ([("InstanceName", "C:"), ("Computer", "db-1")], ["db-1", "C:"]),
        ([("_ResourceId", MACHINE), ("Disk", "sdb")], ["checkout-1", "sdb"]),
        ([("PodName", "pay-7c9f"), ("Namespace", "payments"), ("Node", "aks-1")], ["aks-1", "payments/pay-7c9f"]),
        ([("cloud_RoleName", "checkout"), ("resultCode", "500")], ["checkout", "resultCode 500"]),
        ([("Computer", "*"), ("InstanceName", "_Total"), ("AppRoleName", "checkout")], ["checkout"]),
        ([("Computer", ""), ("Node", "null"), ("Host", "Unknown"), ("Queue", "orders")], ["orders"]),
        ([("Computer", "WEB-1"), ("_ResourceId", MACHINE.replace("checkout-1", "web-1"))], ["web-1"]),
        ([("ResourceId", GUID), ("Computer", "db-1")], ["db-1"]),
        ([], []),
    ],
)
def test_a_log_alert_is_of_what_it_is_split_by(dimensions, names):
    """The machine stands before its drive, in whatever order they come; placeholders and numbers name nothing."""
    assert affected(log(*dimensions)) == affected(log(*reversed(dimensions))) == names
    assert event_of(log(*dimensions)).labels["workspace"] == "law-prod"


def test_each_criterion_names_what_it_is_split_by():
    """Values of one dimension in several criteria are several machines; what stands in two is told once."""
    machines = [[("InstanceName", "D:"), ("Computer", name)] for name in ("web-1", "web-2")]
    asked = {"searchQuery": "Perf", "metricName": None}
    criteria = [criterion(5, dimensions=dimensions, **asked) for dimensions in machines]
    assert affected(metric(*criteria, targets=(WORKSPACE,), signalType="Log")) == ["web-1", "D:", "web-2"]


def test_an_application_that_was_asked_is_not_affected():
    """An alert on the logs of an application is of the role that it is split by; without one, of the application."""
    assert affected(log(("AppRoleName", "basket"), targets=(APPLICATION,), items=("shop-web",))) == ["basket"]
    assert affected(log(targets=(APPLICATION,), items=("shop-web",))) == ["shop-web"]


def test_the_items_that_sent_the_data_are_affected():
    """Azure's configuration items name whoever sent what the workspace was asked for."""
    assert affected(log(items=("db-7",))) == ["db-7"]
    assert affected(log(("Computer", "db-7"), items=("DB-7",))) == ["db-7"]


@pytest.mark.parametrize(
    ("target", "dimensions", "names"),
    [
        (f"{PROVIDERS}/Microsoft.Sql/servers/sql-shop/databases/orders", [], ["sql-shop/orders"]),
        (f"{PROVIDERS}/Microsoft.ServiceBus/namespaces/sb", [("EntityName", "orders")], ["sb", "orders"]),
        (f"{PROVIDERS}/Microsoft.Storage/storageAccounts/st/blobServices/default", [], ["st/blobServices"]),
        (
            MACHINE,
            [("Microsoft.VMName", "checkout-1"), ("LUN", "0")],
            ["checkout-1", "LUN 0"],
        ),
        (MACHINE, [("ResourceId", GUID)], ["checkout-1"]),
        (WORKSPACE, [("Computer", "web-9")], ["web-9"]),
        (WORKSPACE, [], ["law-prod"]),
    ],
)
def test_a_metric_alert_is_of_its_resource_and_what_it_is_split_by(target, dimensions, names):
    """The metrics of a workspace are about the machines that they are split by, else about the workspace."""
    assert affected(metric(criterion(97, dimensions=dimensions), targets=(target,))) == names


def test_who_measured_with_prometheus_is_not_affected():
    """Of an alert of the managed Prometheus its labels name what is affected: neither account nor exporter does."""
    account = f"{PROVIDERS}/microsoft.monitor/accounts/prom"
    exporter = {"job": "kube-state-metrics", "service": "kube-state-metrics", "instance": "10.0.0.7:8080"}
    labels = exporter | {"alertname": "JobFailed", "namespace": "billing", "job_name": "invoice"}
    payload = alert({"labels": labels}, targets=(account,), items=("prom",), monitoringService="Prometheus")
    assert affected(payload) == ["billing/invoice"]
    assert event_of(payload).service == ""
    payload["data"]["customProperties"] = {"Service": "billing"}
    assert event_of(payload).service == "billing"
