"""Under which address people reach the sandbox, where it is not the one that programs use."""

from aiohttp import web

PUBLIC_URL = web.AppKey("public_url", str)


def shown_origin(request: web.Request) -> str:
    """Links for people begin with this; links for programs lead where the program asked."""
    return request.app.get(PUBLIC_URL) or str(request.url.origin())
