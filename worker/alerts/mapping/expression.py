"""JMESPath expressions of a map: compiled once, and evaluated on what anybody may have sent.

An expression sees one alert, and no expression can combine two parts of it each with each: the cost is linear in the
payload, however it is made.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

_LONGEST = 2_000
_FUNCTIONS: Mapping[str, Any] = Functions.FUNCTION_TABLE
_CONSTANT = "constant"
# What the library lets through where a value is of a type that a function does not take.
_OF_OTHER_TYPE = (JMESPathError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError)


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    _compiled: ParsedResult = field(repr=False, compare=False)

    def find(self, data: object) -> object:
        """A value of JSON; None where there is nothing, or something that the expression cannot work with."""
        try:
            return self._compiled.search(data)
        except _OF_OTHER_TYPE:
            return None


@dataclass(frozen=True, slots=True)
class Constant:
    value: str

    @property
    def text(self) -> str:
        return f"{{{_CONSTANT}: {self.value}}}"

    def find(self, _data: object) -> object:
        return self.value


Value = Expression | Constant


def read_value(given: object) -> Value:
    """An expression, or `{constant: text}`; raises ValueError with a sentence."""
    if isinstance(given, dict) and given.keys() == {_CONSTANT} and isinstance(given[_CONSTANT], str):
        return Constant(given[_CONSTANT])
    return read_expression(given)


def read_expression(given: object) -> Expression:
    """Raises ValueError with a sentence."""
    if not isinstance(given, str):
        raise ValueError(f"must be a JMESPath expression in quotes, or {{{_CONSTANT}: text}}")
    text = given.strip()
    if not text:
        raise ValueError("must not be empty: leave the line out")
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST:,} characters")
    compiled = _compiled(text)
    if faults := list(_faults(compiled.parsed)):
        raise ValueError(f"{text!r}: {'; '.join(dict.fromkeys(faults))}")
    return Expression(text, compiled)


def _compiled(text: str) -> ParsedResult:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PendingDeprecationWarning)
            return jmespath.compile(text)
    except PendingDeprecationWarning:
        raise ValueError(f"{text!r}: between ` and ` stands JSON; a word stands between ' and '") from None
    except JMESPathError as error:
        place = getattr(error, "lex_position", None)
        where = f" at character {place + 1}" if isinstance(place, int) else ""
        hint = "" if any(sign in text for sign in "[]{}|&'`") else f"; for words as they stand write {{{_CONSTANT}: …}}"
        raise ValueError(f"{text!r} is no JMESPath expression: it cannot be read{where}{hint}") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None


def _faults(node: Mapping[str, Any]) -> Iterator[str]:
    """What the library would only find when the function is called."""
    children: Sequence[Any] = node.get("children", ())
    if node["type"] == "function_expression":
        yield from _faults_of_call(node["value"], children)
    elif any(_is_reference(child) for child in children):
        yield "& stands only before what a function such as sort_by sorts by"
    for child in children:
        if isinstance(child, Mapping):
            yield from _faults(child)


def _faults_of_call(name: str, given: Sequence[Any]) -> Iterator[str]:
    if name not in _FUNCTIONS:
        close = get_close_matches(name, _FUNCTIONS, n=1)
        yield f"there is no function {name}()" + (f"; did you mean {close[0]}()?" if close else "")
        return
    wanted = _FUNCTIONS[name]["signature"]
    more = bool(wanted and wanted[-1].get("variadic"))
    if len(given) < len(wanted) or (len(given) > len(wanted) and not more):
        yield f"{name}() takes {'at least ' if more else ''}{len(wanted)} arguments, and is given {len(given)}"
        return
    takes = [each["types"] for each in wanted]
    for place, child in enumerate(given):
        if _is_reference(child) != ("expref" in takes[min(place, len(takes) - 1)]):
            yield f"argument {place + 1} of {name}() " + ("takes no &" if _is_reference(child) else "needs an &")


def _is_reference(node: object) -> bool:
    return isinstance(node, Mapping) and node["type"] == "expref"
