"""A schedule as people write it: layers, changes, overrides, absences, each with its faults named by field."""

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from worker.oncall.reading.fields import (
    Given,
    Line,
    MaybeWhen,
    MaybeWindows,
    Name,
    OneEntry,
    People,
    PersonName,
    Text,
    Turn,
    When,
    WholeNumber,
    Zone,
)
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.layer import Change, Entry, Layer
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.turns import Every
from worker.oncall.schedule.wall_clock import NEVER, ZoneClock
from worker.oncall.schedule.windows import Windows

_DEEPEST = 20
_Layers = Annotated[tuple["GivenLayer", ...], Field(max_length=50)]
_Overrides = Annotated[tuple["GivenOverride", ...], Field(max_length=10_000)]


class GivenChange(Given):
    """Another list of people from then on."""

    begins: When = Field(alias="from")
    people: People
    first: OneEntry = ()

    @field_validator("first")
    @classmethod
    def _first_is_in_the_list(cls, first: Entry, info: ValidationInfo) -> Entry:
        if first and frozenset(first) not in map(frozenset, info.data.get("people", (first,))):
            raise ValueError(f"{' + '.join(first)} is not in the list of people")
        return first

    def change(self) -> Change:
        return Change(self.begins, self.people, self.first or None)


class GivenLayer(Given):
    """One rotation; without a name it has its place in the list as one."""

    name: Name | None = None
    priority: WholeNumber = Field(default=0, ge=-1000, le=1000)
    time_zone: Zone | None = None
    starts: MaybeWhen = None
    ends: MaybeWhen = None
    every: Turn = None
    people: People
    depth: WholeNumber = Field(default=1, ge=1, le=_DEEPEST)
    windows: MaybeWindows = Field(default=None, validate_default=True)
    changes: Annotated[tuple[GivenChange, ...], Field(max_length=2000)] = ()

    # What does not fit together is the fault of one field, so that it is named beside those of the others.
    @field_validator("ends")
    @classmethod
    def _ends_after_its_start(cls, ends: Moment | None, info: ValidationInfo) -> Moment | None:
        _check_order(info.data.get("starts"), ends, "it is not after starts")
        return ends

    @field_validator("every")
    @classmethod
    def _counts_from_its_start(cls, every: Every | None, info: ValidationInfo) -> Every | None:
        if every and info.data.get("starts", every) is None:
            raise ValueError("starts is missing: from when on the turns are counted")
        return every

    @field_validator("windows")
    @classmethod
    def _windows_can_be_counted(cls, windows: Windows | None, info: ValidationInfo) -> Windows | None:
        every = info.data.get("every")
        if every and every.unit == "window" and windows is None:
            raise ValueError(f"{every} counts windows, and the layer has none")
        if every and every.unit == "window" and windows and windows.overlap:
            raise ValueError(f"they overlap, so {every} says not which one counts")
        return windows

    def layer(self, place: int, clock: ZoneClock) -> Layer:
        """`place` is its place in the list, from 0; `clock` the schedule's."""
        return Layer(
            name=self.name or f"layer {place + 1}",
            clock=self.time_zone or clock,
            people=self.people,
            starts=self.starts,
            ends=self.ends,
            every=self.every,
            depth=self.depth,
            priority=self.priority,
            windows=self.windows,
            changes=tuple(change.change() for change in self.changes),
            has_own_zone=self.time_zone is not None,
        )


class GivenHalf(Given):
    """One half of a swap: the shift that a person gives to the other."""

    person: PersonName
    start: When = Field(alias="from")
    end: When = Field(alias="to")

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: Moment, info: ValidationInfo) -> Moment:
        _check_order(info.data.get("start"), end)
        return end


class GivenOverride(Given):
    """A cover, a replacement (`replaces`), an addition (`add`), or a `swap` of two."""

    person: PersonName | None = None
    start: MaybeWhen = Field(default=None, alias="from")
    end: MaybeWhen = Field(default=None, alias="to")
    replaces: PersonName | None = None
    add: bool = False
    swap: Annotated[tuple[GivenHalf, ...], Field(min_length=2, max_length=2)] | None = None
    reason: Line = ""

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: Moment | None, info: ValidationInfo) -> Moment | None:
        _check_order(info.data.get("start"), end)
        return end

    @field_validator("swap")
    @classmethod
    def _is_between_two(cls, swap: tuple[GivenHalf, ...] | None) -> tuple[GivenHalf, ...] | None:
        if swap and swap[0].person.casefold() == swap[1].person.casefold():
            raise ValueError("it takes two people")
        return swap

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.swap is not None:
            if self.person or self.start or self.end or self.replaces or self.add:
                raise ValueError("swap: nothing else stands beside it but a reason")
            return self
        given = {"person": self.person, "from": self.start, "to": self.end}
        if missing := [name for name, value in given.items() if value is None]:
            raise ValueError(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
        if self.add and self.replaces:
            raise ValueError("add: whoever replaces somebody is not added")
        return self

    def mixed_spans(self) -> list[tuple[Moment, Moment]]:
        """One, or those of a swap, where one end is an instant and the other a time of the wall clock."""
        spans = [(half.start, half.end) for half in self.swap or ()]
        if self.start and self.end:
            spans.append((self.start, self.end))
        return [(start, end) for start, end in spans if start.is_instant != end.is_instant]

    def overrides(self, name: str) -> list[Override]:
        """One, or the two halves of a swap, which share `name`."""
        if self.swap is not None:
            first, second = self.swap
            return [
                Override(Kind.REPLACE, mine.person, its.start, its.end, its.person, swap=name, reason=self.reason)
                for mine, its in ((second, first), (first, second))
            ]
        assert self.person is not None  # noqa: S101 (the model's own check)
        assert self.start is not None  # noqa: S101
        assert self.end is not None  # noqa: S101
        kind = Kind.ADD if self.add else Kind.REPLACE if self.replaces else Kind.COVER
        return [Override(kind, self.person, self.start, self.end, self.replaces or "", reason=self.reason)]


class GivenAbsence(Given):
    """Without an end the person has left."""

    person: PersonName
    start: When = Field(alias="from")
    end: MaybeWhen = Field(default=None, alias="to")
    reason: Line = ""

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: Moment | None, info: ValidationInfo) -> Moment | None:
        _check_order(info.data.get("start"), end)
        return end

    def absence(self, clock: ZoneClock) -> Absence:
        """Times without an offset are that clock's."""
        end = self.end.instant(clock) if self.end else NEVER
        return Absence(self.person, self.start.instant(clock), end, self.reason)


class GivenSchedule(Given):
    """Who is on call over time, for one purpose."""

    time_zone: Zone
    description: Text = ""
    layers: _Layers = ()
    overrides: _Overrides = ()
    absences: Annotated[tuple[GivenAbsence, ...], Field(max_length=10_000)] = ()

    @field_validator("overrides")
    @classmethod
    def _overrides_in_order(
        cls, overrides: tuple[GivenOverride, ...], info: ValidationInfo
    ) -> tuple[GivenOverride, ...]:
        """Where one end is an instant and the other a time of the wall clock."""
        clock = info.data.get("time_zone")
        if isinstance(clock, ZoneClock):
            for number, override in enumerate(overrides, start=1):
                if any(end.instant(clock) <= start.instant(clock) for start, end in override.mixed_spans()):
                    raise ValueError(f"number {number} ends before it begins")
        return overrides

    @field_validator("layers")
    @classmethod
    def _names_differ(cls, layers: tuple[GivenLayer, ...]) -> tuple[GivenLayer, ...]:
        names = [(layer.name or f"layer {place + 1}").casefold() for place, layer in enumerate(layers)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands there twice; each needs a name of its own")
        return layers


def _check_order(start: Moment | None, end: Moment | None, fault: str = "it ends before it begins") -> None:
    """Of the same kind; what is written in two ways is compared where the zone is known."""
    if start and end and start.is_instant == end.is_instant and end.minute <= start.minute:
        raise ValueError(fault)
