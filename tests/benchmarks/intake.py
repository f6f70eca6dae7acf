"""How much the intake adds to its floor: a bare FastAPI that awaits one send of the same sender for each request.

Run with `make bench BENCH=intake`. Both are processes of their own in front of one
queue and get the same requests by turns, so that the ratios say something on a noisy machine too. The last line is the
intake with its spool once the queue is gone.
"""

import asyncio
import json
import re
import secrets
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from house import House, eventually

from worker.app.signals import on_signals
from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.messaging.connection import open_queue
from worker.settings import Settings
from worker.web.server import serve

SENDERS = (1, 32)
ROUNDS = 7
SECONDS = 2.0
FLOOR = "floor"

ALERT = {"title": "Checkout is down", "service": "checkout", "description": "As long as an alert is. " * 40}
BODY = json.dumps(ALERT).encode()
REQUEST = b"POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


async def main():
    with tempfile.TemporaryDirectory() as directory:
        async with House(Path(directory), intake_spool=Path(directory) / "spool") as house:
            ours = await port_of(await house.start("intake", "--port", "0"))
            async with floor_beside(house) as floor:
                for port in (ours, floor):
                    await load(port, senders=1)
                for senders in SENDERS:
                    show(senders, [(await load(ours, senders), await load(floor, senders)) for _ in range(ROUNDS)])
            await house.fault(system="queue", behaviour="refuse")
            await house.fault(system="queue", behaviour="drop")
            await load(ours, senders=1)
            show_spooling(SENDERS[-1], await load(ours, SENDERS[-1]))


async def load(port, senders):
    """The requests per second, and the seconds of each request in order of length."""
    started = time.perf_counter()
    each = await asyncio.gather(*(sender(port, until=started + SECONDS) for _ in range(senders)))
    took = time.perf_counter() - started
    times = sorted(seconds for of_sender in each for seconds in of_sender)
    return len(times) / took, times


async def sender(port, until):
    """On one connection; by hand, since a client library would cost more than what is measured."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    while (started := time.perf_counter()) < until:
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head).group(1)))
        times.append(time.perf_counter() - started)
        assert head.startswith(b"HTTP/1.1 202"), head
    writer.close()
    await writer.wait_closed()
    return times


async def floor():
    """The bare minimum that may say 202."""
    async with open_queue(Settings.read()) as queue:
        app = FastAPI()

        @app.post("/v1/incidents", status_code=HTTPStatus.ACCEPTED)
        async def take(request: Request):
            event = Event(key=secrets.token_hex(16), **await request.json())
            await queue.sender.publish(EncodedEvent.of(event))
            return {"status": "accepted"}

        await serve(app, "127.0.0.1", 0, on_signals=on_signals)


@asynccontextmanager
async def floor_beside(house):
    log_file = house.directory / "floor.log"
    with log_file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, FLOOR), env=house.environment(), stdout=log, stderr=log
        )

    async def address():
        assert process.returncode is None, log_file.read_text()
        return re.search(r"http://127\.0\.0\.1:(\d+)", log_file.read_text())

    try:
        yield int((await eventually(address)).group(1))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def port_of(program):
    await program.said("intake.listening")
    return int(re.search(r"http://127\.0\.0\.1:(\d+)", program.log).group(1))


def show(senders, rounds):
    print(f"\n{senders} sender{'s' * (senders > 1)}             intake     floor     ratio")
    for name, number in (("accepted / s", rate), ("p50, ms", p50), ("p99, ms", p99)):
        ours, floors = ([number(*result) for result in results] for results in zip(*rounds, strict=True))
        ratio = statistics.median(one / other for one, other in zip(ours, floors, strict=True))
        print(f"{name:<15} {statistics.median(ours):>9.1f} {statistics.median(floors):>9.1f} {ratio:>9.2f}")


def show_spooling(senders, result):
    print(f"\nwithout the queue, {senders} senders: {rate(*result):.1f} accepted / s, ", end="")
    print(f"p50 {p50(*result):.1f} ms, p99 {p99(*result):.1f} ms")


def rate(per_second, _times):
    return per_second


def p50(_per_second, times):
    return times[len(times) // 2] * 1000


def p99(_per_second, times):
    return times[len(times) * 99 // 100] * 1000


if __name__ == "__main__":
    sys.exit(asyncio.run(floor() if sys.argv[1:] == [FLOOR] else main()))
