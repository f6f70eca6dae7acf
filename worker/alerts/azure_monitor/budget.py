"""Alerts of Cost Management: budgets, and whatever else it tells of costs."""

from collections.abc import Iterator, Mapping

from worker.alerts.azure_monitor.payload import Alert, squeezed
from worker.alerts.azure_monitor.resource_names import is_identifier, resource_name
from worker.alerts.azure_monitor.spelling import lines
from worker.alerts.fields import first_of, scalars
from worker.domain.text import clean_line

_TOLD = ("spentamount", "spendingamount", "budgetthreshold", "budget", "unit", "forecastedtotalforperiod")
_NAMES = ("budgetname", "scope")


def budget_name(alert: Alert) -> str:
    said = _said(alert)
    return clean_line(said.get("budgetname", "")) or _scope(said.get("scope", ""))


def budget_identity(alert: Alert) -> list[str]:
    """Of one budget or scope, whatever has been spent."""
    said = _said(alert)
    return [first_of(said, "budgetid", "budgetname"), said.get("scope", "")]


def told_of_budget(alert: Alert) -> Iterator[str]:
    said = _said(alert)
    unit = f" {said['unit']}" if said.get("unit") else ""
    spent, budget = first_of(said, "spentamount", "spendingamount"), first_of(said, "budgetthreshold", "budget")
    if spent:
        yield f"Spent: {spent}{unit}" + (f" of a budget of {budget}{unit}" if budget else "")
    elif budget:
        yield f"Budget: {budget}{unit}"
    if forecast := said.get("forecastedtotalforperiod"):
        yield f"Forecast for the period: {forecast}{unit}"
    if scope := _scope(said.get("scope", "")):
        yield f"Scope: {scope}"
    yield from lines(alert.alert_context.alert_data or {}, without={*_TOLD, *_NAMES})


def _said(alert: Alert) -> Mapping[str, str]:
    return {squeezed(name): value for name, value in scalars(alert.alert_context.alert_data).items()}


def _scope(scope: str) -> str:
    """A resource group by its name; a subscription has nothing but its number."""
    last = scope.rstrip("/").rpartition("/")[2]
    return f"subscription {last}" if is_identifier(last) else resource_name(scope.rstrip("/"))
