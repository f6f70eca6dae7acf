"""A collector of OpenTelemetry over HTTP, that keeps what it is sent in the protocol's own form."""

from contextlib import asynccontextmanager

from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    def __init__(self):
        self.spans = []
        self.metrics = []
        self.services = set()
        self.keys = set()

    async def take_spans(self, request):
        self.keys.add(request.headers.get("x-key"))
        for resource in ExportTraceServiceRequest.FromString(await request.read()).resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.services.add(named["service.name"])
            for scope in resource.scope_spans:
                self.spans += [(named["service.name"], span) for span in scope.spans]
        return web.Response()

    async def take_metrics(self, request):
        self.keys.add(request.headers.get("x-key"))
        for resource in ExportMetricsServiceRequest.FromString(await request.read()).resource_metrics:
            for scope in resource.scope_metrics:
                self.metrics += scope.metrics
        return web.Response()

    def trace(self, trace_id):
        """The spans of one trace by name, with the service that told of each."""
        return [(service, span) for service, span in self.spans if span.trace_id.hex() == trace_id]


@asynccontextmanager
async def collector():
    """A collector, and its address."""
    taking = Collector()
    app = web.Application(client_max_size=2**24)
    app.add_routes([web.post("/v1/traces", taking.take_spans), web.post("/v1/metrics", taking.take_metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield taking, "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()
