"""The page at /docs: the addresses and the event's schema, in one piece and without assets from elsewhere."""

import html
import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import HTMLResponse

_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
_STYLE = """
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21; }
  code, pre { font: .9rem/1.45 ui-monospace, monospace; }
  pre { background: #f3f4f6; padding: 1rem; overflow-x: auto; border-radius: .4rem; }
  td { padding: .35rem 1.25rem .35rem 0; vertical-align: top; }
  @media (prefers-color-scheme: dark) { body { background: #16181c; color: #e4e6ea; } pre { background: #22252b; }
    a { color: #8ab4f8; } }
"""
_EXAMPLE = """curl -i http://127.0.0.1:8080/v1/incidents \\
  -H 'Authorization: Bearer <your key>' -H 'Idempotency-Key: ticket-991' \\
  -d '{"title": "Checkout is down", "severity": 1, "service": "checkout"}'"""


def page(openapi: dict[str, Any], schema: dict[str, Any]) -> HTMLResponse:
    text = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(openapi["info"]["title"])}</title>
<style>{_STYLE}</style>
<h1>{html.escape(openapi["info"]["title"])}</h1>
<p>{html.escape(openapi["info"]["description"])}</p>
<table>{"".join(_rows(openapi))}</table>
<h2>Raise an incident</h2>
<pre>{html.escape(_EXAMPLE)}</pre>
<h2>The event</h2>
<p>Only <code>title</code> is required. For programs: <a href="/openapi.json">/openapi.json</a>,
<a href="/v1/schema/event.json">/v1/schema/event.json</a>.</p>
<pre>{html.escape(json.dumps(schema, indent=2))}</pre>
</html>
"""
    return HTMLResponse(text, headers=_HEADERS)


def _rows(openapi: dict[str, Any]) -> Iterator[str]:
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            address = f"<code>{method.upper()} {html.escape(path)}</code>"
            yield f"<tr><td>{address}</td><td>{html.escape(operation['summary'])}</td></tr>"
