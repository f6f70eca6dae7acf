"""The settings of the queues, read from the configuration file of the official emulator."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal
from pydantic_core import ErrorDetails

PACKAGED = Path(__file__).with_name("queues.json")

MEGABYTE = 1024 * 1024

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,258}[A-Za-z0-9])?")

# Where pydantic speaks of inputs.
OUR_WORDS = {"extra_forbidden": "there is no such field", "missing": "it is missing"}


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The defaults are those of the official emulator, and so is the limit of its size."""

    name: str
    lock_duration: timedelta = timedelta(minutes=1)
    max_delivery_count: int = 3
    default_time_to_live: timedelta = timedelta(hours=1)
    dead_lettering_on_expiration: bool = False
    requires_duplicate_detection: bool = False
    duplicate_detection_window: timedelta = timedelta(seconds=20)
    max_size_bytes: int = 100 * MEGABYTE


class QueueConfigInvalid(Exception):
    """Every fault of the file has its sentence, with the way to the field."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("The queue configuration cannot be used:\n" + "\n".join(f"- {f}" for f in self.faults))


def load_queues(text: str) -> tuple[QueueSettings, ...]:
    try:
        config = _Config.model_validate_json(text.removeprefix("\ufeff"))  # Windows editors put it there
    except ValidationError as error:
        raise QueueConfigInvalid(_sentence(each) for each in error.errors()) from None
    return tuple(_settings(queue) for queue in config.user_config.namespaces[0].queues)


def _settings(queue: "_Queue") -> QueueSettings:
    properties = queue.properties
    return QueueSettings(
        name=queue.name,
        lock_duration=properties.lock_duration,
        max_delivery_count=properties.max_delivery_count,
        default_time_to_live=properties.default_message_time_to_live,
        dead_lettering_on_expiration=properties.dead_lettering_on_message_expiration,
        requires_duplicate_detection=properties.requires_duplicate_detection,
        duplicate_detection_window=properties.duplicate_detection_history_time_window,
    )


def _sentence(error: ErrorDetails) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    return f"{where or 'The file'}: {_said(error)}."


def _said(error: ErrorDetails) -> str:
    own = error.get("ctx", {}).get("error")
    if isinstance(own, ValueError):
        return str(own)
    value = error["input"]
    shown = f", and it is '{value!s:.80}'" if isinstance(value, str | int | float | timedelta) else ""
    return OUR_WORDS.get(error["type"], error["msg"] + shown)


def _check_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(
            f"'{value:.80}' is no name for a queue; use up to 260 letters, digits, '.', '-', '_' and '/', a letter "
            "or digit at both ends"
        )
    return value


def _refuse_forwarding(value: str | None) -> str | None:
    if value:
        raise ValueError(f"this stand-in does not forward messages; leave it empty instead of '{value:.80}'")
    return value


def _refuse_sessions(value: bool) -> bool:  # noqa: FBT001, pydantic hands the value over
    if value:
        raise ValueError("this stand-in has no sessions; set it to false")
    return value


def _refuse_topics(value: list[Any]) -> list[Any]:
    if value:
        raise ValueError("this stand-in has queues only; take the topics out")
    return value


def _one_namespace(value: "list[_Namespace]") -> "list[_Namespace]":
    if len(value) != 1:
        raise ValueError(f"there must be exactly one namespace, and there are {len(value)}")
    return value


def _unlike_names(value: "list[_Queue]") -> "list[_Queue]":
    duplicates = list(_duplicates(queue.name for queue in value))
    if duplicates:
        raise ValueError(f"queue names are compared without regard to case; more than one is {', '.join(duplicates)}")
    return value


def _duplicates(names: Iterable[str]) -> Iterator[str]:
    return (f"'{name}'" for name, count in Counter(name.lower() for name in names).items() if count > 1)


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, frozen=True, strict=True)


class _Exact(_Wire):
    """Where a misspelt name would silently leave a queue with a default."""

    model_config = ConfigDict(extra="forbid")


Forwarding = Annotated[str | None, AfterValidator(_refuse_forwarding)]


class _Properties(_Exact):
    """The real service wants at least five seconds of lock and twenty of window; tests cannot wait that long."""

    lock_duration: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=5))] = timedelta(minutes=1)
    max_delivery_count: Annotated[int, Field(ge=1, le=2000)] = 3
    default_message_time_to_live: Annotated[timedelta, Field(ge=timedelta(seconds=1))] = timedelta(hours=1)
    dead_lettering_on_message_expiration: bool = False
    requires_duplicate_detection: bool = False
    duplicate_detection_history_time_window: Annotated[
        timedelta, Field(ge=timedelta(seconds=1), le=timedelta(days=7))
    ] = timedelta(seconds=20)
    requires_session: Annotated[bool, AfterValidator(_refuse_sessions)] = False
    forward_to: Forwarding = None
    forward_dead_lettered_messages_to: Forwarding = None


class _Queue(_Exact):
    name: Annotated[str, AfterValidator(_check_name)]
    properties: _Properties = _Properties()


class _Namespace(_Wire):
    name: str
    queues: Annotated[list[_Queue], AfterValidator(_unlike_names)] = []
    topics: Annotated[list[Any], AfterValidator(_refuse_topics)] = []


class _UserConfig(_Wire):
    namespaces: Annotated[list[_Namespace], AfterValidator(_one_namespace)]


class _Config(_Wire):
    user_config: _UserConfig
