"""What an effect came to that people should know of, or what happened at another incident."""

from collections.abc import Callable, Mapping

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import already, done
from worker.lifecycle.acts.merge import MERGED_FROM, told_of
from worker.lifecycle.acts.reopen import open_again
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import tell_instead
from worker.lifecycle.response.log import Log


def outcome(log: Log, act: Act, known: Circumstances) -> Outcome:
    special = _KINDS.get(str(act.data.get("kind", "")))
    if special is not None:
        return special(log, act, known)
    says = [Say(text=act.text)] if act.data.get("say") else []
    comments = [act.text] if act.data.get("comment") else []
    log.enter("outcome", act.text or "An effect has come about.", data=act.data, says=says, comments=comments)
    if isinstance(untold := act.data.get("untold"), Mapping):
        tell_instead(log, known, untold)
    return done("It is recorded.")


def _merged_from(log: Log, act: Act, known: Circumstances) -> Outcome:
    """Where this one was merged itself meanwhile, the next one is told; of a ring the one of the smallest id stays."""
    merged, path = str(act.data.get("from", "")), tuple(map(str, act.data.get("path", ())))
    response = log.response
    if merged == response.incident_id or merged in response.merged_from:
        if response.state is ResponseState.MERGED and response.incident_id == min(path, default=""):
            return _stay(log, known)
        return already("That is known.")
    title = str(act.data.get("title", ""))
    told = f"{merged}{f' ({title})' if title else ''} was merged into this one."
    is_merged = response.state is ResponseState.MERGED
    onward = [told_of(log, response.merged_into, (*path, response.incident_id), title)] if is_merged else []
    log.enter(
        MERGED_FROM,
        told,
        data=act.data,
        says=[] if is_merged else [Say(text=told)],
        comments=[] if is_merged else [told],
        merged_from=(*response.merged_from, merged),
        onward=onward,
    )
    return done(told)


def _stay(log: Log, known: Circumstances) -> Outcome:
    open_again(log, known, "These incidents were merged into each other at once: this one stays.")
    return done("It is open again.")


_KINDS: Mapping[str, Callable[[Log, Act, Circumstances], Outcome]] = {MERGED_FROM: _merged_from}
