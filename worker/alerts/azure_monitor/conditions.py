"""What a metric or log alert measured, against what, over which time; and where it rests on no measurement."""

import operator
from collections.abc import Iterator
from datetime import UTC

from worker.alerts.azure_monitor.payload import Alert, Condition, squeezed
from worker.alerts.azure_monitor.spelling import duration
from worker.alerts.unmeasured import low_confidence
from worker.domain.text import clean_line, cut

LOW_CONFIDENCE = low_confidence("Azure measured no value, and does not know whether anything is wrong")
NOTHING_MEASURED = "metricValue is null"
_COUNTING = {"count", "total", "sum"}
_BELOW = {"lessthan", "lessthanorequal", "lowerthan", "lowerthanorequal"}
_IS_MET = {
    "greaterthan": operator.gt,
    "greaterthanorequal": operator.ge,
    "lessthan": operator.lt,
    "lowerthan": operator.lt,
    "lessthanorequal": operator.le,
    "lowerthanorequal": operator.le,
}
_QUERY_LIMIT = 500


def fires_unmeasured(alert: Alert) -> bool:
    """It fired although a value is missing, and nothing to count is not what it looks for."""
    return any(_is_blind(condition) and not _looks_for_nothing(condition) for condition in alert.conditions)


def ends_unmeasured(alert: Alert) -> bool:
    """It ended because a value is missing: no other criterion was measured and is no longer met."""
    blind = [_is_blind(each) and not _counts_no_rows(each) for each in alert.conditions]
    return any(blind) and not any(map(_is_cleared, alert.conditions))


def measured(condition: Condition) -> str:
    what = condition.metric_name or ("Log query" if condition.search_query else "")
    found = condition.metric_value or condition.result_count
    wanted = " ".join(filter(None, (condition.time_aggregation, condition.operator, condition.threshold)))
    return ", ".join(filter(None, (f"{what}: {wanted}" if wanted else what, f"measured {found}" if found else "")))


def told_of_conditions(alert: Alert) -> Iterator[str]:
    conditions = alert.conditions
    yield from (f"Availability test: {each.web_test_name}" for each in conditions if each.web_test_name)
    yield from map(measured, conditions)
    if any(map(_looks_for_nothing, filter(_is_blind, conditions))):
        yield "Nothing came that could be counted, which is what the rule looks for."
    yield from filter(None, map(_sensitivity, conditions))
    yield from _window(alert)
    queries = dict.fromkeys(clean_line(each.search_query) for each in conditions if each.search_query)
    yield from (cut(_QUERY_LIMIT)(f"Query: {query}") for query in queries)
    if expression := clean_line(alert.alert_context.expression):
        value = alert.alert_context.expression_value
        yield cut(_QUERY_LIMIT)(f"Expression: {expression}") + (f", value {value}" if value else "")


def _is_blind(condition: Condition) -> bool:
    """Without a threshold, as with a query that compares by itself, a missing value says nothing."""
    return condition.says_nothing_was_measured and bool(condition.operator and condition.threshold)


def _looks_for_nothing(condition: Condition) -> bool:
    below = squeezed(condition.operator or "") in _BELOW
    return below and squeezed(condition.time_aggregation or "") in _COUNTING


def _counts_no_rows(condition: Condition) -> bool:
    """No row of a log is a count of zero; of a metric it may as well be that nobody sends it any more."""
    counted = bool(condition.search_query) and squeezed(condition.time_aggregation or "") == "count"
    return counted and squeezed(condition.operator or "") not in _BELOW


def _is_cleared(condition: Condition) -> bool:
    compare = _IS_MET.get(squeezed(condition.operator or ""))
    if compare is None or condition.says_nothing_was_measured:
        return False
    try:
        value, threshold = float(condition.metric_value or ""), float(condition.threshold or "")
    except ValueError:
        return False
    return not compare(value, threshold)


def _sensitivity(condition: Condition) -> str:
    if not condition.alert_sensitivity:
        return ""
    periods = condition.failing_periods
    failing = periods and f", {periods.min_failing_periods_to_alert} of {periods.number_of_evaluation_periods} periods"
    return f"Dynamic threshold: sensitivity {condition.alert_sensitivity}{failing or ''}"


def _window(alert: Alert) -> Iterator[str]:
    criteria = alert.alert_context.condition
    if criteria is None or not criteria.window_size:
        return
    end = criteria.window_end_time
    until = f", until {end.astimezone(UTC):%Y-%m-%d %H:%M UTC}" if end else ""
    yield f"Window: {duration(criteria.window_size)}{until}"
