"""The files of a rehearsal: definitions, perhaps with an incident and its events, and a list of events alone."""

import sys
from pathlib import Path

from pydantic import ValidationError

from worker.alerts.mapping.yaml_document import Unreadable, read_documents
from worker.domain.errors import Rejected, Undecodable
from worker.domain.lenient_json import read_lenient
from worker.domain.text_encoding import decode_text
from worker.domain.validation import faults
from worker.oncall.definitions import Definitions
from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.files.sentences import faults_of
from worker.oncall.reading.given_case import EVENTS, GivenCase, GivenEvent

STANDARD_INPUT = "-"
_BYTES_LIMIT = 2 * 1024 * 1024


def read_case(path: Path) -> tuple[Definitions, GivenCase]:
    """The definitions, and what is asked of them; raises Rejected, naming every fault by its line and field."""
    file = read_definition_file(path)
    try:
        return file.definitions, GivenCase.model_validate(dict(file.questions))
    except ValidationError as error:
        file.refuse(list(faults_of(error, ())))
        raise


def read_events(name: str) -> tuple[GivenEvent, ...]:
    """Of a file, or of standard input; raises Rejected, naming what is wrong by its field."""
    try:
        return EVENTS.validate_python(_value(name))
    except ValidationError as error:
        raise Rejected(f"The events of {name} cannot be rehearsed: {faults(error)}.") from None


def _value(name: str) -> object:
    """What JSON or YAML says."""
    text = _text(name)
    try:
        if text.lstrip().startswith(("{", "[")):
            return read_lenient(text)
        documents = read_documents(text)
    except Unreadable as error:
        raise Rejected(f"{name}, line {error.line}: {error.message}.") from None
    except Undecodable as error:
        raise Rejected(f"{name}: {error}") from None
    if len(documents) != 1:
        raise Rejected(f"{name} must hold one document of YAML or JSON.")
    return documents[0].value


def _text(name: str) -> str:
    try:
        if name == STANDARD_INPUT:
            content = sys.stdin.buffer.read(_BYTES_LIMIT + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(_BYTES_LIMIT + 1)
    except OSError as error:
        raise Rejected(f"{name} cannot be read: {error.strerror}.") from None
    if len(content) > _BYTES_LIMIT:
        raise Rejected(f"{name} is larger than {_BYTES_LIMIT // 1024} KB.")
    return decode_text(content, "")
