"""A pager's webhook as the sandbox plays it: its name, its times, and its words for a status."""

from worker.sandbox.harness.fault_answers import FaultAnswer, json_answer, phrase
from worker.sandbox.harness.latency import Typical
from worker.sandbox.harness.remote_system import RemoteSystem


def fault_answer(status: int, message: str = "") -> FaultAnswer:
    return json_answer({"error": message or phrase(status)})


PAGER = RemoteSystem(
    name="pager",
    typical=(Typical("POST", r"", 200, "a call to a service on the internet that queues it"),),
    fault_answer=fault_answer,
)
