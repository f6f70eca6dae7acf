"""Works out what a Bicep file would deploy for given parameters, as far as that is known before a deployment."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bicep_syntax import (
    Access,
    Array,
    Call,
    Choice,
    Declaration,
    For,
    Literal,
    Name,
    Not,
    NotBicep,
    Object,
    Source,
    Text,
    read_bicep,
)

_PLAIN = {"string": str, "int": int, "bool": bool}


class Later(str):
    """What only Azure knows; its members are as unknown."""

    __slots__ = ()


@dataclass(frozen=True)
class Deployed:
    type: str
    version: str
    name: str
    body: Mapping[str, Any]
    id: str


@dataclass
class World:
    """All that a deployment would make, in the order in which it is met."""

    deployed: list[Deployed] = field(default_factory=list)

    def all(self, type_: str) -> list[Deployed]:
        return [each for each in self.deployed if each.type == type_]

    def one(self, type_: str, name: str = "") -> Deployed:
        (found,) = [each for each in self.all(type_) if name in each.name]
        return found


def deploy(path: Path, parameters: Mapping[str, Any]) -> tuple[World, dict[str, Any]]:
    """The world, and the outputs."""
    world = World()
    return world, _File(path, parameters, world).outputs()


def parameters_of(path: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The values that a .bicepparam file gives."""
    source = read_bicep(path.read_text())
    file = _File(path, {}, World(), environment=environment)
    return {name: file.value(each.value, {}) for name, each in source.declarations.items()}


class _File:
    def __init__(
        self, path: Path, given: Mapping[str, Any], world: World, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self._path = path
        self._source: Source = read_bicep(path.read_text())
        self._world = world
        self._environment = environment or {}
        self._known: dict[str, Any] = {}
        declared = {name: each for name, each in self._source.declarations.items() if each.kind == "param"}
        if unknown := given.keys() - declared.keys():
            raise NotBicep(f"{path.name} has no parameter {', '.join(sorted(unknown))}")
        self._given = given

    def outputs(self) -> dict[str, Any]:
        for name, declaration in self._source.declarations.items():
            if declaration.kind in ("resource", "module"):
                self._symbol(name, declaration.line)
        return {name: self.value(each.value, {}) for name, each in self._source.outputs.items()}

    def value(self, read: Any, names: Mapping[str, Any]) -> Any:  # noqa: PLR0911 (an answer for each form)
        match read:
            case Literal():
                return read.value
            case Text():
                return "".join(
                    str(self.value(part, names)) if not isinstance(part, str) else part for part in read.parts
                )
            case Name():
                return names[read.name] if read.name in names else self._symbol(read.name, read.line)
            case Access():
                return _member(self.value(read.of, names), read.name)
            case Not():
                return not self.value(read.of, names)
            case Choice():
                return self.value(read.yes if self.value(read.test, names) else read.no, names)
            case Array():
                return [self.value(each, names) for each in read.items]
            case Object():
                return {self.value(key, names): self.value(each, names) for key, each in read.items}
            case Call():
                return self._call(read.name, [self.value(each, names) for each in read.arguments])
        raise NotBicep(f"{self._path.name}: {read!r}")

    def _symbol(self, name: str, line: int) -> Any:
        if name not in self._source.declarations:
            raise NotBicep(f"{self._path.name}:{line}: {name} is declared nowhere")
        if name not in self._known:
            self._known[name] = self._work_out(self._source.declarations[name])
        return self._known[name]

    def _work_out(self, declaration: Declaration) -> Any:
        match declaration.kind:
            case "param":
                return self._parameter(declaration)
            case "var":
                return self.value(declaration.value, {})
            case "resource":
                return self._resource(declaration)
            case "module":
                return self._module(declaration)
        raise NotBicep(f"{self._path.name}:{declaration.line}: {declaration.name} is no value")

    def _parameter(self, declaration: Declaration) -> Any:
        if declaration.name in self._given:
            value = self._given[declaration.name]
        elif declaration.value is not None:
            value = self.value(declaration.value, {})
        else:
            raise NotBicep(f"{self._path.name} was not given {declaration.name}")
        self._check(value, declaration.type, declaration.name)
        return value

    def _check(self, value: Any, wanted: Any, name: str) -> None:
        match wanted:
            case Literal():
                fits = value in wanted.value
            case Object():
                fits = isinstance(value, dict) and value.keys() == {member for member, _ in wanted.items}
                for member, inner in wanted.items if fits else ():
                    self._check(value[member], inner, f"{name}.{member}")
            case str() if wanted.endswith("[]"):
                fits = isinstance(value, list)
                for each in value if fits else ():
                    self._check(each, wanted.removesuffix("[]"), f"{name}[]")
            case str() if wanted in _PLAIN:
                fits = type(value) is _PLAIN[wanted] or isinstance(value, Later)
            case _:
                fits = True
                self._check(value, self._imported(wanted), name)
        if not fits:
            raise NotBicep(f"{self._path.name}: {name} is {value!r}, and {wanted} was wanted")

    def _imported(self, name: str) -> Any:
        declaration = self._source.declarations.get(name)
        if declaration is None or declaration.kind != "import":
            raise NotBicep(f"{self._path.name}: there is no type {name}")
        declared = read_bicep((self._path.parent / declaration.value).read_text()).declarations[name]
        if "export" not in declared.decorators:
            raise NotBicep(f"{self._path.name}: the type {name} is not exported")
        return declared.value

    def _resource(self, declaration: Declaration) -> Any:
        if declaration.condition is not None and not self.value(declaration.condition, {}):
            return Later(f"<no {declaration.name}>")
        if isinstance(declaration.value, For):
            loop = declaration.value
            return [self._one(declaration, loop.body, {loop.name: each}) for each in self.value(loop.over, {})]
        return self._one(declaration, declaration.value, {})

    def _one(self, declaration: Declaration, read: Any, names: Mapping[str, Any]) -> Deployed:
        type_, _, version = declaration.type.partition("@")
        body = self.value(read, names)
        parent = body.pop("parent", None)
        scope = body.pop("scope", None)
        name = f"{parent.name}/{body['name']}" if parent else body["name"]
        id_ = f"{parent.id}/{type_.rpartition('/')[2]}/{body['name']}" if parent else f"/{type_}/{name}"
        made = Deployed(type_, version, name, {**body, **({"scope": scope.id} if scope else {})}, id_)
        self._world.deployed.append(made)
        return made

    def _module(self, declaration: Declaration) -> Any:
        if declaration.condition is not None and not self.value(declaration.condition, {}):
            return Later(f"<no {declaration.name}>")
        body = self.value(declaration.value, {})
        inner = _File(self._path.parent / declaration.type, body["params"], self._world)
        return {"outputs": inner.outputs()}

    def _call(self, name: str, given: list[Any]) -> Any:
        if name == "readEnvironmentVariable":
            return self._environment[given[0]]
        if name not in _FUNCTIONS:
            raise NotBicep(f"{self._path.name}: the function {name} is not known here")
        return _FUNCTIONS[name](*given)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": lambda *lists: [each for part in lists for each in part],
    "union": lambda *objects: {name: value for each in objects for name, value in each.items()},
    "empty": lambda value: not value,
    "string": str,
    "json": json.loads,
    "take": lambda text, count: text[:count],
    "toLower": str.lower,
    "replace": str.replace,
    "guid": lambda *parts: "guid:" + ":".join(parts),
    "uniqueString": lambda _: "uniquestring0",
    "subscriptionResourceId": lambda type_, id_: f"/{type_}/{id_}",
    "resourceGroup": lambda: {"id": "/resourceGroup", "location": "westeurope"},
    "tenant": lambda: {"tenantId": "the-tenant"},
    "listKeys": lambda of: {"primarySharedKey": Later(f"<key of {of.name}>")},
}


def _member(of: Any, name: str) -> Any:
    if isinstance(of, Later):
        return Later(f"{of}.{name}")
    if isinstance(of, Deployed):
        if name in ("id", "name"):
            return getattr(of, name).rpartition("/")[2] if name == "name" else of.id
        known = of.body.get(name, {}) if name == "properties" else {}
        return _Properties(of.name, known)
    if isinstance(of, _Properties):
        return of.member(name)
    if not isinstance(of, dict) or name not in of:
        raise NotBicep(f"{of!r} has no {name}")
    return of[name]


@dataclass(frozen=True)
class _Properties:
    """Those that the file sets are known; those that Azure adds are not."""

    of: str
    known: Any

    def member(self, name: str) -> Any:
        inner = self.known.get(name) if isinstance(self.known, dict) else None
        return _Properties(f"{self.of}.{name}", inner) if isinstance(inner, dict) else Later(f"<{self.of}.{name}>")
