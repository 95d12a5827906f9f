"""The account after a fault: what was acknowledged against what the database and the screens hold, set by set."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import text

from bot.store.db import Database

NUMBER = re.compile(r"#(\d+)-(\d+)\b")
Key = tuple[int, int]  # conversation, message

STORED = "SELECT body, state FROM message WHERE direction = 'in' AND body LIKE '#%' ORDER BY ord"
SAID = "SELECT body FROM message WHERE direction = 'out' AND body LIKE 'answer to #%' ORDER BY ord"


@dataclass
class Account:
    """Counts of messages. `handed`: messages that went to a person instead of the assistant; no loss."""

    sent: int = 0
    acked: int = 0
    stored: int = 0
    answered: int = 0
    handed: int = 0
    lost: int = 0
    answered_twice: int = 0
    out_of_order: int = 0
    ambiguous: int = 0
    repeated_on_telegram: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, other: "Account") -> "Account":
        mine, theirs = asdict(self), asdict(other)
        return Account(**{name: mine[name] + theirs[name] for name in mine})

    @property
    def is_clean(self) -> bool:
        """P1 to P4: nothing lost, nothing answered twice, all in order, no more repeats than ambiguous sends."""
        broken = self.lost or self.answered_twice or self.out_of_order
        return not broken and self.repeated_on_telegram <= self.ambiguous


@dataclass
class Rows:
    """What the database holds, by conversation and number."""

    stored: list[tuple[Key, str]]
    said: list[Key]

    @classmethod
    async def read(cls, db: Database) -> "Rows":
        stored = [(_key(row.body), str(row.state)) for row in await _rows(db, STORED)]
        return cls(stored, [_key(row.body) for row in await _rows(db, SAID)])


async def waiting(db: Database) -> int:
    """Messages without a turn, and replies still to be delivered."""
    found = await _rows(
        db,
        "SELECT (SELECT count(*) FROM message WHERE state = 'waiting') + "
        "(SELECT count(*) FROM delivery WHERE state IN ('waiting', 'sending')) AS n",
    )
    return int(found[0].n)


async def count(db: Database, table: str, where: str = "1 = 1") -> int:
    return int((await _rows(db, f"SELECT count(*) AS n FROM {table} WHERE {where}"))[0].n)


async def draw_up(
    db: Database,
    acked: Mapping[int, Sequence[int]],
    screens: Mapping[int, Iterable[str]],
    *,
    chats: Mapping[int, Iterable[str]] | None = None,
    ambiguous: int = 0,
) -> Account:
    """All by conversation: numbers acknowledged; what web pages (`screens`) and Telegram `chats` show, in order."""
    rows, account = await Rows.read(db), Account(ambiguous=ambiguous)
    wanted = {(one, number) for one, numbers in acked.items() for number in numbers}
    states, answers = Counter(key for key, _ in rows.stored), Counter(rows.said)
    account.acked, account.stored, account.answered = len(wanted), len(states), len(answers)
    final = dict(rows.stored)
    for key in sorted(wanted):
        account.handed += final.get(key) == "staff"
        if key not in final or final[key] == "waiting" or (final[key] == "answered" and not answers[key]):
            account.lost += 1
            account.examples.append(f"lost #{key[0]}-{key[1]} {final.get(key, 'not stored')}")
    for key, times in answers.items():
        _note(account, "answered_twice", times - 1, f"answered {times} times #{key[0]}-{key[1]}")
    for key, times in states.items():
        _note(account, "answered_twice", times - 1, f"stored {times} times #{key[0]}-{key[1]}")
    _order(account, rows.said, "answered")
    for one, texts in screens.items():
        account.answered_twice += _screen(account, one, list(texts), answers)
    for one, texts in (chats or {}).items():
        account.repeated_on_telegram += _screen(account, one, list(texts), answers)
    account.examples = account.examples[:20]
    return account


def _screen(account: Account, one: int, texts: list[str], answers: Counter[Key]) -> int:
    """Every stored answer is shown, in order; how many are shown again."""
    shown = [_key(line) for line in texts if line.startswith("answer to #")]
    missing = {key for key in answers if key[0] == one} - set(shown)
    _note(account, "lost", len(missing), f"not shown in {one}: {sorted(missing)[:3]}")
    _order(account, shown, "shown")
    return len(shown) - len(set(shown))


def _order(account: Account, keys: list[Key], where: str) -> None:
    last: dict[int, int] = {}
    for one, number in keys:
        behind = number < last.get(one, 0)
        _note(account, "out_of_order", int(behind), f"{where} #{one}-{number} after #{one}-{last.get(one)}")
        last[one] = max(number, last.get(one, 0))


def _note(account: Account, name: str, by: int, example: str) -> None:
    if by:
        setattr(account, name, getattr(account, name) + by)
        account.examples.append(example)


def _key(body: str) -> Key:
    found = NUMBER.search(body)
    assert found, body
    return int(found.group(1)), int(found.group(2))


async def _rows(db: Database, query: str) -> Sequence[Any]:
    async def work(tx: Any) -> Sequence[Any]:
        return list((await tx.execute(text(query))).all())

    return await db.read(work)
