"""A pager that is told by a webhook, on a real socket, answering as a test tells it."""

from contextlib import asynccontextmanager

from aiohttp import web


class Pager:
    """Answers as it is told, one answer for each request, and 202 when there is none left."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self.port = None

    def will(self, status, text="", *, lose=False, **headers):
        self.answers.append((status, text, lose, {name.replace("_", "-"): value for name, value in headers.items()}))

    async def answer(self, request):
        self.requests.append((request.method, dict(request.headers), await request.read(), request.path_qs))
        status, text, lose, headers = self.answers.pop(0) if self.answers else (202, "", False, {})
        if lose:
            request.transport.abort()
        body = text if isinstance(text, bytes) else text.encode()
        return web.Response(status=status, body=body, headers=headers)


@asynccontextmanager
async def listening_pager():
    pager = Pager()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", pager.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pager.port = runner.addresses[0][1]
        yield pager
    finally:
        await runner.cleanup()
