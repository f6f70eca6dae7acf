"""What a file holds, section by section: each thing is validated alone, so that no fault hides another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from worker.oncall.files.document import Document, Fault, Path
from worker.oncall.files.sentences import faults_of
from worker.oncall.reading.fields import Given, read_name
from worker.oncall.reading.given_definitions import GivenDefinitions, GivenPerson, GivenService
from worker.oncall.reading.given_policy import GivenPolicy
from worker.oncall.reading.given_schedule import GivenAbsence, GivenSchedule

_NAMED: Mapping[str, type[Given]] = {
    "people": GivenPerson,
    "schedules": GivenSchedule,
    "services": GivenService,
    "policies": GivenPolicy,
}
_SECTIONS = tuple(GivenDefinitions.model_fields)
# What stands in a file beside definitions, for a question that is asked of it.
_QUESTIONS = frozenset({"name", "why", "ask", "incident", "events", "until", "roles", "expect", "end", "gaps"})
_SHAPE = "the names people, schedules, services and policies, each with what it holds"
_MOST = 5_000


@dataclass
class Sections:
    """`written`: the definitions as they stand in the file, those at fault too; `questions`: what stands beside."""

    given: GivenDefinitions = field(default_factory=GivenDefinitions)
    faults: list[Fault] = field(default_factory=list)
    written: Mapping[str, Any] = field(default_factory=dict)
    questions: dict[str, Any] = field(default_factory=dict)


def read_sections(value: object, *, for_questions: bool) -> Sections:
    """A file that is only asked may hold more beside its definitions, but for what is a slip for one of them."""
    sections = Sections()
    if not isinstance(value, Mapping) or not value:
        said = "it is empty" if not value and not isinstance(value, list) else "it is a list, or a single value"
        sections.faults.append(Fault((), f"{said}; a file of definitions has {_SHAPE}"))
        return sections
    sections.questions = {name: each for name, each in value.items() if _is_question(name, for_questions=for_questions)}
    definitions = {name: each for name, each in value.items() if name not in sections.questions}
    sections.written = definitions
    things: dict[str, Any] = {name: _named(sections, name, definitions.get(name)) for name in _NAMED}
    absences = tuple(_absences(sections, definitions.get("absences")))
    # Each is validated already; this names what nobody knows, and counts.
    unknown = {name: each for name, each in definitions.items() if name not in _NAMED and name != "absences"}
    try:
        sections.given = GivenDefinitions.model_validate({**unknown, **things, "absences": absences})
    except ValidationError as error:
        sections.faults += faults_of(error, ())
        sections.given = GivenDefinitions.model_construct(**things, absences=absences)
    return sections


def _is_question(name: str, *, for_questions: bool) -> bool:
    if name in _SECTIONS or not for_questions:
        return name in _QUESTIONS
    return name in _QUESTIONS or not get_close_matches(name[:100].casefold(), _SECTIONS, n=1)


def as_several(document: Document) -> Document:
    """A file of a single `schedule` is one of `schedules`, under the file's `name`."""
    value = document.value
    if not isinstance(value, Mapping) or "schedule" not in value or "schedules" in value:
        return document
    name = value.get("name")
    key = name if isinstance(name, str) and name.strip() else "schedule"
    place: Path = ("schedules", key)
    moved = {(*place, *path[1:]): line for path, line in document.lines.items() if path[:1] == ("schedule",)}
    others = {field: each for field, each in value.items() if field != "schedule"}
    faults = [
        Fault((*place, *fault.path[1:]), fault.message) if fault.path[:1] == ("schedule",) else fault
        for fault in document.faults
    ]
    return Document({**others, "schedules": {key: value["schedule"]}}, {**document.lines, **moved}, faults)


def _named(sections: Sections, section: str, value: object) -> dict[str, Any]:
    names: set[str] = set()
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        sections.faults.append(Fault((section,), "must be names, each with what it holds"))
        return {}
    if len(value) > _MOST:
        sections.faults.append(Fault((section,), f"must hold at most {_MOST}"))
        return {}
    found: dict[str, Any] = {}
    for key, each in value.items():
        path: Path = (section, key)
        try:
            name = read_name(key)
        except ValueError as error:
            sections.faults.append(Fault(path, str(error)))
            name = ""
        if name and name.casefold() in names:
            sections.faults.append(Fault(path, "stands there twice, in whatever case it is written"))
        names.add(name.casefold())
        # A name with nothing behind it is a thing without fields.
        thing = _validated(sections, _NAMED[section], {} if each is None else each, path)
        if thing is not None and name:
            found[name] = thing
    return found


def _absences(sections: Sections, value: object) -> Iterator[Any]:
    if value is None:
        return
    if not isinstance(value, list):
        sections.faults.append(Fault(("absences",), "must be a list"))
        return
    for number, each in enumerate(value):
        absence = _validated(sections, GivenAbsence, each, ("absences", number))
        if absence is not None:
            yield absence


def _validated(sections: Sections, model: type[Given], value: object, path: Path) -> Given | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        sections.faults += faults_of(error, path)
        return None
