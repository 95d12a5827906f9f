"""Small topics for the tests of this room."""

from datetime import date
from typing import Any

from bot.core.topic import Topic

SUBJECTS = {"noise": "loud music", "theft": "stolen bicycle", "fees": "report copy fee"}


def topic(id_: str = "report/noise", **changes: Any) -> Topic:
    subject = SUBJECTS.get(id_.split("/")[1], id_)
    leads = ("my", "the", "about", "again", "please", "question", "neighbor", "tonight", "help", "where")
    facts: dict[str, Any] = {
        "id": id_,
        "title": {"en": f"About {subject}", "es": f"Sobre {subject}"},
        "owner": "records",
        "source": "https://www.example.org",
        "reviewed_on": date(2026, 11, 2),
        "review_days": 365,
        "sensitivity": "normal",
        "form": None,
        "buttons": (),
        "examples": {
            "en": tuple(f"{lead} {subject}" for lead in leads),
            "es": tuple(f"{lead} {subject} por favor señor" for lead in leads),
        },
        "answer": {"en": f"Call [[phone]] about {subject}.", "es": f"Llame al [[phone]] sobre {subject}."},
    }
    return Topic(**{**facts, **changes})


DEPARTMENT = {"languages": ["en", "es"], "phone": "555-0100", "units": {"records": {"phone": "555-0102"}}}
