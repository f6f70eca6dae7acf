"""Under which names labels say what was measured, and where it runs: those of Prometheus, OpenTelemetry and agents."""

CLUSTER = ("cluster", "cluster_name", "k8s_cluster_name", "kube_cluster_name", "k8s_cluster")
NAMESPACE = ("namespace", "kube_namespace", "kubernetes_namespace", "k8s_namespace_name", "k8s_namespace")
POD = ("pod", "pod_name", "kubernetes_pod_name", "k8s_pod_name")
NODE = ("node", "nodename", "node_name", "kubernetes_node", "k8s_node_name", "kube_node")
HOST = ("host", "hostname", "host_name", "fqdn", "server", "server_name", "machine", "computer", "vm", "vm_name")
# What lives in a namespace, the most telling first; by none of these does an application name itself.
OBJECTS = (
    "job_name",
    "cronjob",
    "deployment",
    "k8s_deployment_name",
    "kube_deployment",
    "statefulset",
    "k8s_statefulset_name",
    "daemonset",
    "k8s_daemonset_name",
    "replicaset",
    "workload",
    "persistentvolumeclaim",
    "horizontalpodautoscaler",
    "poddisruptionbudget",
    "scaledObject",
    "ingress",
    "resourcequota",
)
WORKLOADS = {
    "cronjob": ("cronjob",),
    "deployment": ("deployment", "k8s_deployment_name", "kube_deployment"),
    "statefulset": ("statefulset", "k8s_statefulset_name"),
    "daemonset": ("daemonset", "k8s_daemonset_name"),
    "workload": ("workload",),
    "job": ("job_name",),
}
CLUSTER_WIDE = ("persistentvolume", "storageclass", "volumeattachment")
TARGETS = ("url", "target", "target_url", "probe_url")
LOGICAL = (
    "queue",
    "queue_name",
    "topic",
    "consumergroup",
    "consumer_group",
    "database",
    "database_name",
    "datname",
    "dbname",
    "db_name",
    "db",
    "keyspace",
    "table",
    "index",
    "bucket",
    "subject_cn",
    "cn",
    "test",
    "test_name",
    "check",
    "check_name",
    "destination_service_name",
    "destination_workload",
)
PARTS = ("mountpoint", "drive", "device", "disk", "volume", "interface", "ifName", "ifDescr", "master")
# With one of these the series tells of something else than its target.
OF_OTHERS = ("namespace", "pod", "container", "node", "service")
OF_A_TARGET = ("endpoint", "container", "pod")
