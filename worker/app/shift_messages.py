"""The composition of what tells people of their shifts."""

from datetime import timedelta

from worker.app.clients import Clients
from worker.engine.executor import Timing
from worker.grouping.alert_store import AlertStore
from worker.grouping.open_incidents import OpenIncidents
from worker.lifecycle.shift_delivery import ShiftDelivery
from worker.lifecycle.shift_messages import ShiftMessages
from worker.settings import Settings
from worker.storage.stores import Stores


def shift_messages(
    settings: Settings, before: timedelta, clients: Clients, stores: Stores, alert_store: AlertStore
) -> ShiftMessages:
    timing = Timing(allowance=settings.step_allowance, lookup_lag=settings.lookup_lag_seconds)
    delivery = ShiftDelivery(stores.notices, clients.shift_messages, timing)
    return ShiftMessages(delivery, clients.on_call.definitions, OpenIncidents(stores, alert_store), before)
