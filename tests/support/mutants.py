"""Small changes of a source file that a tired developer might make, each as an edit of its text.

What is only logged, annotated, said of a class or in a docstring is not changed, and nothing within an f-string:
Python 3.11 does not say where in the file that stands.
"""

import ast
import difflib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_BOUNDS = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_OPPOSITES = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in"
}  # fmt: skip
_ARITHMETIC = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*"}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SAID = ("annotation", "returns", "decorator_list")
_LOGS = "log"
_TUNED = 4


@dataclass(frozen=True, slots=True)
class Mutant:
    """`start` and `end` are offsets into the file's bytes; `function` is a qualified name, empty outside of one."""

    path: str
    function: str
    line: int
    operator: str
    start: int
    end: int
    before: str
    after: str

    @property
    def name(self) -> str:
        """The same wherever in its function the place has moved to."""
        return " ".join(f"{self.path}::{self.function} {self.operator}: {self.before} → {self.after}".split())

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.end :]

    def diff(self, source: bytes) -> str:
        old, new = (text.decode().splitlines() for text in (source, self.applied(source)))
        return "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=1))[2:])


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Those that are still Python."""
    return [mutant for mutant in _Mutator(path, source).mutants() if _is_python(mutant.applied(source))]


def _is_python(source: bytes) -> bool:
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            compile(source, "", "exec")
    except SyntaxError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Edit:
    operator: str
    node: ast.AST
    after: str


class _Mutator:
    def __init__(self, path: str, source: bytes) -> None:
        self._path = path
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def mutants(self) -> Iterator[Mutant]:
        for function, node in _changeable(ast.parse(self._source), ()):
            for edit in self._edits(node):
                start, end = self._span(edit.node)
                before = self._source[start:end].decode()
                if before != edit.after:
                    yield Mutant(
                        self._path, ".".join(function), edit.node.lineno, edit.operator, start, end, before, edit.after
                    )

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()

    def _edits(self, node: ast.AST) -> Iterator[_Edit]:
        yield from self._edits_of_conditions(node)
        yield from self._edits_of_values(node)
        yield from self._edits_of_statements(node)

    def _edits_of_conditions(self, node: ast.AST) -> Iterator[_Edit]:
        match node:
            case ast.If() | ast.While() | ast.IfExp():
                yield _Edit("negate a condition", node.test, f"(not ({self._text(node.test)}))")
            case ast.comprehension():
                for condition in node.ifs:
                    yield _Edit("leave out a condition", condition, "True")
            case ast.BoolOp():
                for left_out in node.values:
                    kept = [self._text(value) for value in node.values if value is not left_out]
                    joint = " and " if isinstance(node.op, ast.And) else " or "
                    yield _Edit("leave out a side", node, f"({joint.join(kept)})")
            case ast.UnaryOp(op=ast.Not()):
                yield _Edit("leave out a not", node, f"({self._text(node.operand)})")
            case ast.Compare(ops=[op]):
                yield from self._compared(node, op)

    def _edits_of_values(self, node: ast.AST) -> Iterator[_Edit]:
        match node:
            case ast.Constant():
                yield from self._constant(node)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                after = f"({self._text(node.left)} {_ARITHMETIC[type(node.op)]} {self._text(node.right)})"
                yield _Edit("turn an operation round", node, after)
                yield _Edit("leave out a side", node, f"({self._text(node.left)})")
            case ast.Call():
                yield from self._called(node)
            case ast.Return(value=ast.expr()) if not _is_none(node.value):
                yield _Edit("return nothing", node, "return None")

    def _edits_of_statements(self, node: ast.AST) -> Iterator[_Edit]:
        match node:
            case ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Continue() | ast.Break():
                yield _Edit("leave out a statement", node, "pass")
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Raise():
                yield _Edit("leave out a statement", node, "pass")
            case ast.With() | ast.AsyncWith():
                yield from self._entered(node)
            case ast.ExceptHandler(type=ast.Tuple() as types):
                for left_out in types.elts:
                    kept = [self._text(each) for each in types.elts if each is not left_out]
                    yield _Edit("leave out an error", types, f"({', '.join(kept)},)")

    def _compared(self, node: ast.Compare, op: ast.cmpop) -> Iterator[_Edit]:
        for operator, others in (("move a bound", _BOUNDS), ("turn a comparison round", _OPPOSITES)):
            if other := others.get(type(op)):
                after = f"({self._text(node.left)} {other} {self._text(node.comparators[0])})"
                yield _Edit(operator, node, after)

    def _constant(self, node: ast.Constant) -> Iterator[_Edit]:
        match node.value:
            case bool():
                yield _Edit("change a constant", node, str(not node.value))
            case int() | float():
                # One too many where one counts; of what was measured or guessed a digit too many.
                yield _Edit("change a constant", node, str(node.value + 1 if node.value < _TUNED else node.value * 10))

    def _called(self, node: ast.Call) -> Iterator[_Edit]:
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield self._without(node, keyword)
        if isinstance(node.func, ast.Name):
            if other := _NAMES.get(node.func.id):
                yield _Edit("turn an operation round", node.func, other)
            if (
                len(node.args) == 1
                and not node.keywords
                and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp)
            ):
                yield _Edit("leave out a call around a value", node, f"({self._text(node.args[0])})")
        if len(node.args) > 1 and all(isinstance(each, ast.Name | ast.Attribute) for each in node.args[:2]):
            first, second = map(self._text, node.args[:2])
            others = [self._text(each) for each in (*node.args[2:], *node.keywords)]
            after = f"{self._text(node.func)}({', '.join((second, first, *others))})"
            yield _Edit("swap two arguments", node, after)

    def _without(self, node: ast.Call, keyword: ast.keyword) -> _Edit:
        kept = [self._text(each) for each in (*node.args, *node.keywords) if each is not keyword]
        return _Edit("leave out an argument", node, f"{self._text(node.func)}({', '.join(kept)})")

    def _entered(self, node: ast.With | ast.AsyncWith) -> Iterator[_Edit]:
        """Only where nothing needs the name, and of one context alone: an edit is of one piece of text."""
        if len(node.items) > 1 or node.items[0].optional_vars is not None:
            return
        head = ast.Pass(
            lineno=node.lineno,
            col_offset=node.col_offset,
            end_lineno=node.items[0].context_expr.end_lineno,
            end_col_offset=node.items[0].context_expr.end_col_offset,
        )
        yield _Edit("leave out a context", head, "if True")


def _changeable(node: ast.AST, function: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    """Each node that does something, with the qualified name of what it stands in."""
    for field, value in ast.iter_fields(node):
        if field in _SAID or (field == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr) or _is_logging(child):
                continue
            yield function, child
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            yield from _changeable(child, (*function, child.name) if named else function)


def _is_logging(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name == _LOGS
    return False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
