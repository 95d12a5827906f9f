"""A smaller department: some of the topics with some of their examples, and a release trained of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.core.topic import Topic
from bot.training.topic_files import read_topics, write_topics
from bot.training.train import Project, train

ROOT = Path(__file__).parents[1]
# Thirty topics that residents ask about most; both sides of a benchmark know them and no others.
TOPICS = (
    "case/report_status", "careers/recruiting", "careers/ride_along", "careers/volunteer_programs",
    "community/neighborhood_watch", "court/dates_subpoena", "custody/inmate_info", "info/contact_locations",
    "info/crime_stats_map", "info/sex_offender_registry", "law/parking_rules", "oversight/commendation",
    "permits/alarm", "permits/bike_registration", "permits/firearm", "permits/special_event", "prevention/child_seat",
    "property/auction", "property/evidence_return", "records/background_check", "records/crash_report",
    "records/expungement", "records/fingerprints", "records/police_report_copy", "records/video_audio",
    "report/abandoned_vehicle", "report/lost_property", "tickets/contest", "tickets/pay", "vehicles/towed_impounded",
)  # fmt: skip


def cut(
    topics: Sequence[Topic], *, examples: int | None = None, languages: Sequence[str] = ("en", "es")
) -> list[Topic]:
    """`topics` with their first `examples` examples a language, and buttons only to one another."""
    ids = {topic.id for topic in topics}
    return [
        replace(
            topic,
            buttons=tuple(button for button in topic.buttons if button in ids),
            examples={language: topic.examples[language][:examples] for language in languages},
        )
        for topic in topics
    ]


def pick(ids: Sequence[str]) -> list[Topic]:
    """The department's own topics of these ids, in this order. Raises KeyError for one that is not there."""
    found = {topic.id: topic for topic in read_topics(ROOT / "data" / "nlu")}
    return [found[one] for one in ids]


def make_release(topics: Sequence[Topic], folder: Path) -> Path:
    """Train `topics` by the project's own domain and rules; the release's folder in `folder`/releases.

    There are no golden questions in a sample: they ask about topics it does not have.
    """
    write_topics(topics, folder / "data" / "nlu")
    project = Project(root=ROOT, data=folder / "data", department=ROOT / "department.yml")
    return train(project, folder / "releases", now=datetime.now(UTC), progress=lambda *_: None)
