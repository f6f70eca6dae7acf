"""A file of definitions: read whole, or refused with every fault named by its line and field."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from worker.domain.errors import Rejected
from worker.oncall.definitions import Definitions, ServiceRecord
from worker.oncall.files.document import Document, Fault, Unreadable
from worker.oncall.files.leaps import leaps_of
from worker.oncall.files.references import unknown_references
from worker.oncall.files.sections import as_several, read_sections
from worker.oncall.files.text import read_text
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions

# By the end of a file's name, what it is written in; SUFFIXES in the order in which they are named.
_FORMS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".csv": "csv", ".tsv": "csv"}
SUFFIXES = tuple(_FORMS)
_FAULTS_NAMED = 500


@dataclass(frozen=True)
class DefinitionFile:
    """`notes`: sentences on what was taken where the clock leaves a choice, and what is left out, each with its line.

    `questions` is what the file holds beside definitions, as it stands there: an incident, its events, what is asked.
    """

    path: Path
    definitions: Definitions
    given: GivenDefinitions
    document: Document
    notes: Sequence[str] = ()
    questions: Mapping[str, Any] = field(default_factory=dict)

    def refuse(self, faults: Sequence[Fault]) -> None:
        """Raises Rejected with what is wrong beside the definitions, each with its line, where anything is."""
        _refuse(self.path, list(self.document.tell(faults)))

    def answering(self, service: str) -> Definitions:
        """The definitions with that service, for a question that nothing but the file answers.

        Where the file names no services, the schedule of the same name answers, or the only one there is.
        """
        definitions = self.definitions
        if definitions.services or not definitions.schedules:
            return definitions
        names = list(definitions.schedules)
        named = [name for name in names if name.casefold() == service.casefold()]
        answering = tuple(named[:1] or (names if len(names) == 1 else ()))
        if not answering:
            return definitions
        return replace(definitions, services={service: ServiceRecord(service, schedules=answering)})


def read_definition_file(path: Path, known: Definitions | None = None) -> DefinitionFile:
    """Raises Rejected with all faults.

    With `known`, what stands already, a schedule, policy or person that the file refers to has to be in either; without
    it the file is for questions only, and names whom it likes.
    """
    document = as_several(_read(path))
    sections = read_sections(document.value, for_questions=known is None)
    faults = [*document.faults, *sections.faults]
    definitions = build(sections.given)
    notes: Iterable[Fault] = leaps_of(sections.given)
    if known is not None:
        notes = chain(notes, (Fault((name,), "is for questions, and not imported") for name in sections.questions))
        faults += unknown_references(sections.written, known)
    _refuse(path, list(document.tell(faults)))
    told = tuple(document.tell(notes))
    return DefinitionFile(path, definitions, sections.given, document, told, sections.questions)


def _read(path: Path) -> Document:
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise Rejected(f"{path} is none of {', '.join(SUFFIXES)}, by the end of its name.")
    try:
        return _reader(form)(read_text(path))
    except Unreadable as error:
        _refuse(path, [f"line {error.line}: {error.message}"])
        raise


def _reader(form: str) -> Callable[[str], Document]:
    """Imported once it is asked for: the others of them would take longer than a question does."""
    read: Callable[[str], Document] = getattr(import_module(f"{__package__}.{form}_document"), f"read_{form}")
    return read


def _refuse(path: Path, faults: Sequence[str]) -> None:
    if not faults:
        return
    raise Rejected(f"{path} is refused, and nothing was changed:\n" + "\n".join(_listed(faults)))


def _listed(faults: Sequence[str]) -> Iterator[str]:
    for fault in faults[:_FAULTS_NAMED]:
        yield f"  {fault}"
    if len(faults) > _FAULTS_NAMED:
        yield f"  and {len(faults) - _FAULTS_NAMED} more"
