"""SMS of Azure Communication Services, as far as telling a person needs them."""

from worker.sandbox.sms.stand_in import Sms

__all__ = ["Sms"]
