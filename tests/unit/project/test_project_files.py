"""The files around the code keep the promises that people rely on when they clone, build and run it."""

import ast
import hashlib
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from worker.oncall.roster_file import read_roster_file
from worker.oncall.rows import read_row
from worker.sandbox.service_bus.config import load_queues
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings
from worker.web.server import MEMORY

ROOT = Path(__file__).parents[3]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
WORKERS = ("worker-1", "worker-2")
STARTED = ("intake", *WORKERS)
OURS = {*STARTED, "sandbox", "roster", "queue-ready"}
EMULATOR_CONNECTIONS = 10


def read(name):
    return (ROOT / name).read_text()


def tracked(*under):
    listed = subprocess.run(["git", "ls-files", "-z", *under], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(read("docker-compose.yml"))["services"]


@pytest.fixture(scope="module")
def dockerfile():
    """Its instructions, continued lines joined and comments gone, as a list for every stage."""
    lines = [line for line in read("Dockerfile").splitlines() if not line.lstrip().startswith("#")]
    instructions = [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]
    starts = [number for number, line in enumerate(instructions) if line.startswith("FROM")]
    return [instructions[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


# Locks


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_pins_every_package_by_hash_and_nothing_by_address(lock):
    """Each entry of a lock is a name, a version and SHA-256 sums, wherever the packages come from."""
    entries = re.sub(r"^ *#.*\n", "", lock.read_text(), flags=re.MULTILINE).replace("\\\n", "").splitlines()
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[^ ]+( ; [^:]+)?( +--hash=sha256:[0-9a-f]{64})+ *", entry), entry[:100]


def test_image_and_tests_use_the_same_versions():
    """What is tested is what the image holds."""
    pins = {lock.name: dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS}
    for smaller in ("requirements.lock", "requirements-build.lock"):
        assert pins[smaller].items() <= pins["requirements-dev.lock"].items()


@pytest.mark.parametrize("folder", ["worker/sandbox/tables", "tests/support/node_clients"])
def test_what_comes_from_npm_is_pinned_by_sums_and_nothing_by_address(folder):
    """A lock names versions and sums, and leaves the registry to the machine it is installed on."""
    wanted = json.loads(read(f"{folder}/package.json"))["dependencies"]
    packages = json.loads(read(f"{folder}/package-lock.json"))["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_no_file_names_a_registry():
    """Where packages come from is the business of the machine, so no tracked file says it."""
    address = re.compile(r"https?://[^\s/]*(pypi|pythonhosted|npmjs|yarnpkg)|--(extra-)?index-url|find[-_]links")
    named = [path for path in tracked() if address.search(path.read_text(errors="ignore"))]
    assert named == []


def test_node_is_the_same_with_the_extra_and_with_make():
    """The extra `sandbox` and `make setup` bring the same Node.js."""
    project = tomllib.loads(read("pyproject.toml"))
    assert project["project"]["optional-dependencies"]["sandbox"] == project["dependency-groups"]["node"]


# make and CI


def made(*words, check=True):
    """What make says to these words; these tests may run under a make, whose wishes are not for this one."""
    alone = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "PYTHON"))}
    return subprocess.run(["make", *words], cwd=ROOT, env=alone, capture_output=True, text=True, check=check)


def test_make_alone_lists_every_target():
    """`make` without a target prints each one with a sentence, in aligned columns."""
    listed = made().stdout.splitlines()
    targets = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)[1].split()
    assert [line.split()[1] for line in listed] == targets
    assert len({re.match(r"make \S+ +", line).end() for line in listed}) == 1


def test_make_keeps_an_environment_for_each_python():
    """`PYTHON` chooses the one of its version; without it there is one, as ever."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert ".venv/bin/ruff check" in made("-n", "check").stdout.splitlines()
    assert f".venv-{version}/bin/ruff check" in made("-n", "check", f"PYTHON={sys.executable}").stdout.splitlines()


def test_make_says_when_the_chosen_python_does_not_run():
    """A name that leads nowhere is told before anything is made."""
    refused = made("check", "PYTHON=python-of-nobody", check=False)
    assert refused.returncode != 0
    assert "PYTHON=python-of-nobody" in refused.stderr


def test_make_refuses_an_old_python(tmp_path):
    """The oldest version that will do is named, and no environment is begun."""
    old = tmp_path / "python2.9"
    old.write_text('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 2.9;; esac\n')
    old.chmod(0o755)
    refused = made(".venv-2.9/stamps/python", f"PYTHON={old}", check=False)
    assert refused.returncode != 0
    assert f"Python 3.11 or newer, and {old} is older" in refused.stderr
    assert not (ROOT / ".venv-2.9").exists()


def test_make_builds_on_the_base_that_the_dockerfile_names():
    """Nothing else says what the image stands on, unless a person does."""
    assert "BASE_IMAGE" not in made("-n", "image").stdout
    assert "--build-arg=BASE_IMAGE=a:b" in made("-n", "image", "BASE_IMAGE=a:b").stdout.split()


def test_make_says_how_large_a_download_is_before_it_begins():
    """Whoever has a slow line reads it first; each step says its own."""
    downloads = {
        "packages": "with_progress",
        "azurite": "azurite install",
        "clients": "install_clients",
        "proton": "requirements-proton.lock",
    }
    for target, command in downloads.items():
        before = made("-n", "-B", f".venv/stamps/{target}").stdout.partition(command)[0]
        assert before.rfind("MB to download") > before.rfind("touch"), target


def with_progress(*lines, code=0):
    command = ["sh", "-c", 'printf "%s\\n" "$@"; exit ' + str(code), "sh", *lines]
    program = [sys.executable, ROOT / ".ci/with_progress", "106", *command]
    return subprocess.run(program, capture_output=True, text=True, check=False)


PIP = ("Collecting a==1", "  Downloading a-1.whl (25.3 MB)", "Processing /b.whl", "  Using cached b.whl (700 kB)")


def test_an_install_tells_how_far_it_is_and_nothing_else():
    """What pip says of each package is left out while all goes well."""
    ran = with_progress(*PIP, "Installing collected packages: a, b", "Successfully installed a b")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "  all are here; unpacking them\n", "")


def test_an_install_that_fails_tells_all():
    """Its exit code and its own words, for whoever has to find out why."""
    ran = with_progress(*PIP, "ERROR: no such version", code=3)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.splitlines() == [*PIP, "ERROR: no such version"]


class Ci:
    """`.ci/run` in a checkout and on a machine of its own, where every program but a few harmless ones is made up."""

    def __init__(self, tmp_path):
        self.checkout, self.programs = tmp_path / "checkout", tmp_path / "bin"
        for folder in (self.checkout / ".ci", self.programs):
            folder.mkdir(parents=True)
        for name in (".ci/run", "Dockerfile"):
            shutil.copy(ROOT / name, self.checkout / name)
        for name in ("bash", "dirname", "sed"):
            (self.programs / name).symlink_to(shutil.which(name))
        self.has("make", says="make $*, requiring ${TESTS_REQUIRE_SERVICES:-nothing}, in $PWD")
        self.has("id", says="1000")

    def has(self, program, *, says="", code=0, by=""):
        path = self.programs / program
        path.write_text(f'#!{self.programs}/bash\n{by}\necho "{says}"\nexit {code}\n')
        path.chmod(0o755)

    def run(self):
        command = [self.programs / "bash", self.checkout / ".ci/run"]
        told = {"PATH": str(self.programs)}
        return subprocess.run(command, cwd="/", env=told, capture_output=True, text=True, check=False)

    def called(self, target):
        return f"make {target}, requiring 1, in {self.checkout}"


@pytest.fixture
def ci(tmp_path):
    return Ci(tmp_path)


IMAGE_PYTHON = re.search(r"^ARG BASE_IMAGE=python:(\d+\.\d+)", read("Dockerfile"), re.MULTILINE)[1]


def test_ci_calls_make_test_from_anywhere(ci):
    """`.ci/run` is `make test` in the checkout, with its exit code; nothing follows once that failed."""
    ci.has("make", says="make $* in $PWD", code=7)
    ci.has(f"python{IMAGE_PYTHON}", says="/its/python")
    ran = ci.run()
    assert ran.stdout.splitlines() == [f"make test in {ci.checkout}"]
    assert ran.returncode == 7


def test_ci_goes_on_with_the_python_of_the_image(ci):
    """Where the machine has it, the unit and contract tests run on it as well, and their exit code counts."""
    ci.has("make", says="make $*", code="$(($# - 1))")
    ci.has(f"python{IMAGE_PYTHON}", says="/its/python")
    ran = ci.run()
    assert ran.stdout.splitlines() == ["make test", "make unit PYTHON=/its/python"]
    assert ran.returncode == 1


@pytest.mark.parametrize("shim", [False, True])
def test_ci_says_so_where_the_python_of_the_image_is_missing(ci, shim):
    """One line names the version, whether there is no such command or one that does not run."""
    if shim:
        ci.has(f"python{IMAGE_PYTHON}", code=127)
    ran = ci.run()
    called, said = ran.stdout.splitlines()
    assert called == ci.called("test")
    assert f"no Python {IMAGE_PYTHON}" in said
    assert ran.returncode == 0


def test_ci_asks_pyenv_for_the_python_of_the_image(ci):
    """A version that pyenv keeps is there for whoever names it."""
    asked = f'[ "$PYENV_VERSION" = {IMAGE_PYTHON} ] || exit 127'
    ci.has(f"python{IMAGE_PYTHON}", by=asked, says="/its/python")
    assert ci.run().stdout.splitlines() == [ci.called("test"), ci.called("unit PYTHON=/its/python")]


def test_ci_does_not_run_the_same_python_twice(ci):
    """Where `make test` itself chose the version of the image, that was all."""
    ci.has(f"python{IMAGE_PYTHON}", says="/its/python")
    (ci.checkout / ".venv/bin").mkdir(parents=True)
    (ci.checkout / f".venv/bin/python{IMAGE_PYTHON}").touch()
    assert ci.run().stdout.splitlines() == [ci.called("test")]


def test_ci_installs_a_browser_before_the_tests(ci):
    """As root, and where none is found."""
    ci.has("id", says="0")
    ci.has("apt-get", by=f'echo "$*" >> {ci.checkout}/apt-get.log; echo chatter >&2', says="chatter")
    ran = ci.run()
    assert ran.stderr == ""
    first, called, _ = ran.stdout.splitlines()
    assert "Chromium" in first
    assert called == ci.called("test")
    updated, installed = (ci.checkout / "apt-get.log").read_text().splitlines()
    assert updated.startswith("update")
    assert installed.startswith("install")
    assert installed.endswith(" chromium")


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_ci_installs_no_second_browser(ci, browser):
    """Any of those that the tests know will do."""
    ci.has("id", says="0")
    ci.has(browser)
    ci.has("apt-get", code=1)
    assert ci.run().stdout.splitlines()[0] == ci.called("test")


def test_ci_installs_nothing_for_an_ordinary_user(ci):
    """Who is not root is left to the tests, which fail without a browser."""
    ci.has("apt-get", code=1)
    assert ci.run().stdout.splitlines()[0] == ci.called("test")


def test_ci_ends_with_a_sentence_where_no_browser_can_be_had(ci):
    """Nothing else is begun, and the reason of apt-get is there to read."""
    ci.has("id", says="0")
    ci.has("apt-get", code=100, by="echo 'E: no network' >&2")
    ran = ci.run()
    assert ran.returncode == 1
    assert "make" not in ran.stdout
    reason, sentence = ran.stderr.splitlines()
    assert reason == "E: no network"
    assert "chromium could not be installed" in sentence


# The wheel


def test_wheel_holds_every_file_of_the_packages(tmp_path):
    """Schemas, queue settings, Azurite's lock and the page travel with the code, and nothing else does."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    assert {str(path.relative_to(ROOT)) for path in tracked("worker", "handlers")} <= packed
    assert {name.split("/")[0].split("-")[0] for name in packed} == {"worker", "handlers", "tocsin"}


# The queue


def test_queues_are_within_the_limits_of_the_emulator():
    """The one queue configuration is accepted by the official emulator as well as by the sandbox."""
    namespaces = json.loads(read("worker/sandbox/service_bus/queues.json"))["UserConfig"]["Namespaces"]
    assert [namespace["Name"] for namespace in namespaces] == ["sbemulatorns"]
    for queue in load_queues(read("worker/sandbox/service_bus/queues.json")):
        assert timedelta(seconds=5) <= queue.lock_duration <= timedelta(minutes=5)
        assert 1 <= queue.max_delivery_count <= 10
        assert queue.default_time_to_live <= timedelta(hours=1)
        assert timedelta(seconds=5) <= queue.duplicate_detection_window <= timedelta(minutes=5)


def test_our_queue_loses_nothing():
    """The queue that settings ask for exists, drops duplicates, and keeps what expires."""
    (queue,) = load_queues(read("worker/sandbox/service_bus/queues.json"))
    assert queue.name == Settings.model_fields["servicebus_queue"].default
    assert queue.requires_duplicate_detection
    assert queue.dead_lettering_on_expiration
    assert queue.max_delivery_count == 10


# docker-compose.yml


def environment_of(service):
    """What the service is given when the person sets no variable of their own."""
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text) for name, text in service.get("environment", {}).items()}


def test_compose_starts_the_whole_of_tocsin(compose):
    """One intake, two workers, the stand-ins, the official emulator with its database, and Azurite."""
    assert set(compose) == OURS | {"tables", "queue", "database"}
    assert compose["worker-1"] == compose["worker-2"]


def test_the_intake_is_allowed_the_memory_that_it_may_take(compose):
    """What its bounds come to is the limit of both platforms, and what the operator is told."""
    mebibytes = math.ceil(MEMORY / 2**20)
    [deployment] = [
        each for each in yaml.safe_load_all(read("deploy/kubernetes/intake.yaml")) if each["kind"] == "Deployment"
    ]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    limit = int(container["resources"]["limits"]["memory"].removesuffix("Mi"))
    assert 0.75 * limit < mebibytes <= limit
    assert compose["intake"]["mem_limit"] == f"{limit}m"
    assert f"no more than {limit} MiB" in read("deploy/README.md")


def test_compose_stays_within_the_connections_of_the_emulator(compose):
    """Each sender, slot and waiting message is a connection, and one is left over for a person's command."""
    environments = [environment_of(compose[name]) for name in WORKERS]
    slots = [int(each["TOCSIN_SLOTS"]) + int(each["TOCSIN_WAITING"]) for each in environments]
    senders = len(STARTED)
    assert sum(slots) + senders + 1 <= EMULATOR_CONNECTIONS


def test_compose_settings_are_settings(compose, monkeypatch, tmp_path):
    """Every variable in the file is one that Tocsin reads, and together they are valid."""
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for service in (*STARTED, "roster"):
        given = environment_of(compose[service])
        assert {name.removeprefix("TOCSIN_").lower() for name in given} <= set(Settings.model_fields)
        for name, text in given.items():
            monkeypatch.setenv(name, text)
        settings = Settings.read()
        assert dict(settings.intake_keys) == {"development": hashlib.sha256(b"development").hexdigest()}
        for secret in (settings.servicebus_connection_string, settings.tables_connection_string):
            assert not re.search(r"\s", secret.get_secret_value())


def test_compose_waits_for_what_can_say_that_it_is_ready(compose):
    """A service that others wait for to be healthy has a health check, and each of ours waits for what it needs."""
    for service in compose.values():
        for awaited, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in compose[awaited]
    for name in STARTED:
        assert set(compose[name]["depends_on"]) == {"queue-ready", "tables", "sandbox", "roster"}
        assert "healthcheck" in compose[name]


def test_compose_gives_our_containers_no_more_than_they_need(compose):
    """Our containers have a read-only root, no capabilities and no way to new privileges."""
    for name in OURS:
        service = compose[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == "/tmp"


def test_compose_listens_on_this_machine_only(compose):
    """Every published port is bound to loopback: the keys in the file are known to everyone."""
    for service in compose.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_compose_holds_no_password(compose):
    """The database's password is a variable, one for both who need it."""
    password = {compose[name]["environment"]["MSSQL_SA_PASSWORD"] for name in ("queue", "database")}
    assert len(password) == 1
    assert password.pop().startswith("${MSSQL_SA_PASSWORD:-")


def test_compose_puts_the_people_of_the_sandbox_on_call(compose):
    """The people who are called are those whom the stand-ins know, and the file is one that `roster import` takes."""
    source, target, mode = compose["roster"]["volumes"][0].split(":")
    assert compose["roster"]["command"] == ["roster", "import", target, "--yes"]
    assert mode == "ro"
    assert read_roster_file(ROOT / source) == [read_row(row) for row in DEFAULT_WORLD.on_call]
    planted = compose["intake"]["environment"]["TOCSIN_SANDBOX_PLANTED"]
    assert set(planted.split(",")) == set(DEFAULT_WORLD.planted)


def test_compose_shows_links_that_a_browser_on_this_machine_opens(compose):
    """The sandbox hands out the address that its port is published at."""
    published = compose["sandbox"]["ports"][0].rpartition(":")[0]
    command = compose["sandbox"]["command"]
    assert command[command.index("--public-url") + 1] == f"http://{published}"


def test_compose_asks_workers_for_their_health_where_they_answer(compose):
    """The health check of a worker goes to the address that its settings give it."""
    for name in WORKERS:
        given = environment_of(compose[name])
        address = f"http://{given['TOCSIN_HEALTH_HOST']}:{given['TOCSIN_HEALTH_PORT']}/readyz"
        assert address in compose[name]["healthcheck"]["test"][-1]


def test_compose_mounts_our_queues(compose):
    """The emulator reads the same queue configuration as the sandbox, and cannot change it."""
    source, target, mode = compose["queue"]["volumes"][0].split(":")
    assert (ROOT / source).samefile(ROOT / "worker/sandbox/service_bus/queues.json")
    assert (target, mode) == ("/ServiceBus_Emulator/ConfigFiles/Config.json", "ro")


def test_programs_in_compose_are_programs(compose):
    """The lines of Python in health checks and in the waiting service compile."""
    checks = [compose[name]["healthcheck"]["test"][-1] for name in (*STARTED, "sandbox")]
    for program in [*checks, *compose["queue-ready"]["command"]]:
        compile(program, "docker-compose.yml", "exec")


# Dockerfile


def test_image_runs_as_an_ordinary_user(dockerfile):
    """The last stage ends with a numbered user, which Kubernetes can see is not root."""
    users = [line.split()[1] for line in dockerfile[-1] if line.startswith("USER")]
    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", users[0])


def test_image_has_no_build_tools(dockerfile):
    """The last stage installs nothing: it copies what an earlier one made, into which pip was never put."""
    assert not [line for line in dockerfile[-1] if line.startswith(("RUN", "ADD"))]
    assert all("--from=" in line for line in dockerfile[-1] if line.startswith("COPY"))
    assert any("venv --without-pip /opt/tocsin" in line for line in dockerfile[0])
    assert not re.search(r"\b(apt|apt-get|apk|gcc|build-essential)\b", read("Dockerfile"))


def test_image_is_the_command(dockerfile):
    """The entry point is `tocsin` itself and no shell, so that SIGTERM reaches it."""
    assert 'ENTRYPOINT ["tocsin"]' in dockerfile[-1]


def test_every_stage_stands_on_the_chosen_base(dockerfile):
    """Build and run share one base, whose Python the virtual environment points to, and one argument chooses it."""
    assert all(stage[0].split()[1] == "${BASE_IMAGE}" for stage in dockerfile)


def test_image_installs_by_hash(dockerfile):
    """Each installation in the build demands hashes, but for our own wheel, which reaches for no index."""
    installs = [
        command
        for stage in dockerfile
        for line in stage
        for command in line.split("&&")
        if re.search(r"/pip\b.* (install|wheel) ", command)
    ]
    assert len(installs) == 4
    assert all("--require-hashes" in command or "--no-index" in command for command in installs)


def test_builder_is_sent_what_it_copies_and_no_more(dockerfile):
    """What the Dockerfile copies is let through by .dockerignore, and only that."""
    copied = [
        name
        for stage in dockerfile
        for line in stage
        if line.startswith("COPY") and "--from=" not in line
        for name in shlex.split(line)[1:-1]
    ]
    ignore = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied)


def test_image_leaves_out_only_request_builders_that_nobody_uses(dockerfile):
    """No module that speaks to Microsoft Graph touches a request builder that the image leaves out."""
    (removal,) = [line for line in dockerfile[0] if "msgraph/generated" in line]
    left_out = set(removal.partition("rm -r")[2].split())
    assert "groups" in left_out
    assert not left_out & {"models", "teams", "users"}
    for path in tracked("worker/*.py", "handlers/*.py"):
        source = path.read_text()
        if "msgraph" not in source:
            continue
        nodes = list(ast.walk(ast.parse(source)))
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        used |= {part for node in nodes if isinstance(node, ast.ImportFrom) for part in (node.module or "").split(".")}
        assert not used & left_out, path
