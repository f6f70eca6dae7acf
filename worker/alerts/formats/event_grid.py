"""Azure Event Grid's own schema, one event or a batch: events of Azure's services, and those of topics of one's own."""

from collections.abc import Mapping, Sequence

from worker.alerts.fields import digest
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat, up_to_limit
from worker.alerts.severities import SeverityWords
from worker.domain.event import Event
from worker.domain.validation import Fault

NAME = "event-grid"
# The two schemas say the same in other names: https://learn.microsoft.com/azure/event-grid/cloud-event-schema
_NAMES = {"type": "eventType", "source": "topic", "time": "eventTime"}
_NO_OBJECT = Ignored("An event of the batch is no JSON object, and tells nothing.")


def of(cloudevents: Format) -> Format:
    """The format; an event is read as the CloudEvent that says the same."""

    def parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
        if not isinstance(payload, list):
            return _findings(payload, words)
        return up_to_limit(lambda each, place: _of_batch(each, words, f"{place}."), payload)

    def _of_batch(payload: object, words: SeverityWords, before: str) -> Sequence[Event | Ignored]:
        return _findings(payload, words, before) if isinstance(payload, Mapping) else [_NO_OBJECT]

    def _findings(payload: object, words: SeverityWords, before: str = "") -> Sequence[Event | Ignored]:
        try:
            found = cloudevents.parse(_as_cloudevent(payload), words)
        except NotThisFormat as error:
            raise _refusal(error.faults, before) from None
        return [_as_received(each, payload) if isinstance(each, Event) else each for each in found]

    return Format(
        name=NAME,
        parse=parse,
        mark=Mark("eventType and subject", _is_marked, in_lists=True),
        minimum={"eventType": "Microsoft.KeyVault.SecretExpired", "subject": "db-password"},
    )


def _is_marked(payload: Mapping[str, object]) -> bool:
    return isinstance(payload.get("eventType"), str) and isinstance(payload.get("subject"), str)


def _as_cloudevent(payload: object) -> dict[str, object]:
    if not isinstance(payload, Mapping):
        raise NotThisFormat(NAME, [Fault("body", "must be a JSON object")])
    if not isinstance(payload.get("subject"), str):
        raise NotThisFormat(NAME, [Fault("subject", "must be what the event is about")])
    return {
        "specversion": "1.0",
        "id": payload.get("id") if _is_name(payload.get("id")) else digest(payload),
        "source": next(filter(_is_name, (payload.get("topic"), payload["subject"])), NAME),
        "type": payload.get("eventType"),
        "subject": payload["subject"],
        "time": payload.get("eventTime"),
        "data": payload.get("data"),
    }


def _as_received(event: Event, payload: object) -> Event:
    """With what was sent as its raw form; of its data what is kept of the alert in it, which is without secrets."""
    told = event.raw if isinstance(event.raw, Mapping) else {}
    kept = {"data": told["data"]} if "data" in told else {}
    return event.model_copy(update={"raw": {**payload, **kept} if isinstance(payload, Mapping) else None})


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refusal(faults: Sequence[Fault], before: str) -> NotThisFormat:
    named = ((_NAMES.get(fault.field, fault.field), fault.message) for fault in faults)
    return NotThisFormat(NAME, [Fault(f"{before}{name}", message) for name, message in named])
