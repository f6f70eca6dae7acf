"""The part of the Work Item Query Language that finds work items by their fields: parsed, checked and run."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from worker.sandbox.boards.process import Field, field_named
from worker.sandbox.boards.refusal import Refusal, bad_query, not_supported_here
from worker.sandbox.boards.work_item import WorkItem

QUERY_LENGTH = 32_000
CONDITIONS_LIMIT = 50
RESULT_LIMIT = 20_000

TOKEN = re.compile(
    r"""\s*(?:
        (?P<field>\[[^\[\]]{1,128}\])
      | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<number>-?\d{1,9}(?:\.\d{1,9})?)
      | (?P<macro>@[A-Za-z]+)
      | (?P<sign><>|<=|>=|[=<>,+()-])
      | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE,
)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
PROJECT = "@project"
TODAY = "@today"
TEXTS = ("string", "html", "plainText", "history", "treePath", "identity")

T = TypeVar("T")
Value = str | int | float | datetime


@dataclass(frozen=True)
class Token:
    kind: str
    text: str

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.casefold() == word.casefold()


END = Token("end", "")


@dataclass(frozen=True)
class Condition:
    field: Field
    comparison: str
    values: tuple[Value, ...]
    """One, but for a comparison with a list."""

    def holds(self, item: WorkItem) -> bool:
        current, value = _comparable(self.field, _value_of(item, self.field)), self.values[0]
        match self.comparison:
            case "CONTAINS":
                return str(value).casefold() in str(current or "")
            case "CONTAINS WORDS":
                words = r"\s+".join(re.escape(w) for w in str(value).casefold().split())
                return bool(words and re.search(rf"(?<!\w){words}(?!\w)", str(current or "")))
            case "=" | "IN":
                return any(self._is(current, each) for each in self.values)
            case "<>" | "NOT IN":
                return not any(self._is(current, each) for each in self.values)
        return current is not None and COMPARISONS[self.comparison](current, _grouped(value))

    def _is(self, current: Any, value: Value) -> bool:
        if self.field.type == "identity" and current and _grouped(value) in current[:-1].split(" <"):
            return True  # a person is the same by name and by address
        return bool(current == _grouped(value))


@dataclass(frozen=True)
class Sorting:
    field: Field
    descending: bool


@dataclass(frozen=True)
class Query:
    columns: tuple[Field, ...]
    conditions: tuple[Condition, ...]
    sortings: tuple[Sorting, ...]

    def run(self, items: Sequence[WorkItem], *, top: int) -> list[WorkItem]:
        found = [item for item in items if all(condition.holds(item) for condition in self.conditions)]
        if len(found) > RESULT_LIMIT:
            raise too_many_results()
        for sorting in reversed(self.sortings):
            found.sort(key=lambda item: _sort_key(sorting.field, item), reverse=sorting.descending)  # run at once
        return found[:top]


def read_query(text: object, *, project: str | None, now: datetime, time_precision: bool = False) -> Query:
    if not isinstance(text, str) or not text.strip():
        raise bad_query("TF51006: The query statement is missing a SELECT clause. The error is caused by «».")
    if len(text) > QUERY_LENGTH:
        raise bad_query(f"VS402335: The query may have up to {QUERY_LENGTH} characters.")
    return _Reader(_tokens(text), project, now, time_precision=time_precision).query()


def too_many_results() -> Refusal:
    return Refusal(
        400,
        "WorkItemTrackingQueryResultSizeLimitExceededException",
        f"VS402337: The number of work items returned exceeds the size limit of {RESULT_LIMIT}. Change the query "
        "to return fewer items.",
    )


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise bad_query(f"TF51011: The query is not understood. The error is caused by «{text[position:][:40]}».")
        tokens.append(Token(match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[Token], project: str | None, now: datetime, *, time_precision: bool) -> None:
        self._tokens = tokens
        self._position = 0
        self._project = project
        self._now = now
        self._time_precision = time_precision

    def query(self) -> Query:
        self._expect("select")
        columns = self._listed(self._field)
        self._expect("from")
        if not self._accept("workitems"):
            raise not_supported_here(f"queries from {self._peek().text[:40]!r}; ask WorkItems")
        conditions = self._conditions() if self._accept("where") else ()
        sortings: tuple[Sorting, ...] = ()
        if self._accept("order"):
            self._expect("by")
            sortings = self._listed(self._sorting)
        if self._peek() is not END:
            raise self._not_understood()
        return Query(columns, conditions, sortings or (Sorting(_field("System.Id"), descending=False),))

    def _conditions(self) -> tuple[Condition, ...]:
        conditions = [self._condition()]
        while self._accept("and"):
            conditions.append(self._condition())
            if len(conditions) > CONDITIONS_LIMIT:
                raise bad_query(f"TF51012: The query may have up to {CONDITIONS_LIMIT} conditions.")
        return tuple(conditions)

    def _condition(self) -> Condition:
        field = self._field()
        comparison = self._comparison()
        _check_comparison(field, comparison)
        if not comparison.endswith("IN"):
            return Condition(field, comparison, (self._value(field),))
        self._expect_sign("(")
        values = self._listed(lambda: self._value(field))
        self._expect_sign(")")
        return Condition(field, comparison, values)

    def _comparison(self) -> str:
        token = self._next()
        if token.kind == "sign" and token.text in {"=", "<>", *COMPARISONS}:
            return token.text
        if token.is_word("contains"):
            return "CONTAINS WORDS" if self._accept("words") else "CONTAINS"
        if token.is_word("in"):
            return "IN"
        if token.is_word("not") and self._accept("in"):
            return "NOT IN"
        raise not_supported_here(f"the comparison {token.text[:40]!r} in a query")

    def _value(self, field: Field) -> Value:
        token = self._next()
        match token.kind:
            case "macro":
                return self._macro(token, field)
            case "text":
                quote = token.text[0]
                return self._literal(token.text[1:-1].replace(quote * 2, quote), field)
            case "number" if field.type in ("integer", "double"):
                return float(token.text) if "." in token.text else int(token.text)
        raise _wrong_type(field, token.text)

    def _literal(self, text: str, field: Field) -> Value:
        if field.type == "dateTime":
            return self._date(text, field)
        if field.type in ("integer", "double"):
            try:
                return float(text)
            except ValueError as error:
                raise _wrong_type(field, text) from error
        return text

    def _date(self, text: str, field: Field) -> datetime:
        try:
            date = datetime.fromisoformat(text)
        except ValueError as error:
            raise _wrong_type(field, text) from error
        if len(text) > len("2026-01-01") and not self._time_precision:
            raise bad_query(
                "TF51593: You cannot supply a time with the date when running a query using date precision. The "
                f"error is caused by «{text[:40]}»."
            )
        return date if date.tzinfo else date.replace(tzinfo=UTC)

    def _macro(self, token: Token, field: Field) -> str | datetime:
        name = token.text.casefold()
        if name == PROJECT and field.type in TEXTS:
            if self._project is None:
                raise bad_query("TF51013: The macro @project needs a project in the address of the request.")
            return self._project
        if name == TODAY and field.type == "dateTime":
            return self._now.replace(hour=0, minute=0, second=0, microsecond=0) + self._days()
        raise not_supported_here(f"the macro {token.text[:40]!r} with the field {field.reference}")

    def _days(self) -> timedelta:
        """Read `- 7` and `+ 7`, and `-7`, which reads as one number."""
        token = self._peek()
        if token.kind == "number" and token.text.startswith("-"):
            return timedelta(days=_days(self._next()))
        if token.kind == "sign" and token.text in "+-":
            sign = -1 if self._next().text == "-" else 1
            return timedelta(days=sign * _days(self._next()))
        return timedelta()

    def _sorting(self) -> Sorting:
        field = self._field()
        descending = self._accept("desc")
        if not descending:
            self._accept("asc")
        return Sorting(field, descending)

    def _field(self) -> Field:
        token = self._next()
        if token.kind != "field":
            raise bad_query(
                f"TF51007: A field name in brackets is expected. The error is caused by «{token.text[:40]}»."
            )
        return _field(token.text[1:-1])

    def _listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        found = [read()]
        while self._peek() == Token("sign", ","):
            self._next()
            found.append(read())
        return tuple(found)

    def _peek(self) -> Token:
        return self._tokens[self._position] if self._position < len(self._tokens) else END

    def _next(self) -> Token:
        token = self._peek()
        self._position += 1
        return token

    def _accept(self, word: str) -> bool:
        accepted = self._peek().is_word(word)
        self._position += accepted
        return accepted

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise bad_query(
                f"TF51006: The query statement is missing a {word.upper()} clause. The error is caused by "
                f"«{self._peek().text[:40]}»."
            )

    def _expect_sign(self, sign: str) -> None:
        token = self._next()
        if token != Token("sign", sign):
            raise bad_query(f"TF51009: A «{sign}» is expected. The error is caused by «{token.text[:40]}».")

    def _not_understood(self) -> Refusal:
        return not_supported_here(f"what follows {self._peek().text[:40]!r} in a query")


def _field(name: str) -> Field:
    field = field_named(name.strip())
    if field is None:
        raise bad_query(
            f"TF51005: The query references a field that does not exist. The error is caused by «[{name}]»."
        )
    return field


def _check_comparison(field: Field, comparison: str) -> None:
    fits = field.type in TEXTS if comparison.startswith("CONTAINS") else not field.is_long_text
    if not fits:
        raise bad_query(f"TF51595: The operator {comparison} cannot be used with the field {field.reference}.")


def _wrong_type(field: Field, text: str) -> Refusal:
    return bad_query(
        f"TF212023: The value «{text[:40]}» for the field {field.reference} has not its type, {field.type}."
    )


def _days(token: Token) -> int:
    if token.kind != "number" or not re.fullmatch(r"-?\d{1,5}", token.text):
        raise bad_query(f"TF51014: A number of days is expected. The error is caused by «{token.text[:40]}».")
    return int(token.text)


def _value_of(item: WorkItem, field: Field) -> Any:
    match field.reference:
        case "System.Id":
            return item.id
        case "System.Rev":
            return item.rev
    return item.fields.get(field.reference)


def _comparable(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == "identity":
        return f"{value['displayName']} <{value['uniqueName']}>".casefold()
    if field.type == "dateTime":
        at = datetime.fromisoformat(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return _grouped(value)


def _grouped(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _sort_key(field: Field, item: WorkItem) -> tuple[bool, Any]:
    value = _comparable(field, _value_of(item, field))
    return value is not None, value if value is not None else 0
