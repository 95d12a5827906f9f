"""A topic: one thing residents ask, with its examples and the approved answer beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Topic:
    """One topic as its file in data/nlu states it; `id` is ``group/topic``, a Rasa retrieval intent.

    `title`, `examples` and `answer` are keyed by language code. Answers hold ``[[placeholders]]``.
    """

    id: str
    title: Mapping[str, str]
    owner: str
    source: str
    reviewed_on: date
    review_days: int
    sensitivity: str
    form: str | None
    buttons: tuple[str, ...]
    examples: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, str]

    @property
    def group(self) -> str:
        return self.id.split("/", 1)[0]

    @property
    def review_due(self) -> date:
        """The first day on which the answer counts as out of date."""
        return self.reviewed_on + timedelta(days=self.review_days)
