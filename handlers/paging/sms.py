"""By SMS, wherever the person is."""

from datetime import datetime, timedelta

from handlers.paging.way import KeyedToOne, Recipient, Wording
from worker.clients.sms.client import Sms
from worker.domain.errors import Permanent
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.paging_ways import SMS
from worker.engine.step import Done


class ShortMessage(KeyedToOne):
    # The service knows a request again for some minutes; what is in doubt for longer is sent anew.
    window = timedelta(minutes=4)

    def __init__(self, recipient: Recipient, sms: Sms, wording: Wording) -> None:
        super().__init__(recipient, SMS)
        self._sms = sms
        self._wording = wording

    async def send(self, incident: Incident, done: Done, first_sent: datetime) -> Page:
        del done
        text = self._wording.in_sms(incident, self.recipient)
        key = f"{incident.id}:{self.label}:{first_sent.isoformat()}"
        try:
            message = await self._sms.send(self.recipient.phone, text, key=key, first_sent=first_sent)
        except Permanent as error:
            return self.refused(error)
        return self.recipient.page(self.by, "accepted", told=True, message=message)
