"""One launch as an operator sees it, with real processes: one trace, lines that belong together, numbers and probes."""

import json
import re
import signal
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from collector import collector
from house import eventually
from patience import LIMIT
from seen import numbers_in

from handlers.launch.playbook import STEPS

# Many processes, each of which starts slowly on a busy machine.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collected():
    async with collector() as (taken, address):
        yield taken, address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(house, collected):
    """The house, with a collector that every process reports to."""
    house.settings |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collected[1]}
    return house


@dataclass
class Launch:
    """What could be seen of one launch, while it ran and after its worker had ended."""

    incident_id: str
    probes: list
    text: str
    lines: list
    trace: list


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def launch(watched, collected):
    """One incident, launched by a worker that is asked for its health and numbers meanwhile."""
    worker, intake = await watched.work(health_port=0), await watched.intake()
    async with httpx.AsyncClient(base_url=await health_of(worker), timeout=LIMIT) as http:
        answer = await intake.post("/v1/incidents", json={"title": "Checkout is down", "service": "checkout"})
        await worker.said("incident.launched")
        # Before the first message a poll may take its whole time, and no answer is known of.
        probes = [await eventually(lambda probe=probe: well(http, probe)) for probe in ("/livez", "/readyz")]
        text = (await http.get("/metrics")).text
    assert await worker.stop() == 0
    said = lines_of(worker)
    # Not those of the response, which has messages of its own.
    of_launch = next(line["message"] for line in said if line["event"] == "incident.launched")
    lines = [line for line in said if line.get("message") == of_launch]
    [trace_id] = {line["trace_id"] for line in lines}
    trace = await eventually(lambda: whole_trace(collected[0], trace_id))
    return Launch(answer.json()["incident_id"], probes, text, lines, trace)


async def health_of(worker):
    await worker.said("health.listening")
    return re.search(r"http://127\.0\.0\.1:\d+", worker.log).group()


async def well(http, probe):
    answer = await http.get(probe)
    return answer if answer.status_code == 200 else None


async def whole_trace(collected, trace_id):
    """Once both processes have told of it; the intake tells every few seconds, the worker at its end."""
    trace = collected.trace(trace_id)
    return trace if {service for service, _ in trace} == {"tocsin-intake", "tocsin-worker"} else None


def lines_of(program):
    return [json.loads(line) for line in program.log.splitlines() if line.startswith("{")]


async def test_a_launch_is_one_trace_of_two_processes(launch):
    """Every step, call and commit hangs in one tree under the intake's request."""
    spans = {span.span_id: span for _, span in launch.trace}
    names = {span.name for span in spans.values()}
    assert {step.name for step in STEPS if not step.contingent} <= names
    assert {"boards create", "graph write", "bot write", "tables read", "tables lease", "tables close"} <= names
    assert [span.name for span in spans.values() if span.parent_span_id not in spans] == ["POST /v1/incidents"]


async def test_every_line_of_a_launch_belongs_to_it(launch):
    """From the lease to the settlement each line has the incident, attempt and ids, and each step's line its step."""
    told = {line["event"] for line in launch.lines}
    assert {"incident.leased", "step.done", "incident.launched", "message.settled"} <= told
    for line in launch.lines:
        assert line["incident"] == launch.incident_id
        assert {"attempt", "trace_id", "span_id"} <= set(line), line
        assert not line["event"].startswith("step.") or line["step"]


async def test_a_worker_at_work_is_well(launch):
    """Alive, and ready once the queue answers."""
    assert [probe.json()["status"] for probe in launch.probes] == ["alive", "ready"]


async def test_a_worker_counts_what_it_does(launch):
    """Each step and system of the launch is there, and the labels name nobody."""
    numbers = numbers_in(launch.text)
    assert numbers["tocsin_launch_seconds_count",] == 1
    assert numbers["tocsin_messages_in_flight",] >= 0
    for step in (step for step in STEPS if not step.contingent):
        assert numbers["tocsin_step_seconds_count", "outcome=done", f"step={step.name}"] >= 1
    for system in ("boards", "graph", "bot", "tables"):
        assert numbers["tocsin_remote_call_seconds_count", "outcome=done", f"system={system}"] >= 1
    assert launch.incident_id not in launch.text
    assert "@" not in launch.text


async def test_a_stopping_worker_is_alive_and_not_ready(watched):
    """While the step in hand may still end, the platform sends nothing new and kills nothing."""
    await watched.fault(system="graph", method="POST", path="/channels$", behaviour="delay", seconds=LIMIT)
    worker, intake = await watched.work(health_port=0), await watched.intake()
    async with httpx.AsyncClient(base_url=await health_of(worker), timeout=LIMIT) as http:
        await intake.post("/v1/incidents", json={"title": "Stopped in the middle"})
        await worker.said("incident.leased")
        worker.send(signal.SIGTERM)

        async def unready():
            return await http.get("/readyz") if (await http.get("/readyz")).status_code == 503 else None

        answer = await eventually(unready, every=0.01)
        assert "stopping" in answer.json()["reason"]
        assert (await http.get("/livez")).status_code == 200
        await watched.behave()  # the step in hand ends now, and not while a busy machine is still looking
    assert await worker.process.wait() == 0


async def test_a_worker_waits_for_its_tables_alive(watched):
    """While the table store is down a worker that starts is alive, and says why it is not ready."""
    nobody = re.sub(r"(127\.0\.0\.1):\d+", r"\1:9", watched.env["TOCSIN_TABLES_CONNECTION_STRING"])
    worker = await watched.start("work", health_port=0, tables_connection_string=nobody)
    async with httpx.AsyncClient(base_url=await health_of(worker), timeout=LIMIT) as http:
        await worker.said("worker.waiting")
        assert (await http.get("/livez")).status_code == 200
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert await worker.stop() == 0
