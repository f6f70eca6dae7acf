"""How far a sender's word for when something was is believed: its clock may be wrong, or the word a lie.

It is kept and shown as told. Whatever it decides, it decides as a moment that is not long after its receipt: else one
end that is dated centuries ahead would end whatever fires until then.
"""

from datetime import datetime, timedelta

# Clocks that nobody sets are wrong by minutes.
_AHEAD = timedelta(minutes=5)


def believed(told: datetime, received_at: datetime) -> datetime:
    return min(told, received_at + _AHEAD)
