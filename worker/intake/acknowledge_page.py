"""What a person sees who opens the link of a page: one piece without assets, made of words from outside."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from http import HTTPStatus

from starlette.responses import HTMLResponse

from worker.domain.response.act import Outcome
from worker.incidents.history import Acknowledged, History

_STYLE = """
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21; }
  h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
  button { font: inherit; font-weight: 600; width: 100%; padding: 1rem; border: 0; border-radius: .5rem; color: #fff;
    background: #4b53bc; }
  @media (prefers-color-scheme: dark) { body { background: #16181c; color: #e4e6ea; } }
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # The address is as good as a signature, and stays here.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def asking(history: History, person: str, token: str) -> HTMLResponse:
    """The incident and a button: opening the page does nothing, since whoever previews a link opens it as well."""
    you = f"<p>You are {escape(person)}.</p>"
    return _page(HTTPStatus.OK, history.event.title, _about(history), you, _button(token))


def recorded(history: History, mine: Acknowledged, outcome: Outcome | None = None) -> HTMLResponse:
    """`outcome`: what the act came to, if that is known yet."""
    said = f"<p><strong>Recorded at {_clock(mine)}: {escape(mine.by)} has it.</strong></p>"
    return _page(HTTPStatus.OK, history.event.title, _about(history), said, _came_to(outcome))


def already(history: History, mine: Acknowledged, outcome: Outcome | None = None) -> HTMLResponse:
    said = f"<p><strong>Already, at {_clock(mine)}: {escape(mine.by)} has it.</strong></p>"
    return _page(HTTPStatus.OK, history.event.title, _about(history), said, _came_to(outcome))


def refusal(status: HTTPStatus, sentence: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Why nothing was recorded, and what to do."""
    return _page(status, "Not recorded", f"<p>{escape(sentence)}</p>", headers=headers)


def unavailable(token: str, headers: Mapping[str, str]) -> HTMLResponse:
    sentence = "<p>The store of incidents did not answer, so nothing was recorded. Press again in a moment.</p>"
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, "Not recorded", sentence, _button(token), headers=headers)


def _came_to(outcome: Outcome | None) -> str:
    return f"<p>{escape(outcome.sentence)}</p>" if outcome is not None else ""


def _button(token: str) -> str:
    return (
        '<form method="post" action="acknowledge">'
        f'<input type="hidden" name="token" value="{escape(token)}"><button>I have it</button></form>'
    )


def _about(history: History) -> str:
    event = history.event
    severity = min(event.severity, history.alerts.severity) if history.alerts else event.severity
    facts = f"{history.incident_id}, severity {severity.value} ({severity.label})"
    return f"<p>{escape(facts + (f', {event.service}' if event.service else ''))}</p>"


def _clock(acknowledged: Acknowledged) -> str:
    return f"{acknowledged.at:%H:%M} UTC"


def _page(status: HTTPStatus, heading: str, *parts: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    text = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(heading)}</title>
<style>{_STYLE}</style>
<h1>{escape(heading)}</h1>
{"".join(parts)}
</html>
"""
    return HTMLResponse(text, status, headers={**_HEADERS, **(headers or {})})
