"""What the intake says of itself to programs: every reference leads to a place within the document."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from worker.domain.event import event_schema
from worker.domain.response.act import INTERNAL_ACTS, Act
from worker.web.problem import ProblemDocument

_COMPONENTS = "#/components/schemas/"
EVENT, PROBLEM = {"$ref": f"{_COMPONENTS}NativeEvent"}, {"$ref": f"{_COMPONENTS}Problem"}
ACT = {"$ref": f"{_COMPONENTS}WrittenAct"}
# Known by how an act was sent, and not written.
_NOT_WRITTEN = ("actor", "source", "data")


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of OpenAPI; it is made once, when it is first asked for."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas |= _components("NativeEvent", event_schema())
        schemas |= _components("Problem", ProblemDocument.model_json_schema())
        schemas |= _components("WrittenAct", _act_schema())
        app.openapi_schema = made
    return app.openapi_schema


def _act_schema() -> dict[str, Any]:
    """The act as somebody writes it over HTTP."""
    schema = Act.model_json_schema()
    for name in _NOT_WRITTEN:
        del schema["properties"][name]
    schema["required"] = ["act"]
    for name in ("Actor", "ActorKind", "Right", "Source"):
        del schema["$defs"][name]
    kinds = schema["$defs"]["ActKind"]
    kinds["enum"] = [kind for kind in kinds["enum"] if kind not in INTERNAL_ACTS]
    return schema


def _components(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema and those within it, each under a name that no other has."""
    within = {f"{name}.{inner}": part for inner, part in schema.get("$defs", {}).items()}
    whole = {key: value for key, value in schema.items() if key not in ("$defs", "$schema")}
    return {place: _led_within(part, name) for place, part in {name: whole, **within}.items()}


def _led_within(value: Any, name: str) -> Any:
    match value:
        case {"$ref": str() as reference, **others}:
            return {**others, "$ref": f"{_COMPONENTS}{name}.{reference.removeprefix('#/$defs/')}"}
        case dict():
            return {key: _led_within(child, name) for key, child in value.items()}
        case list():
            return [_led_within(child, name) for child in value]
        case _:
            return value
