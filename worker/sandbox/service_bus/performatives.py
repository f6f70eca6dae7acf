"""The composite values of AMQP 1.0: performatives, delivery states and errors."""

from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from types import NoneType
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from worker.sandbox.service_bus.codec import DecodeError, Described, Symbol, UByte, UInt, ULong, UShort

U8 = Annotated[int, UByte]
U16 = Annotated[int, UShort]
U32 = Annotated[int, UInt]
U64 = Annotated[int, ULong]
Sym = Annotated[str, Symbol]


class Composite:
    """A list of fields with a number; the classes below are tables, in the order of the standard."""

    __slots__ = ()
    CODE: ClassVar[int]

    @classmethod
    def layout(cls) -> "tuple[_Field, ...]":
        owner: Any = cls  # mypy takes a class for unhashable when its instances define their own hash
        return _layout(owner)

    @classmethod
    def from_fields(cls, values: Any) -> Self:
        layout = cls.layout()
        if not isinstance(values, list) or len(values) > len(layout):
            raise DecodeError(f"{cls.__name__} is not a list of at most {len(layout)} fields.")
        padded = values + [None] * (len(layout) - len(values))
        return cls(**{field.name: field.accept(cls, value) for field, value in zip(layout, padded, strict=True)})

    def described(self) -> Described:
        # Always the full list: the SDK reads fields by their place, and one missing at the end makes it hang.
        return Described(ULong(self.CODE), [field.typed(getattr(self, field.name)) for field in self.layout()])


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    kind: type
    default: Any
    required: bool

    def accept(self, owner: type, value: Any) -> Any:
        if value is None:
            if self.required:
                raise DecodeError(f"{owner.__name__} came without its field {self.name}.")
            return self.default
        if issubclass(self.kind, Composite):
            return parse(value, self.kind)
        if not isinstance(value, self.kind):
            raise DecodeError(f"{owner.__name__}.{self.name} is a {type(value).__name__}, not {self.kind.__name__}.")
        return value

    def typed(self, value: Any) -> Any:
        if isinstance(value, Composite):
            return value.described()
        if value is None or self.kind is object:
            return value
        return self.kind(value) if self.kind not in (bool, bytes, dict, list) else value


@cache
def _layout(cls: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in fields(cls))


def _field(field: Field[Any], hint: Any) -> _Field:
    nullable = hint is Any or NoneType in get_args(hint)
    default = None if field.default is MISSING else field.default
    return _Field(field.name, _kind(hint), default, required=field.default is MISSING and not nullable)


def _kind(hint: Any) -> type:
    if get_origin(hint) is Annotated:
        kind: type = hint.__metadata__[0]
        return kind
    if hint is Any:
        return object
    alternatives = [part for part in get_args(hint) if part is not NoneType]
    if NoneType in get_args(hint):
        return _kind(alternatives[0])
    origin: type = get_origin(hint) or hint
    return origin


@dataclass(frozen=True, slots=True)
class Error(Composite):
    CODE = 0x1D
    condition: Sym
    description: str | None = None
    info: Any = None


@dataclass(frozen=True, slots=True)
class Open(Composite):
    CODE = 0x10
    container_id: str
    hostname: str | None = None
    max_frame_size: U32 = 0xFFFFFFFF
    channel_max: U16 = 0xFFFF
    idle_time_out: U32 | None = None
    outgoing_locales: Any = None
    incoming_locales: Any = None
    offered_capabilities: Any = None
    desired_capabilities: Any = None
    properties: Any = None


@dataclass(frozen=True, slots=True)
class Begin(Composite):
    CODE = 0x11
    remote_channel: U16 | None
    next_outgoing_id: U32
    incoming_window: U32
    outgoing_window: U32
    handle_max: U32 = 0xFFFFFFFF
    offered_capabilities: Any = None
    desired_capabilities: Any = None
    properties: Any = None


@dataclass(frozen=True, slots=True)
class Attach(Composite):
    CODE = 0x12
    name: str
    handle: U32
    role: bool
    snd_settle_mode: U8 = 2
    rcv_settle_mode: U8 = 0
    source: Any = None
    target: Any = None
    unsettled: Any = None
    incomplete_unsettled: bool = False
    initial_delivery_count: U32 | None = None
    max_message_size: U64 | None = None
    offered_capabilities: Any = None
    desired_capabilities: Any = None
    properties: Any = None


@dataclass(frozen=True, slots=True)
class Flow(Composite):
    CODE = 0x13
    next_incoming_id: U32 | None
    incoming_window: U32
    next_outgoing_id: U32
    outgoing_window: U32
    handle: U32 | None = None
    delivery_count: U32 | None = None
    link_credit: U32 | None = None
    available: U32 | None = None
    drain: bool = False
    echo: bool = False
    properties: Any = None


@dataclass(frozen=True, slots=True)
class Transfer(Composite):
    CODE = 0x14
    handle: U32
    delivery_id: U32 | None = None
    delivery_tag: bytes | None = None
    message_format: U32 | None = None
    settled: bool | None = None
    more: bool = False
    rcv_settle_mode: U8 | None = None
    state: Any = None
    resume: bool = False
    aborted: bool = False
    batchable: bool = False


@dataclass(frozen=True, slots=True)
class Disposition(Composite):
    CODE = 0x15
    role: bool
    first: U32
    last: U32 | None = None
    settled: bool = False
    state: Any = None
    batchable: bool = False


@dataclass(frozen=True, slots=True)
class Detach(Composite):
    CODE = 0x16
    handle: U32
    closed: bool = False
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class End(Composite):
    CODE = 0x17
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class Close(Composite):
    CODE = 0x18
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class SaslMechanisms(Composite):
    CODE = 0x40
    sasl_server_mechanisms: Any


@dataclass(frozen=True, slots=True)
class SaslInit(Composite):
    CODE = 0x41
    mechanism: Sym
    initial_response: bytes | None = None
    hostname: str | None = None


@dataclass(frozen=True, slots=True)
class SaslOutcome(Composite):
    CODE = 0x44
    code: U8
    additional_data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Received(Composite):
    CODE = 0x23
    section_number: U32
    section_offset: U64


@dataclass(frozen=True, slots=True)
class Accepted(Composite):
    CODE = 0x24


@dataclass(frozen=True, slots=True)
class Rejected(Composite):
    CODE = 0x25
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class Released(Composite):
    CODE = 0x26


@dataclass(frozen=True, slots=True)
class Modified(Composite):
    CODE = 0x27
    delivery_failed: bool = False
    undeliverable_here: bool = False
    message_annotations: Any = None


@dataclass(frozen=True, slots=True)
class Source(Composite):
    CODE = 0x28
    address: Any = None
    durable: U32 = 0
    expiry_policy: Sym | None = None
    timeout: U32 = 0
    dynamic: bool = False
    dynamic_node_properties: Any = None
    distribution_mode: Sym | None = None
    filter: dict[Any, Any] | None = None
    default_outcome: Any = None
    outcomes: Any = None
    capabilities: Any = None


@dataclass(frozen=True, slots=True)
class Target(Composite):
    CODE = 0x29
    address: Any = None
    durable: U32 = 0
    expiry_policy: Sym | None = None
    timeout: U32 = 0
    dynamic: bool = False
    dynamic_node_properties: Any = None
    capabilities: Any = None


CONNECTION_FRAMES: tuple[type[Composite], ...] = (
    Open,
    Begin,
    Attach,
    Flow,
    Transfer,
    Disposition,
    Detach,
    End,
    Close,
)
STATES: tuple[type[Composite], ...] = (Received, Accepted, Rejected, Released, Modified)


def parse(value: Any, *expected: type[Composite]) -> Any:
    """Return the composite that a described list stands for, one of those that may stand here."""
    for kind in expected:
        if isinstance(value, Described) and value.descriptor == kind.CODE:
            return kind.from_fields(value.value)
    names = " or ".join(kind.__name__ for kind in expected)
    raise DecodeError(f"Where {names} should stand there is {str(value)[:80]}.")
