"""The event, the incident it opens, and their form as a queue message."""

import hashlib
import json
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from worker.domain.errors import Undecodable
from worker.domain.moment import Moment
from worker.domain.own_keys import names_fault
from worker.domain.response.act import INTERNAL_ACTS, Act
from worker.domain.response.timer import Due
from worker.domain.sender_scope import NOTHING_MORE, Sender, SenderScope
from worker.domain.text import SHORT_LIMIT, clean, clean_line, cut
from worker.domain.validation import WEB_ADDRESS, Matching, faults

# A title is read on a telephone; the whole text stays in the description.
TITLE_LIMIT = 500
TEXT_LIMIT = 32_000
KEY_LIMIT = 1_024
URL_LIMIT = 2_048
LINKS_LIMIT = 50
LABELS_LIMIT = 100
RESOURCES_LIMIT = 50
DEPTH_LIMIT = 32
LEFT_OUT_LIMIT = 1_000_000
# In the place of the title of a restricted incident.
RESTRICTED_TITLE = "Restricted incident"
# An event without them keeps the id that it had before they were added.
_LATER_FIELDS = {"unread_severity", "state_reason", "left_out", "sender", "restricted", "closed", "act", "due"}
_NO_CONTENT = {"received_at", "sender", "sender_scope", "call", "raw", "remainder"}


class EventType(StrEnum):
    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    NO_LONGER_REPORTED = "no-longer-reported"  # its sender stopped measuring: nobody knows whether it is over
    REPORT = "report"  # a person's words about the incident with its key, which is open already
    ACT = "act"  # what somebody does to the incident with its key
    SUMMARY_DUE = "summary-due"  # our own reminder to publish what an incident's alerts have come to; nobody else's
    TIMER = "timer"  # our own: something of an incident's response falls due


# What workers send to themselves, and take from nobody else.
INTERNAL_KINDS = frozenset({EventType.SUMMARY_DUE, EventType.TIMER})
_OF_KEY = frozenset({EventType.REPORT, EventType.ACT, EventType.TIMER})
_OF_FAULT = frozenset(EventType) - INTERNAL_KINDS - {EventType.REPORT, EventType.ACT}


class Severity(IntEnum):
    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4
    INFORMATION = 5

    @property
    def label(self) -> str:
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What it is given for, in a few words."""
        return _MEANINGS[self.value - 1]


_MEANINGS = (
    "many cannot work at all, or data is at risk",
    "something that many need hardly works",
    "something is impaired, and there is a way around it",
    "a small fault that few notice",
    "nobody is harmed; it is good to know",
)


class DetectionSource(StrEnum):
    MONITORING = "monitoring"
    CUSTOMER_REPORT = "customer-report"
    SUPPORT = "support"
    SOCIAL_MEDIA = "social-media"
    EMPLOYEE = "employee"
    PARTNER = "partner"
    OTHER = "other"


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a boolean is no number")
    return value


def _shallow(value: object, depth: int = 0) -> object:
    if depth > DEPTH_LIMIT:
        raise ValueError(f"is nested deeper than {DEPTH_LIMIT} levels")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        _shallow(child, depth + 1)
    return value


def _first_few(value: object) -> object:
    return value[:RESOURCES_LIMIT] if isinstance(value, list | tuple) else value


Line = Annotated[str, AfterValidator(clean_line)]
ShortLine = Annotated[Line, AfterValidator(cut(SHORT_LIMIT))]
Text = Annotated[str, AfterValidator(clean), AfterValidator(cut(TEXT_LIMIT))]
Url = Annotated[str, StringConstraints(max_length=URL_LIMIT), Matching(r"^https?://[^\s<>\"'\\^`{|}]+$", WEB_ADDRESS)]
# The id of the whole event, and the digest of what was left out of it.
Remainder = Annotated[
    str,
    Matching(r"^[0-9a-f]{64}-[0-9a-f]{64}$", "is no place where a part of an event is kept; only the intake writes it"),
]
Identifier = Annotated[Line, StringConstraints(min_length=1, max_length=KEY_LIMIT)]


class Link(BaseModel, frozen=True):
    href: Url
    text: ShortLine = ""


class Event(BaseModel):
    """Our normal form of what happened, and the body of one queue message; only the title is required."""

    model_config = ConfigDict(frozen=True, extra="ignore", title="Tocsin event")

    type: EventType = Field(
        default=EventType.TRIGGER,
        description="Whatever is no trigger names its fingerprint or key; a report names the key of an open incident.",
    )
    title: Annotated[Line, AfterValidator(cut(TITLE_LIMIT)), StringConstraints(min_length=1)]
    severity: Annotated[Severity, BeforeValidator(_no_boolean)] = Severity.MEDIUM
    unread_severity: ShortLine = Field(
        default="", description="The sender's word for the severity where nobody here knows it, and 3 was taken."
    )
    service: ShortLine = ""
    description: Text = ""
    impact: Text = ""
    detection_source: DetectionSource = DetectionSource.OTHER
    occurred_at: Moment | None = Field(
        default=None, description="When it began; of a resolve, when that began which it ends, if the sender says so."
    )
    resolved_at: Moment | None = Field(
        default=None, description="When it ended: whatever began later than that goes on."
    )
    state_reason: ShortLine = Field(
        default="", description="The sender's word for why it is no longer reported, as MissingSeries or Paused."
    )
    first_known_at: Moment | None = None
    received_at: Moment | None = Field(
        default=None, description="When the intake received it; set by the intake itself."
    )
    sender: ShortLine = Field(
        default="", description="Who proved to the intake that they send it; set by the intake itself."
    )
    sender_scope: SenderScope | None = Field(
        default=None, description="What its sender may do beyond what it told itself; set by the intake itself."
    )
    call: ShortLine = Field(
        default="", description="By which a call is known from a repetition of it; set by the intake itself."
    )
    left_out: Annotated[int, Field(ge=0, le=LEFT_OUT_LIMIT)] = Field(
        default=0, description="How many more alerts its sender or Tocsin left out of the call that it came in."
    )
    source: ShortLine = ""
    fingerprint: Annotated[Line, StringConstraints(max_length=1_024)] = ""
    key: Identifier | None = Field(
        default=None,
        description="The same key of the same sender is the same fault: the incident that is open for it, else a new "
        "one.",
    )
    links: Annotated[tuple[Link, ...], Field(max_length=LINKS_LIMIT)] = ()
    resources: Annotated[tuple[ShortLine, ...], BeforeValidator(_first_few)] = Field(
        default=(), description="What is affected: hosts, services, cloud resources."
    )
    labels: Annotated[dict[ShortLine, ShortLine], Field(max_length=LABELS_LIMIT)] = Field(default_factory=dict)
    restricted: bool = Field(
        default=False, description="Only its members see what it says: its title is shown nowhere else."
    )
    closed: bool = Field(
        default=False, description="It is over, and only recorded: nobody is called, and it has no channel."
    )
    act: Act | None = Field(default=None, description="What somebody does to it; of the type act alone.")
    due: Due | None = Field(default=None, description="What falls due; only workers write it.")
    raw: Annotated[Any, BeforeValidator(_shallow)] = Field(
        default=None, description="The alert as it was received, untouched."
    )
    remainder: Remainder | None = Field(
        default=None, description="Where that is stored which a message is too small for; set by the intake."
    )

    @model_validator(mode="before")
    @classmethod
    def _keep_a_long_title_whole(cls, given: object) -> object:
        if not isinstance(given, dict) or not isinstance(title := given.get("title"), str):
            return given
        if len(title) <= TITLE_LIMIT or not isinstance(description := given.get("description", ""), str):
            return given
        return {**given, "description": f"{title}\n\n{description}"}

    # The last of these runs first.
    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, given: object) -> object:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _says_what_it_is_about(self) -> Self:
        if self.type in _OF_KEY and self.key is None:
            raise ValueError(f"key: is required, since the type is {self.type}")
        for kind, given in ((EventType.ACT, self.act), (EventType.TIMER, self.due)):
            if (self.type is kind) is not (given is not None):
                name = "act" if kind is EventType.ACT else "due"
                raise ValueError(f"{name}: goes with the type {kind}, and that type with it")
        if self.closed:
            self._says_when_it_was()
        if self.type is not EventType.TRIGGER and not self.fingerprint and self.key is None:
            raise ValueError(f"fingerprint or key: is required, since the type is {self.type}")
        return self

    def _says_when_it_was(self) -> None:
        if self.type is not EventType.TRIGGER:
            raise ValueError("closed: goes with the type trigger")
        if self.resolved_at is not None and self.occurred_at is None:
            raise ValueError("occurred_at: is required with resolved_at of what is closed")
        if self.resolved_at is not None and self.occurred_at is not None and self.resolved_at < self.occurred_at:
            raise ValueError("resolved_at: lies before occurred_at")

    @property
    def shown_title(self) -> str:
        """Where others than its members read it."""
        return RESTRICTED_TITLE if self.restricted else self.title

    @property
    def detected_by(self) -> str:
        """In words; empty where nobody said it."""
        said = self.detection_source is not DetectionSource.OTHER
        return self.detection_source.value.replace("-", " ") if said else ""

    @property
    def teller(self) -> str | None:
        """As `sender`; None where that was not noted at all, as before it was, which decoding tells from nobody."""
        return self.sender if "sender" in self.model_fields_set else None

    @property
    def told_by(self) -> Sender:
        return Sender(self.sender, self.sender_scope or NOTHING_MORE)

    @property
    def proved_sender(self) -> str:
        """Empty where nobody had to prove it."""
        return "" if self.told_by.is_trusted else self.sender

    @property
    def sent_by(self) -> str:
        """Who proved to have sent it, else the source that it names; empty where neither is known."""
        return self.proved_sender or self.source or self.sender

    @property
    def is_severe(self) -> bool:
        """Severity 1 or 2: what goes before the rest."""
        return self.severity <= Severity.HIGH

    @property  # never cached: a copy with another key would keep the id of the first
    def id(self) -> str:
        """The message id: the same fact that one sender sends twice is the same event, whenever it was received.

        What names its fault by a key, and no time, is told from its next firing by the call that it came in, else by
        when it was received.
        """
        if self.remainder is not None:
            return self.remainder.partition("-")[0]
        return _digest(self._content() | ({"told": self.occasion} if self._is_told_by_its_receipt else {}))

    @property
    def fact(self) -> str:
        """Of what is told from its next telling by its receipt alone: what both have in common; else empty."""
        return _digest(self._content()) if self._is_told_by_its_receipt and self.remainder is None else ""

    def _content(self) -> dict[str, Any]:
        content = self.model_dump(mode="json", exclude=_NO_CONTENT) | {"sender": self.proved_sender}
        return {name: value for name, value in content.items() if value or name not in _LATER_FIELDS}

    @property
    def occasion(self) -> str:
        """What its message, and every copy of it, has in common with no other; empty until it was received."""
        return self.call or (self.received_at.isoformat() if self.received_at is not None else "")

    @property
    def _is_told_by_its_receipt(self) -> bool:
        is_of_fault = self.type in _OF_FAULT and names_fault(self.key)
        return is_of_fault and self.occurred_at is None and bool(self.occasion)


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def event_schema() -> dict[str, Any]:
    """The JSON Schema of the native event, as senders may write it."""
    schema = Event.model_json_schema()
    kinds = schema["$defs"]["EventType"]
    kinds["enum"] = [kind for kind in kinds["enum"] if kind not in INTERNAL_KINDS]
    # What the intake alone sets, and nobody need read.
    del schema["$defs"]["SenderScope"], schema["properties"]["sender_scope"]
    del schema["$defs"]["Due"], schema["$defs"]["TimerKind"], schema["properties"]["due"]
    del schema["$defs"]["Act"]["properties"]["data"]
    acts = schema["$defs"]["ActKind"]
    acts["enum"] = [act for act in acts["enum"] if act not in INTERNAL_ACTS]
    number = {"$ref": schema["properties"]["severity"]["$ref"]}
    schema["properties"]["severity"] = {
        "anyOf": [number, {"type": "string"}],
        "default": Severity.MEDIUM.value,
        "description": "A word that monitoring systems use is taken as well; one that is not known here is 3.",
        "examples": [1, "critical", "Sev1", "P2"],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def encode(event: Event) -> bytes:
    return event.model_dump_json(exclude_none=True).encode()


_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def decode(body: bytes) -> Event:
    """The event in a queue message's body; raises Undecodable with a sentence that names every field at fault."""
    try:
        return _EVENT.validate_json(body)
    except ValidationError as error:
        raise Undecodable(f"The message is not an event: {faults(error)}.") from None
