"""The department's facts: opening hours, placeholders, and what a wrong file is told."""

from datetime import UTC, date, datetime

import pytest

from bot.core.department import Department, fill, hours_in_words, placeholders, problems

DOCUMENT = {
    "name": {"en": "Town Police", "es": "Policía"},
    "timezone": "America/Chicago",
    "languages": ["en", "es"],
    "emergency": {"number": "911", "text_to": ""},
    "phone": "555-0100",
    "holidays": [date(2026, 11, 26)],
    "units": {
        "records": {
            "name": {"en": "Records", "es": "Registros"},
            "phone": "555-0102",
            "hours": {
                "mon": "09:00-16:00",
                "tue": "09:00-16:00",
                "thu": "09:00-12:00,13:00-16:00",
                "fri": "09:00-16:00",
            },
        },
        "closed": {"name": {"en": "Closed"}},
    },
}
DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}


@pytest.fixture
def department() -> Department:
    return Department(DOCUMENT)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), True),  # Monday 9:00 in Chicago
        (datetime(2026, 11, 23, 14, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), False),  # 16:00 is closing time
        (datetime(2026, 11, 19, 18, 30, tzinfo=UTC), False),  # Thursday's lunch hour
        (datetime(2026, 11, 26, 16, 0, tzinfo=UTC), False),  # a holiday
        (datetime(2026, 7, 6, 14, 0, tzinfo=UTC), True),  # summer time: 9:00
    ],
)
def test_a_unit_is_open_in_its_own_zone(department: Department, now: datetime, is_open: bool):
    assert department.is_open("records", now) is is_open


def test_the_next_opening_passes_over_the_holiday(department: Department):
    after_tuesday = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    opening = department.next_opening("records", after_tuesday)
    assert opening is not None
    assert opening.isoformat() == "2026-11-27T09:00:00-06:00"


def test_a_unit_without_hours_never_opens(department: Department):
    assert department.next_opening("closed", datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_hours_are_said_in_runs_of_days(department: Department):
    assert hours_in_words(department, "records", DAYS, "closed") == (
        "Mon-Tue 09:00-16:00, Thu 09:00-12:00,13:00-16:00, Fri 09:00-16:00"
    )
    assert hours_in_words(department, "closed", DAYS, "by appointment") == "by appointment"


def test_placeholders_are_filled_in_the_language(department: Department):
    text = "[[name]]: [[units.records.name]], [[units.records.phone]], [[staff]]"
    assert fill(text, department, "es", {"staff": "Sam"}) == "Policía: Registros, 555-0102, Sam"
    assert placeholders(text) == ["name", "units.records.name", "units.records.phone", "staff"]


@pytest.mark.parametrize("text", ["{phone}", "${HOME}", "{0.__class__}", "%s", "{{7*7}}", "$(id)", "[[Not A Name]]"])
def test_what_is_no_placeholder_stays_as_it_is(department: Department, text: str):
    assert fill(text, department, "en") == text


def test_an_unknown_placeholder_is_an_error(department: Department):
    with pytest.raises(KeyError, match=r"units\.nobody\.phone"):
        fill("[[units.nobody.phone]]", department, "en")


def test_a_value_that_looks_like_a_placeholder_is_not_filled_again(department: Department):
    assert fill("[[staff]]", department, "en", {"staff": "[[phone]]"}) == "[[phone]]"


def test_a_wrong_file_is_told_what_is_missing():
    assert problems({"name": "x"})[0] == "department.yml has no 'timezone'."
    assert problems({**DOCUMENT, "languages": []}) == ["department.yml: 'languages' lists no language."]
    assert problems(DOCUMENT) == []
