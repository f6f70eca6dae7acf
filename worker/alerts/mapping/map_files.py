"""The files of maps that a house has: all are read, and all faults are told together."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError

from worker.alerts.formats import FORMATS
from worker.alerts.house_format import HouseFormat
from worker.alerts.mapping.format_map import FormatMap, StateMap
from worker.alerts.mapping.mapped_format import house_format
from worker.alerts.mapping.yaml_document import Document, Unreadable, read_documents
from worker.domain.validation import field_faults

_SUFFIXES = {".yaml", ".yml"}
_LARGEST = 1_000_000


class BadMaps(ValueError):
    """A sentence that names each fault, with its file, its line and its field."""


def read_formats(path: Path) -> tuple[HouseFormat, ...]:
    """Of a file, or of each file of a directory; raises BadMaps."""
    files = _files(path)
    read = [(file, each) for file in files for each in _read(file)]
    faults = [f"{file.name}, {each}" for file, each in read if isinstance(each, str)]
    formats = [each for _, each in read if isinstance(each, HouseFormat)]
    if faults := [*faults, *_twice(formats)]:
        raise BadMaps("; ".join(faults))
    return tuple(formats)


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    # What a platform mounts has names of its own beside them, which begin with a dot.
    found = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES and not each.name.startswith("."))
    if not found:
        raise BadMaps(f"the directory {path} has no file whose name ends with .yaml or .yml")
    return found


def _read(file: Path) -> Iterator[HouseFormat | str]:
    """Formats, and faults with the line of each."""
    try:
        documents = read_documents(_text(file))
    except Unreadable as error:
        yield f"line {error.line}: {error.message}"
        return
    if not documents:
        yield "line 1: it is empty; a map has at least a name and a title"
    for document in documents:
        yield from _read_document(file, document)


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
        if len(content) > _LARGEST:
            raise Unreadable(1, "it is larger than a megabyte")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise BadMaps(f"the file {file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Unreadable(1, "it is not UTF-8") from None


def _read_document(file: Path, document: Document) -> Iterator[HouseFormat | str]:
    try:
        format_map = FormatMap.model_validate(document.value)
    except ValidationError as error:
        yield from (f"line {line}: {message}" for line, message in sorted(_faults(error, document)))
        return
    line = document.line(("name",))
    if format_map.name in FORMATS:
        yield f"line {line}: name: {format_map.name} is a format that is built in; choose another name"
    else:
        yield house_format(format_map, f"{file.name}, line {line}")


def _faults(error: ValidationError, document: Document) -> Iterator[tuple[int, str]]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for raw, fault in zip(found, field_faults(error), strict=False):
        location, message = raw["loc"], fault.message
        if raw["type"] == "extra_forbidden":
            message = _no_field(location)
        elif raw["type"] == "model_type":
            message = "must be names with a value each, as in `name: acme`"
        yield document.line(location), f"{fault.field}: {message}" if location else message


def _no_field(location: Sequence[int | str]) -> str:
    kind: type[BaseModel] = StateMap if location[:-1] == ("state",) else FormatMap
    names = [field.alias or name for name, field in kind.model_fields.items()]
    close = get_close_matches(str(location[-1]).lower().replace("-", "_"), names, n=1)
    return f"there is no such field{f'; did you mean {close[0]}?' if close else ', but ' + ', '.join(names)}"


def _twice(formats: Sequence[HouseFormat]) -> Iterator[str]:
    places: dict[str, list[str]] = {}
    for each in formats:
        places.setdefault(each.format.name, []).append(each.place)
    yield from (f"{name} stands in {' and in '.join(found)}" for name, found in places.items() if len(found) > 1)
