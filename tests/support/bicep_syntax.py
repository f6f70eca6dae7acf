"""Reads the part of Bicep that deploy/ is written in; anything else is refused, not skipped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*)|(?P<newline>\n)|(?P<space>[ \t\r]+)|(?P<long>'''.*?''')|(?P<quote>')"
    r"|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\[\]|[{}\[\]():,.?!=@|])",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "'": "'", "\\": "\\", "$": "$"}


class NotBicep(Exception):
    """What was read is not in the part of the language that deploy/ uses."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    line: int
    parts: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Text:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Literal:
    value: object


@dataclass(frozen=True)
class Name:
    name: str
    line: int


@dataclass(frozen=True)
class Access:
    of: Any
    name: str


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Not:
    of: Any


@dataclass(frozen=True)
class Choice:
    test: Any
    yes: Any
    no: Any


@dataclass(frozen=True)
class Array:
    items: tuple[Any, ...]


@dataclass(frozen=True)
class Object:
    items: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class For:
    name: str
    over: Any
    body: Any


@dataclass(frozen=True)
class Declaration:
    kind: str
    name: str
    line: int
    type: Any = None
    value: Any = None
    condition: Any = None
    decorators: tuple[str, ...] = ()


@dataclass
class Source:
    declarations: dict[str, Declaration] = field(default_factory=dict)
    outputs: dict[str, Declaration] = field(default_factory=dict)


@cache
def read_bicep(text: str) -> Source:
    source = _Parser(list(_tokens(text))).source()
    mentioned = {name for each in (*source.declarations.values(), *source.outputs.values()) for name in _names_in(each)}
    deploys = any(each.kind in ("resource", "module") for each in source.declarations.values())
    for each in source.declarations.values():
        if deploys and each.name not in mentioned and each.kind in ("param", "var", "import"):
            raise NotBicep(f"line {each.line}: {each.name} is used nowhere")
    return source


def _names_in(read: Any) -> Iterator[str]:
    match read:
        case Name():
            yield read.name
        case Declaration():
            for part in (read.type, read.value, read.condition):
                yield from (part.removesuffix("[]"),) if isinstance(part, str) else _names_in(part)
        case tuple():
            for part in read:
                yield from _names_in(part)
        case _ if is_dataclass(read):
            for each in fields(read):
                yield from _names_in(getattr(read, each.name))


def _tokens(text: str) -> Iterator[Token]:
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotBicep(f"line {line}: {text[at : at + 20]!r}")
        kind, read = str(found.lastgroup), found.group()
        if kind == "quote":
            end, parts = _text(text, found.end(), line)
            yield Token("text", text[at:end], line, parts)
            read = text[at:end]
        elif kind == "long":
            yield Token("text", read, line, (read[3:-3].removeprefix("\n"),))
        elif kind not in ("comment", "space"):
            yield Token(kind, read, line)
        at += len(read)
        line += read.count("\n")
    yield Token("newline", "\n", line)
    yield Token("end", "", line)


def _text(text: str, at: int, line: int) -> tuple[int, tuple[Any, ...]]:
    parts: list[Any] = []
    plain = ""
    while text[at : at + 1] != "'":
        if text[at : at + 1] in ("", "\n"):
            raise NotBicep(f"line {line}: a text without its end")
        if text.startswith("${", at):
            end = _end_of_interpolation(text, at + 2, line)
            parts += [plain, _Parser(list(_tokens(text[at + 2 : end]))).expression()]
            plain, at = "", end + 1
        elif text[at] == "\\":
            plain += _ESCAPES[text[at + 1]]
            at += 2
        else:
            plain += text[at]
            at += 1
    return at + 1, (*parts, plain)


def _end_of_interpolation(text: str, at: int, line: int) -> int:
    depth = 0
    for end in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth < 0:
            return end
    raise NotBicep(f"line {line}: an interpolation without its end")


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def source(self) -> Source:
        source = Source()
        decorators: tuple[str, ...] = ()
        while self._skip_lines().kind != "end":
            if self._take("@"):
                decorators = (*decorators, self._decorator())
                continue
            for declaration in self._declarations(decorators):
                named = source.outputs if declaration.kind == "output" else source.declarations
                if declaration.name in named:
                    raise NotBicep(f"line {declaration.line}: {declaration.name} is declared twice")
                named[declaration.name] = declaration
            decorators = ()
            self._want("newline")
        return source

    def _declarations(self, decorators: tuple[str, ...]) -> Iterator[Declaration]:
        keyword = self._want("name")
        match keyword.text:
            case "targetScope" | "using":
                self._take("=")
                self._want("text")
            case "import":
                yield from self._imports(keyword.line)
            case "param" | "output" | "type" | "var":
                name = self._want("name").text
                typed = keyword.text != "type" and self._peek().text != "="
                type_ = self._type() if typed else None
                read = self._type if keyword.text == "type" else self.expression
                value = read() if self._take("=") else None
                yield Declaration(keyword.text, name, keyword.line, type_, value, decorators=decorators)
            case "resource" | "module":
                yield self._deployed(keyword)
            case _:
                raise self._wrong("a declaration")

    def _imports(self, line: int) -> Iterator[Declaration]:
        names = []
        self._want("{")
        while not self._take("}"):
            names.append(self._want("name").text)
            self._take(",")
        if self._want("name").text != "from":
            raise self._wrong("from")
        place = self._want("text").parts[0]
        yield from (Declaration("import", name, line, value=place) for name in names)

    def _deployed(self, keyword: Token) -> Declaration:
        name = self._want("name").text
        place = self._want("text").parts[0]
        self._want("=")
        condition = None
        if self._peek().text == "if":
            self._want("name")
            self._want("(")
            condition = self.expression()
            self._want(")")
        return Declaration(keyword.text, name, keyword.line, place, self.expression(), condition)

    def _decorator(self) -> str:
        call = self.expression()
        if not isinstance(call, Call):
            raise self._wrong("a decorator")
        return call.name

    def _type(self) -> Any:
        """A name, a name with [], a set of words, or an object whose members are types."""
        if self._take("{"):
            members = []
            while self._skip_lines().text != "}":
                if self._take("@"):
                    self._decorator()
                    continue
                member = self._want("name").text
                self._want(":")
                members.append((member, self._type()))
                self._take(",")
            self._want("}")
            return Object(tuple(members))
        if self._peek().kind == "text":
            words = [self._want("text").parts[0]]
            while self._take("|"):
                words.append(self._want("text").parts[0])
            return Literal(frozenset(words))
        name = self._want("name").text
        return f"{name}[]" if self._take("[]") else name

    def expression(self) -> Any:
        first = self._unary()
        at = self._at
        self._skip_lines()
        if not self._take("?"):
            self._at = at
            return first
        self._skip_lines()
        yes = self.expression()
        self._skip_lines()
        self._want(":")
        self._skip_lines()
        return Choice(first, yes, self.expression())

    def _unary(self) -> Any:
        if self._take("!"):
            return Not(self._unary())
        value = self._primary()
        while True:
            if self._take("."):
                member = self._want("name").text
                value = Call(member, (value, *self._arguments())) if self._take("(") else Access(value, member)
            elif not self._take("!"):
                return value

    def _primary(self) -> Any:  # noqa: PLR0911 (an answer for each form)
        token = self._next()
        if token.kind == "text":
            return Text(token.parts)
        if token.kind == "number":
            return Literal(int(token.text))
        if token.text in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[token.text])
        if token.kind == "name":
            return Call(token.text, self._arguments()) if self._take("(") else Name(token.text, token.line)
        if token.text == "[]":
            return Array(())
        if token.text == "[":
            return self._array()
        if token.text == "{":
            return self._object()
        self._at -= 1
        raise self._wrong("a value")

    def _arguments(self) -> tuple[Any, ...]:
        return self._until(")")

    def _array(self) -> Any:
        if self._skip_lines().text != "for":
            return Array(self._until("]"))
        self._want("name")
        name = self._want("name").text
        if self._want("name").text != "in":
            raise self._wrong("in")
        over = self.expression()
        self._want(":")
        body = self.expression()
        self._skip_lines()
        self._want("]")
        return For(name, over, body)

    def _until(self, end: str) -> tuple[Any, ...]:
        items = []
        while self._skip_lines().text != end:
            items.append(self.expression())
            if not self._take(",") and self._peek().text != end:
                self._want("newline")
        self._want(end)
        return tuple(items)

    def _object(self) -> Object:
        items = []
        while self._skip_lines().text != "}":
            key = self._next()
            if key.kind not in ("name", "text"):
                self._at -= 1
                raise self._wrong("a key")
            self._want(":")
            items.append((Text(key.parts or (key.text,)), self.expression()))
            if not self._take(",") and self._peek().text != "}":
                self._want("newline")
        self._want("}")
        return Object(tuple(items))

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip_lines(self) -> Token:
        while self._peek().kind == "newline":
            self._at += 1
        return self._peek()

    def _take(self, text: str) -> bool:
        taken = self._peek().kind == "sign" and self._peek().text == text
        self._at += taken
        return taken

    def _want(self, wanted: str) -> Token:
        token = self._peek()
        if wanted not in (token.kind, token.text):
            raise self._wrong(wanted)
        return self._next()

    def _wrong(self, wanted: str) -> NotBicep:
        token = self._peek()
        return NotBicep(f"line {token.line}: {wanted} was wanted, and {token.text!r} is there")
