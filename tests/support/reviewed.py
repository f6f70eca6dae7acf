"""A life of which everything stands in the review, and `python reviewed.py`, which writes down what it becomes."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from known_incidents import ADA, BEN, Life, at, told

from worker.domain.alert_summary import AlertSummary
from worker.domain.response.actor import CLOCK
from worker.domain.response.response import Impact, RoleSpan
from worker.domain.states import StepState
from worker.incidents.review.channel_line import ChannelLine, Reaction, Version
from worker.incidents.review.item_change import ItemChange
from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import review_of
from worker.incidents.review.sources import ReviewSources
from worker.incidents.review.timeline_event import TimelineLink

GOLDEN = Path(__file__).parents[1] / "unit" / "incidents" / "review" / "golden"
BERLIN = ZoneInfo("Europe/Berlin")
MADE_AT = at(24 * 60)
# What somebody writes who would like to have the document to themselves.
HOSTILE = (
    "</details><script>alert(1)</script> | a | b |\n\n# Mine\n- [x](javascript:alert(1)) **bold** `code` ![i](//h)"
)


def a_life():
    life = Life(occurred_at=at(-6), source="grafana", impact="Nobody can pay.", fingerprint="f")
    life.step("create-work-item", 0.1, made="work item 131", result={"id": 131, "url": "https://boards.example/131"})
    life.step("create-channel", 0.2, made="inc-4h7k", result={"id": "c", "url": "https://teams.example/c"})
    life.step("assign:ada", 0.3, state=StepState.FAILED, error="Boards does not know ada@contoso.example.")
    life.told(
        told("ada", 0.25), told("ben", 5.1, level=2, why="second on call"), told("cy", 5.2, reached=False, level=2)
    )
    life.level(1, 0, "ada").level(2, 5, "ben").acknowledged(7, BEN)
    commander = RoleSpan(role="incident-commander", person=life.response.owner, since=at(7), given_by=BEN)
    life.enter("role-given", 7, "Ben Ito leads.", actor=BEN, roles=(commander,))
    life.enter("severity", 9, "Severity 2: the EU alone.", severity=2)
    impact = Impact(text="The EU cannot pay.", regions=("EU",), customers=120, stated_at=at(10), stated_by="ada")
    life.enter("impact", 10, "The EU cannot pay; 120 customers.", impact=impact)
    life.enter("update", 12, "Rolled back.\nNext by 10:30.", data={"phase": "fixing"}, actor=BEN)
    life.enter("note", 14, "The cache was cold.", recorded=90)
    life.enter("action", 15, f"Warm the cache. {HOSTILE}", data={"number": 1})
    life.enter("changed", 15, "", actor=CLOCK)
    life.mitigated(30, BEN).resolved(40, BEN, recorded=41).timed("resolved_at", 38)
    alerts = AlertSummary(
        alerts=12,
        faults=3,
        firing=0,
        first_at=at(0),
        last_at=at(20),
        resolved_at=at(33),
        severity=1,
        reasons={"group": 12},
    )
    life.history = life.history.model_copy(update={"alerts": alerts})
    return life


def the_lines():
    root = ChannelLine(
        id="1", root="1", at=at(8), author=ADA.name, text="Is it the cache?", url="https://teams.example/m/1",
        reactions=(Reaction(kind="\N{PUSHPIN}\ufe0f", person=BEN.name, at=at(9)),),
    )  # fmt: skip
    return (
        root,
        ChannelLine(id="2", root="1", at=at(11), author=BEN.name, text=f"It is. {HOSTILE}", edited_at=at(13)),
        ChannelLine(
            id="3", root="3", at=at(11), author=ADA.name, deleted_at=at(16),
            versions=(Version(text="The key is hunter2.", until=at(16)),),
        ),
        ChannelLine(
            id="4", root="4", at=at(18), author=ADA.name, text="The graph.",
            files=(TimelineLink(text="graph [1].png", url="https://files.example/graph (1).png?a=1&b=<2>"),),
        ),
        ChannelLine(id="5", root="5", at=at(0.2), author="Tocsin", by_program=True),
        ChannelLine(id="6", root="6", at=at(0.3), by_program=True, event="Ada Okafor was added to the team."),
    )  # fmt: skip


def the_changes():
    return (
        ItemChange(at=at(9), by="Dora Ek", what="state", old="To Do", new="Doing", text="Moved to state Doing"),
        ItemChange(at=at(19), by="Dora Ek", what="comment", text="Seen by support."),
    )


def the_sources():
    return ReviewSources(
        known=a_life().known(),
        lines=the_lines(),
        changes=the_changes(),
        gaps=("Some replies to the message 4 are missing. Teams did not answer.",),
        zone=BERLIN,
        links=(TimelineLink(text="the channel", url="https://teams.example/c"),),
    )


def the_review(**options):
    return review_of(the_sources(), MADE_AT + timedelta(), **options)


def becomes():
    review = the_review()
    return {"review.md": markdown_of(review, BERLIN), "review.json": review.to_json() + "\n"}


def write(folder):
    for name, text in becomes().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    write(GOLDEN)
