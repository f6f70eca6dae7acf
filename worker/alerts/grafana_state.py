"""What Grafana says of the states of its alerts, which Alertmanagers that it sends to pass on: why, if not measured."""

import re

from worker.alerts.prometheus_group import Alert
from worker.alerts.unmeasured import low_confidence
from worker.domain.text import clean_line

_STATE_REASON = "grafana_state_reason"
NO_DATA = low_confidence("Grafana found no data, and does not know whether anything is wrong")
_ERROR = low_confidence("Grafana could not ask its data source, and does not know whether anything is wrong")
_VANISHED = low_confidence("what Grafana measured has vanished, and it does not know whether anything is wrong")
_LAST_STATE = low_confidence("Grafana only keeps the last state, and does not know whether it still holds")
_BLIND = {"DatasourceNoData": NO_DATA, "DatasourceError": _ERROR}
# Words of a state's reason, of which there may be several, as `NoData, KeepLast`; the first that is there counts.
_REASONS = {"error": _ERROR, "nodata": NO_DATA, "missingseries": _VANISHED, "keeplast": _LAST_STATE}
_LONGEST = 10_000


def state_reason(alert: Alert) -> str:
    """Why Grafana gives it this state, where that is not what was measured."""
    return clean_line(alert.remarks.get(_STATE_REASON, "") or alert.tags.get(_STATE_REASON, ""))


def doubt_of_rule(alert: Alert) -> str:
    """What an alert is told with that is about a rule that could not be evaluated, however it was renamed."""
    if known := _BLIND.get(alert.tags.get("alertname", "")):
        return known
    if alert.tags.get("rulename") and any(alert.tags.get(name) for name in ("datasource_uid", "ref_id")):
        return _ERROR if "Error" in alert.remarks else NO_DATA
    return ""


def doubt_by_reason(alert: Alert) -> str:
    """What a firing is told with whose state has such a reason."""
    words = re.findall(r"\w+", state_reason(alert)[:_LONGEST].lower())
    return next((told for word, told in _REASONS.items() if word in words), "")


def title_of(alert: Alert, *, unmeasured: str) -> str:
    """The summary of what could not be evaluated would claim what nobody knows."""
    rule = clean_line(alert.tags.get("rulename", ""))
    if doubt_of_rule(alert):
        return alert.told_of(f"{rule}: {alert.rule}") if rule else alert.title
    return alert.told_of(f"{alert.rule}: {state_reason(alert) or 'NoData'}") if unmeasured else alert.title
