"""What deploy/kubernetes would run: held to the schemas of Kubernetes and KEDA, and its parts to one another."""

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from worker.cli.commands import COMMANDS
from worker.settings import Settings

ROOT = Path(__file__).parents[3]
KUBERNETES = ROOT / "deploy/kubernetes"
SCHEMAS = {
    kind: schema
    for file in ("kubernetes.json", "keda.json")
    for kind, schema in json.loads((Path(__file__).parent / "schemas" / file).read_text()).items()
    if kind != "$comment"
}
KUSTOMIZATION = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
OBJECTS = [each for file in KUSTOMIZATION["resources"] for each in yaml.safe_load_all((KUBERNETES / file).read_text())]
PARTS = ("intake", "worker")


def titled(each):
    return f"{each['apiVersion']}/{each['kind']}"


def one(kind, name):
    (found,) = [each for each in OBJECTS if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def pod(part):
    return one("Deployment", f"tocsin-{part}")["spec"]["template"]


def container(part):
    (only,) = pod(part)["spec"]["containers"]
    return only


def settings_file():
    return dict(line.split("=", 1) for line in (KUBERNETES / "settings.env").read_text().splitlines())


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: f"{each['kind']} {each['metadata']['name']}")
def test_every_object_is_one_that_the_cluster_takes(each):
    """No name is misspelt and no value has another form than Kubernetes or KEDA expects."""
    jsonschema.Draft202012Validator(SCHEMAS[titled(each)]).validate(each)


def test_a_misspelt_name_is_found():
    """The check itself fails where it should, deep inside an object as well."""
    wrong = json.loads(json.dumps(one("Deployment", "tocsin-worker")))
    wrong["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["httpGet"]["paht"] = "/livez"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMAS[titled(wrong)]).validate(wrong)


def test_every_file_is_applied():
    """The kustomization names each manifest, and there is a schema in use for each kind of object."""
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert files == set(KUSTOMIZATION["resources"])
    assert {titled(each) for each in OBJECTS} == SCHEMAS.keys()


def test_what_containers_are_given_is_there():
    """The settings are generated under the name the pods ask for, and the image under the name they run."""
    (settings,) = KUSTOMIZATION["configMapGenerator"]
    (image,) = KUSTOMIZATION["images"]
    assert settings["envs"] == ["settings.env"]
    for part in PARTS:
        assert {"configMapRef": {"name": settings["name"]}} in container(part)["envFrom"]
        assert container(part)["image"] == image["name"]


def test_secrets_that_not_everybody_has_are_optional():
    """Without them a pod starts all the same; what pages people is the worker's, what signs links is for both."""
    secrets = {
        part: [each["secretRef"] for each in container(part)["envFrom"] if "secretRef" in each] for part in PARTS
    }
    paging, links = ({"name": f"tocsin-{name}", "optional": True} for name in ("paging", "links"))
    assert secrets == {"worker": [paging, links], "intake": [{"name": "tocsin-intake"}, links]}


@pytest.mark.parametrize("part", PARTS)
def test_settings_are_settings(part, monkeypatch, tmp_path):
    """Every variable is one that Tocsin reads, and together they are valid."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    given = settings_file() | {each["name"]: each["value"] for each in container(part).get("env", ())}
    assert {name.removeprefix("TOCSIN_").lower() for name in given} <= Settings.model_fields.keys()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings.read()
    settings.require("servicebus_namespace", "tables_endpoint", "boards_url", "teams_team_id", "bot_service_url")
    assert settings.servicebus_connection_string is None


def test_containers_run_commands_that_there_are():
    """What each container is told to run is a command of `tocsin`."""
    assert container("intake")["args"][0] == "intake"
    assert container("worker")["args"] == ["work"]
    assert {"intake", "work"} <= {command.name for command in COMMANDS}


@pytest.mark.parametrize("part", PARTS)
def test_pods_have_no_more_than_they_need(part):
    """The user of the image, a root that cannot be written, no capability, and no token of the cluster."""
    spec = pod(part)["spec"]
    user, group = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE).groups()
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert (spec["securityContext"]["runAsUser"], spec["securityContext"]["runAsGroup"]) == (int(user), int(group))
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(part)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["automountServiceAccountToken"] is False
    assert one("ServiceAccount", spec["serviceAccountName"])["automountServiceAccountToken"] is False
    assert [each["mountPath"] for each in container(part)["volumeMounts"]] == ["/tmp"]


@pytest.mark.parametrize("part", PARTS)
def test_pods_are_identities_of_entra(part):
    """The label and the annotation that the workload identity webhook looks for are there."""
    assert pod(part)["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    account = one("ServiceAccount", pod(part)["spec"]["serviceAccountName"])
    assert "azure.workload.identity/client-id" in account["metadata"]["annotations"]


@pytest.mark.parametrize("part", PARTS)
def test_probes_ask_where_health_is_answered(part):
    """Liveness and readiness go to the port that listens, each by its own path."""
    given = {each["name"]: each["value"] for each in container(part).get("env", ())}
    listening = given.get("TOCSIN_HEALTH_PORT") or container(part)["args"][-1]
    (port,) = container(part)["ports"]
    assert port["containerPort"] == int(listening)
    for probe, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
        assert container(part)[probe]["httpGet"] == {"path": path, "port": port["name"]}


@pytest.mark.parametrize("part", PARTS)
def test_stopping_is_given_twice_the_time_it_needs(part):
    """Each part ends within 25 seconds and is left 60, and a new one is there before an old one goes."""
    assert pod(part)["spec"]["terminationGracePeriodSeconds"] == 60
    assert one("Deployment", f"tocsin-{part}")["spec"]["strategy"]["rollingUpdate"] == {
        "maxSurge": 1,
        "maxUnavailable": 0,
    }


def selectors(read):
    """Every selector of labels within an object."""
    if isinstance(read, dict):
        for name, inner in read.items():
            if name in ("matchLabels", "selector") and all(isinstance(value, str) for value in inner.values()):
                yield inner
            else:
                yield from selectors(inner)
    elif isinstance(read, list):
        for inner in read:
            yield from selectors(inner)


def test_selectors_find_pods():
    """Whatever selects pods of ours by labels selects at least one, and the deployments each their own."""
    labels = {part: pod(part)["metadata"]["labels"] for part in PARTS}
    ours = [each for one in OBJECTS for each in selectors(one.get("spec", {})) if "app.kubernetes.io/name" in each]
    assert len(ours) >= 12
    for selector in ours:
        assert any(selector.items() <= labels[part].items() for part in PARTS)
    for part, other in (PARTS, PARTS[::-1]):
        selector = one("Deployment", f"tocsin-{part}")["spec"]["selector"]["matchLabels"]
        assert selector.items() <= labels[part].items()
        assert not selector.items() <= labels[other].items()


def test_workers_come_with_messages_and_never_go_to_none():
    """One worker more for each handful that a worker takes at a time, of the queue that it takes them from."""
    scaled = one("ScaledObject", "tocsin-worker")["spec"]
    (trigger,) = scaled["triggers"]
    assert "replicas" not in one("Deployment", scaled["scaleTargetRef"]["name"])["spec"]
    assert scaled["minReplicaCount"] >= 1
    assert trigger["type"] == "azure-servicebus"
    assert trigger["metadata"] == {
        "namespace": settings_file()["TOCSIN_SERVICEBUS_NAMESPACE"].partition(".")[0],
        "queueName": settings_file()["TOCSIN_SERVICEBUS_QUEUE"],
        "messageCount": settings_file()["TOCSIN_SLOTS"],
        "activationMessageCount": "0",
    }
    assert one("TriggerAuthentication", trigger["authenticationRef"]["name"])


def test_eviction_never_waits_for_ever():
    """Each budget lets one pod go, also where there is only one."""
    for part in PARTS:
        budget = one("PodDisruptionBudget", f"tocsin-{part}")["spec"]
        assert budget["maxUnavailable"] == 1
        assert "minAvailable" not in budget


def test_what_has_to_be_filled_in_says_so():
    """Each placeholder of an identity or a name in the manifests stands on a line marked CHANGE."""
    for file in KUSTOMIZATION["resources"]:
        for line in (KUBERNETES / file).read_text().splitlines():
            placeholder = re.search(r"00000000-|tocsin-example", line)
            assert bool(placeholder) == ("# CHANGE" in line), line
