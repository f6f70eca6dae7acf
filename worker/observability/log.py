"""What processes say of themselves: a line per event on standard error, as JSON or for people, without secrets."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any, Literal

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

Style = Literal["json", "console"]

# The SDKs write whole requests at DEBUG and every connection at INFO; a warning of theirs is worth a line.
_FOREIGN_LEVEL = logging.WARNING

_HIDDEN = "***"
# Bounded, or a long hostile text would be searched again from each of its words.
_NAMES_OF_SECRETS = (
    r"(?:[\w-]{0,40}(?:secret|password|passwd|api[-_]?key|account[-_]?key|access[-_]?key|token|signature)"
    r"|(?:\w{0,40}_)?pat)"
)
_SECRETS = (
    re.compile(rf"(?i)(\b{_NAMES_OF_SECRETS}[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&]+"),
    # `sig=` of a shared access signature, in an address or in a token of the queue.
    re.compile(r"(?i)(\bsig=)[^\s\"',;&]+"),
    re.compile(r"(?i)(\bauthorization[\"']?\s*[=:]\s*[\"']?)(?:\w+ +)?[^\s\"',;]+"),
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)(?!\*)[\w.~+/=-]{8,}"),
    # user:password@ in an address
    re.compile(r"(\w://[^\s/:@]{0,256}:)[^\s/@]{1,256}(?=@)"),
)
_SECRET_FIELD = re.compile(rf"(?i){_NAMES_OF_SECRETS}|authorization")


def configure(style: Style, *, level: int = logging.INFO) -> None:
    """Send our own events from `level` on, and other libraries' from WARNING on, to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *_last(style)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(shared, style)


def _last(style: Style) -> Sequence[Processor]:
    if style == "json":
        return (
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        )
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )
    return (structlog.processors.format_exc_info, redact, plain)


def _route_standard_logging(shared: Sequence[Processor], style: Style) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(style)],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=_FOREIGN_LEVEL, force=True)
    # Python's own warnings name files and lines, and are for the tests.
    logging.captureWarnings(capture=True)


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide whatever looks like a key, a token or a password, in any depth of the event."""
    return {name: _without_secrets(value, name) for name, value in event.items()}


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, str):
        return _HIDDEN if name and _SECRET_FIELD.fullmatch(name) else hide_secrets(value)
    if isinstance(value, dict):
        return {key: _without_secrets(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_without_secrets(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else hide_secrets(str(value))


def hide_secrets(text: str) -> str:
    for secret in _SECRETS:
        text = secret.sub(rf"\1{_HIDDEN}", text)
    return text
