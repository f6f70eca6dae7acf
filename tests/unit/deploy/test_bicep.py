"""What deploy/bicep would make in Azure: worked out from its files for several wishes, and held to what it promises."""

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
from bicep_syntax import NotBicep, read_bicep
from bicep_world import deploy, parameters_of

from worker.cli.commands import COMMANDS
from worker.sandbox.service_bus.config import load_queues
from worker.settings import Settings

ROOT = Path(__file__).parents[3]
BICEP = ROOT / "deploy/bicep"
SCHEMAS = json.loads((Path(__file__).parent / "schemas/azure.json").read_text())
GROUP = "00000000-0000-0000-0000-000000000000"
KEYS = f"desk={'a' * 64}"
REGISTERED = {
    "appRegistration": {
        "clientId": "the-app",
        "principalId": "the-app-principal",
        "secretUri": "https://vault.example/secrets/app",
    }
}
WISHES = {
    "as in the example": {},
    "for Kubernetes": {"containerApps": False, "kubernetesIssuer": "https://issuer.example/", "operatorsGroupId": ""},
    "with an app registration": REGISTERED,
    "with Application Insights": {"applicationInsights": True},
    "with a collector of one's own": {"otlpEndpoint": "https://collector.example"},
    "with ways to page people": {
        "smsEndpoint": "https://sms.example",
        "smsFrom": "Tocsin",
        "pagingWebhooks": "night=https://pager.example/x",
        "pagingWebhookSecrets": "night=a secret of the pager",
        "linkSecret": "a secret of the links",
    },
    "with what senders may do": {"intakeSenders": "{desk: {may-read: all}}"},
    "with a registry and a key field": {"registryServer": "registry.example", "boardsKeyField": "Custom.IncidentKey"},
}

SEND = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"
RECEIVE = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
WRITE_TABLES = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
READ_TABLES = "76199698-9eea-4c19-bc75-cec21354c6b6"


def made(**options):
    given = parameters_of(BICEP / "main.bicepparam", {"TOCSIN_INTAKE_KEYS": KEYS})
    return deploy(BICEP / "main.bicep", given | options)[0]


def app(world, name):
    return world.one("Microsoft.App/containerApps", name).body


def container(world, name):
    (only,) = app(world, name)["properties"]["template"]["containers"]
    return only


def environment(world, name):
    return {each["name"]: each.get("value") for each in container(world, name)["env"]}


def resolved(world, name):
    """The environment as the container sees it, its secrets looked up."""
    secrets = {
        each["name"]: each.get("value", "x") for each in app(world, name)["properties"]["configuration"]["secrets"]
    }
    return {
        each["name"]: each["value"] if "value" in each else secrets[each["secretRef"]]
        for each in container(world, name)["env"]
    }


@pytest.mark.parametrize("path", sorted(BICEP.rglob("*.bicep")), ids=lambda path: path.stem)
def test_every_file_is_read_and_leads_somewhere(path):
    """Each file is in the part of the language that is checked here, and is the main file or used by another."""
    read_bicep(path.read_text())
    others = [other.read_text() for other in BICEP.rglob("*.bicep") if other != path]
    assert path.name == "main.bicep" or any(f"{path.name}'" in other for other in others)


@pytest.mark.parametrize("options", WISHES.values(), ids=WISHES.keys())
def test_every_resource_is_one_that_azure_takes(options):
    """No name of a property is misspelt, and no value has another form than Azure Resource Manager expects."""
    for each in made(**options).deployed:
        body = {name: value for name, value in each.body.items() if name != "scope"}
        jsonschema.Draft202012Validator(SCHEMAS[f"{each.type}@{each.version}"]).validate(body)


def test_a_misspelt_property_is_found():
    """The check itself fails where it should."""
    queue = made().one("Microsoft.ServiceBus/namespaces/queues")
    wrong = {**queue.body, "properties": {**queue.body["properties"], "lockDurations": "PT1M"}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMAS[f"{queue.type}@{queue.version}"]).validate(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "resource a 'T@1' = { name: b }",
        "param a string\nresource b 'T@1' = { name: 'b' }",
        "module m 'types.bicep' = { name: 'm', params: { none: 1 } }",
        "resource a 'T@1' = { name: 'unended }",
    ],
    ids=["unknown name", "unused parameter", "unknown parameter", "unended text"],
)
def test_what_no_compiler_would_take_is_found(text, tmp_path):
    """A name that is declared nowhere, one that is used nowhere, and a text without its end are refused."""
    (tmp_path / "types.bicep").write_text("")
    (tmp_path / "main.bicep").write_text(text + "\n")
    with pytest.raises(NotBicep):
        deploy(tmp_path / "main.bicep", {})


def test_versions_of_the_interfaces_are_final():
    """No preview of an interface is used, and of each type one version."""
    versions = {each.rpartition("@")[::2] for each in SCHEMAS if each != "$comment"}
    assert len(versions) == len({type_ for type_, _ in versions})
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", version) for _, version in versions)
    used = {(each.type, each.version) for options in WISHES.values() for each in made(**options).deployed}
    assert used == versions


def rights(world):
    """Who may do what, and where: the last word of the scope's id."""
    return {
        (
            str(each.body["properties"]["principalId"]).strip("<>").removesuffix(".principalId"),
            each.body["properties"]["roleDefinitionId"].rpartition("/")[2].rpartition(":")[2],
            "/".join(each.body["scope"].split("/")[-2:]),
        )
        for each in world.all("Microsoft.Authorization/roleAssignments")
    }


def test_each_part_has_the_least_rights_it_can_work_with():
    """The intake sends, keeps incidents and serves calendars, the worker handles and writes, people operate."""
    queue, account = "queues/incidents", "storageAccounts/tocsinuniquestring0"
    assert rights(made()) == {
        ("tocsin-intake", SEND, queue),
        ("tocsin-intake", WRITE_TABLES, "tables/incidents"),
        ("tocsin-intake", WRITE_TABLES, "tables/calendars"),
        ("tocsin-intake", READ_TABLES, "tables/schedules"),
        ("tocsin-worker", SEND, queue),
        ("tocsin-worker", RECEIVE, queue),
        ("tocsin-worker", WRITE_TABLES, account),
        (GROUP, SEND, queue),
        (GROUP, RECEIVE, queue),
        (GROUP, WRITE_TABLES, account),
        ("tocsin-scaler", "count", "namespaces/tocsin-uniquestring0"),
    }


def test_a_registered_app_has_the_rights_instead_of_the_identity():
    """Where the worker acts as an app registration, its managed identity may do nothing."""
    whose = {who for who, _, _ in rights(made(**REGISTERED))}
    assert "the-app-principal" in whose
    assert "tocsin-worker" not in whose


def test_the_scaler_may_count_and_nothing_else():
    """The role of the scaler reads what queues there are, and touches no message."""
    (permission,) = made().one("Microsoft.Authorization/roleDefinitions").body["properties"]["permissions"]
    assert permission["dataActions"] == []
    assert all(action.endswith("/read") for action in permission["actions"])


def test_identities_alone_open_doors():
    """Neither the queue, nor the tables, nor the bot take a key."""
    world = made()
    assert world.one("Microsoft.ServiceBus/namespaces", "tocsin").body["properties"]["disableLocalAuth"] is True
    assert world.one("Microsoft.Storage/storageAccounts").body["properties"]["allowSharedKeyAccess"] is False
    assert world.one("Microsoft.BotService/botServices").body["properties"]["disableLocalAuth"] is True


def test_the_queue_is_the_one_the_worker_was_tried_with():
    """But for what the emulator's limits forbid, the queue has the settings of the sandbox's."""
    (tried,) = load_queues((ROOT / "worker/sandbox/service_bus/queues.json").read_text())
    queue = made().one("Microsoft.ServiceBus/namespaces/queues")
    assert queue.body["name"] == tried.name == Settings.model_fields["servicebus_queue"].default
    assert queue.body["properties"] == {
        "lockDuration": f"PT{tried.lock_duration.total_seconds() / 60:.0f}M",
        "maxDeliveryCount": tried.max_delivery_count,
        "requiresDuplicateDetection": tried.requires_duplicate_detection,
        "duplicateDetectionHistoryTimeWindow": "PT10M",
        "defaultMessageTimeToLive": "P14D",
        "deadLetteringOnMessageExpiration": tried.dead_lettering_on_expiration,
        "requiresSession": False,
        "maxSizeInMegabytes": 1024,
    }


def test_the_tables_are_those_that_settings_ask_for():
    """All tables are made, under the names that need no setting."""
    tables = {each.body["name"] for each in made().all("Microsoft.Storage/storageAccounts/tableServices/tables")}
    assert tables == {
        Settings.model_fields[f"tables_{name}"].default for name in ("incidents", "oncall", "schedules", "calendars")
    }


@pytest.mark.parametrize("options", WISHES.values(), ids=WISHES.keys())
@pytest.mark.parametrize("name", ["intake", "worker"])
def test_containers_are_given_valid_settings(options, name, monkeypatch, tmp_path):
    """Every variable is one that Tocsin or a SDK reads, and together they are valid."""
    world = made(**options)
    if not world.all("Microsoft.App/containerApps"):
        return
    monkeypatch.chdir(tmp_path)
    for variable in [variable for variable in os.environ if variable.startswith("TOCSIN_")]:
        monkeypatch.delenv(variable)
    given = resolved(world, name)
    known = {f"TOCSIN_{field.upper()}" for field in Settings.model_fields}
    others = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    assert given.keys() <= known | others
    for variable, value in given.items():
        monkeypatch.setenv(variable, re.sub(r"^<.*>\.table$", "https://tables.example", value))
    settings = Settings.read()
    settings.require("servicebus_namespace", "tables_endpoint")
    if name == "worker":
        settings.require("boards_url", "teams_team_id", "bot_service_url", "bot_app_id", "tenant_id")
        assert settings.slots == 4
    else:
        assert dict(settings.intake_keys) == {"desk": "a" * 64}


def test_containers_run_commands_that_there_are():
    """What each container is told to run is a command of `tocsin`."""
    world = made()
    assert container(world, "intake")["args"][0] == "intake"
    assert container(world, "worker")["args"] == ["work"]
    assert {"intake", "work"} <= {command.name for command in COMMANDS}


def test_secrets_are_secrets():
    """The keys and the app's secret reach the containers by reference alone."""
    world = made(**REGISTERED)
    assert environment(world, "intake")["TOCSIN_INTAKE_KEYS"] is None
    assert environment(world, "worker")["AZURE_CLIENT_SECRET"] is None
    assert environment(world, "worker")["AZURE_CLIENT_ID"] == "the-app"
    (secret,) = app(world, "worker")["properties"]["configuration"]["secrets"]
    assert secret["keyVaultUrl"] == REGISTERED["appRegistration"]["secretUri"]
    assert "value" not in secret


def test_what_pages_people_is_secret_and_given_to_whom_it_serves():
    """Addresses of pagers hold tokens; a link is made by the worker and read by the intake, with one secret."""
    world = made(**WISHES["with ways to page people"])
    worker, intake = environment(world, "worker"), environment(world, "intake")
    assert all(
        worker[f"TOCSIN_{name}"] is None for name in ("PAGING_WEBHOOKS", "PAGING_WEBHOOK_SECRETS", "LINK_SECRET")
    )
    assert worker["TOCSIN_SMS_FROM"] == "Tocsin"
    assert not {name for name in intake if "PAGING" in name or "SMS" in name}
    assert resolved(world, "worker")["TOCSIN_LINK_SECRET"] == resolved(world, "intake")["TOCSIN_LINK_SECRET"]
    assert intake["TOCSIN_INTAKE_URL"] == worker["TOCSIN_INTAKE_URL"]
    assert intake["TOCSIN_INTAKE_URL"].startswith("https://tocsin-intake.")
    elsewhere = made(**WISHES["with ways to page people"], intakeAddress="https://tocsin.example")
    assert environment(elsewhere, "worker")["TOCSIN_INTAKE_URL"] == "https://tocsin.example"


def test_only_the_intake_is_reached_from_outside():
    """It answers over https alone; the worker and the collector have no address in the world."""
    world = made(applicationInsights=True)
    ingress = {
        name: app(world, name)["properties"]["configuration"].get("ingress")
        for name in ("intake", "worker", "collector")
    }
    assert ingress["worker"] is None
    assert ingress["intake"]["external"] is True
    assert ingress["intake"]["allowInsecure"] is False
    assert ingress["collector"]["external"] is False


@pytest.mark.parametrize(("name", "port"), [("intake", "targetPort"), ("worker", "TOCSIN_HEALTH_PORT")])
def test_probes_ask_where_health_is_answered(name, port):
    """Each kind of probe goes to the port that listens, and allows the five seconds that an answer may take."""
    world = made()
    listening = app(world, name)["properties"]["configuration"].get("ingress") or environment(world, name)
    probes = {each["type"]: each for each in container(world, name)["probes"]}
    assert {kind: each["httpGet"]["path"] for kind, each in probes.items()} == {
        "Startup": "/livez",
        "Liveness": "/livez",
        "Readiness": "/readyz",
    }
    for each in probes.values():
        assert each["httpGet"]["port"] == int(listening[port])
        assert each["timeoutSeconds"] == 5
        assert each.get("failureThreshold", 3) <= 10


def test_workers_come_with_messages_and_never_go_to_none():
    """One worker more for each handful that a worker takes at a time, counted as the identity that may only count."""
    world = made(slots=6)
    worker = app(world, "worker")["properties"]
    scale = worker["template"]["scale"]
    (rule,) = scale["rules"]
    assert scale["minReplicas"] >= 1
    assert rule["custom"]["metadata"]["messageCount"] == environment(world, "worker")["TOCSIN_SLOTS"] == "6"
    scaler = world.one("Microsoft.ManagedIdentity/userAssignedIdentities", "scaler").id
    assert rule["custom"]["identity"] == scaler
    assert worker["configuration"]["identitySettings"] == [{"identity": scaler, "lifecycle": "None"}]
    assert app(world, "intake")["properties"]["template"]["scale"]["minReplicas"] == 2


def test_stopping_is_given_twice_the_time_it_needs():
    """A worker and an intake end within 25 seconds and are left 60."""
    for name in ("intake", "worker"):
        assert app(made(), name)["properties"]["template"]["terminationGracePeriodSeconds"] == 60


def test_on_kubernetes_service_accounts_are_the_identities():
    """Each identity trusts the account that the manifests run its part under, and no container app is made."""
    world = made(**WISHES["for Kubernetes"])
    trusted = {
        each.name.split("/")[0]: each.body["properties"]["subject"].removeprefix("system:serviceaccount:")
        for each in world.all("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials")
    }
    assert trusted == {
        "tocsin-intake": "tocsin:tocsin-intake",
        "tocsin-worker": "tocsin:tocsin-worker",
        "tocsin-scaler": "keda:keda-operator",
    }
    assert world.all("Microsoft.App/containerApps") == []
