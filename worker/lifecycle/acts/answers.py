"""What an act comes to, in a sentence for whoever did it."""

from worker.domain.response.act import ALREADY, DONE, REFUSED, Act, ActKind, Outcome
from worker.domain.response.possible import LEADS_TO, offered
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.wording import clock_words, listed, standing

_HELD = frozenset({ResponseState.ACKNOWLEDGED, ResponseState.MITIGATED})
_OVER = frozenset({ResponseState.RESOLVED, ResponseState.CLOSED})


def done(sentence: str) -> Outcome:
    return Outcome(verdict=DONE, sentence=sentence)


def already(sentence: str) -> Outcome:
    return Outcome(verdict=ALREADY, sentence=sentence)


def refused(sentence: str) -> Outcome:
    """For a reason that is none of its state's."""
    return Outcome(verdict=REFUSED, sentence=sentence)


def not_allowed(log: Log, act: Act, known: Circumstances) -> Outcome:
    """Of an act that the state does not allow: it is so already, or what can be done instead."""
    if _is_so(log, act):
        return already(
            owned_words(log, known) if act.act is ActKind.ACKNOWLEDGE else f"{standing(log.response, known)}."
        )
    instead = offered(log.response)
    sentence = f"{standing(log.response, known)}. To {act.act} it is not possible; what is: {listed(instead, 'or')}."
    return Outcome(verdict=REFUSED, sentence=sentence, possible=instead)


def owned_words(log: Log, known: Circumstances) -> str:
    """Since when whose it is, as `Ada has had it since 10:04 UTC`; else how it stands."""
    owner, since = log.response.owner, log.response.owner_since
    if owner is None:
        return f"{standing(log.response, known)}."
    return f"{owner.name} has had it since {clock_words(since or log.response.since, known.now)}."


def _is_so(log: Log, act: Act) -> bool:
    response = log.response
    if act.act is ActKind.ACKNOWLEDGE:
        return response.state in _HELD and response.owner is not None
    if act.act is ActKind.RESOLVE:
        return response.state in _OVER
    if act.act is ActKind.MERGE and response.merged_into != act.into:
        return False
    return LEADS_TO.get(act.act) is response.state
