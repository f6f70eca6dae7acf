"""`tocsin impact`: say whom it hurts."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind

_UNKNOWN = "unknown"


@with_options_of(incident_act_options)
def state_impact(
    options: IncidentActOptions,
    words: Words = None,
    *,
    text: Annotated[str, typer.Option(help="Who cannot do what; the words behind the id are the same.")] = "",
    customers: Annotated[str | None, typer.Option(metavar="NUMBER", help="How many, or unknown.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Where; may be given several times.")] = None,
    service: Annotated[list[str] | None, typer.Option(help="Of what; may be given several times.")] = None,
    started: Annotated[str | None, typer.Option(metavar="TIME", help=f"Since when: {WAYS}.")] = None,
    ended: Annotated[str | None, typer.Option(metavar="TIME", help="Until when.")] = None,
) -> None:
    """What is not given stays as it was stated."""
    known = {
        "customers": _count(customers),
        "regions": region or [],
        "services": service or [],
        "started_at": read_moment_option(started, "--started"),
        "ended_at": read_moment_option(ended, "--ended"),
    }

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        impact = {
            name: value for name, value in {**known, "text": joined(text, rest)}.items() if value not in ("", [], None)
        }
        if not impact and customers is None:
            raise typer.BadParameter(
                "say whom it hurts: --text, --customers, --region, --service, --started or --ended"
            )
        return {"impact": impact, "text": options.reason}

    has_facts = bool(text or customers or region or service or started or ended)
    run_act(Acting(ActKind.IMPACT, read, needed=0 if has_facts else 1), words, options)


def _count(text: str | None) -> int | None:
    if text is None or text.strip().lower() == _UNKNOWN:
        return None
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number, nor unknown", param_hint="--customers") from None
