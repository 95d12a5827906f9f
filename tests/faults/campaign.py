"""``python -m tests.faults.campaign`` (``make faults``): hundreds of kills under load, on SQLite and on PostgreSQL.

It runs in rounds; each finished round is kept in build/faults/, so that an interrupted campaign goes on where it was.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.dev.telegram_simulator import SimulatorProcess
from tests.faults.account import Account
from tests.faults.desks import Nursery
from tests.faults.round import Report, Round
from tests.postgres import Postgres

KEPT = Path("build/faults")
ROUND_MESSAGES = 4000
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped; start it again to go on"))
    reports = {name: list(_campaign(name, options)) for name in options.databases}
    print(table(reports))
    return 0 if all(account_of(many).is_clean for many in reports.values()) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="messages on each database (default 20000)")
    parser.add_argument("--kills", type=int, default=200, help="kills on each database (default 200)")
    parser.add_argument("--conversations", type=int, default=200, help="residents who write at once (default 200)")
    parser.add_argument("--database", choices=DATABASES, help="only this one")
    parser.add_argument("--seed", type=int, default=7, help="what is killed in which order")
    parser.add_argument("--again", action="store_true", help="forget the rounds that are done")
    options = parser.parse_args()
    options.databases = [options.database] if options.database else list(DATABASES)
    return options


def _campaign(database: str, options: argparse.Namespace) -> Iterator[Report]:
    """Every round's report, played now or kept from before."""
    rounds = max(1, round(options.messages / ROUND_MESSAGES))
    folder = KEPT / f"{database}-{options.messages}-{options.kills}-{options.conversations}-{options.seed}"
    if options.again:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"round-{number}.json" for number in range(rounds)]
    if all(file.exists() for file in files):
        return (_kept(file) for file in files)
    with Nursery() as nursery, SimulatorProcess(scale=0.1) as telegram, _databases(database) as (server, new):
        for number, file in enumerate(files):
            if not file.exists():
                one = _round(database, number, rounds, options)
                file.write_text(json.dumps(asdict(asyncio.run(one.play(nursery, new(), telegram, server)))))
    return (_kept(file) for file in files)


def _round(database: str, number: int, rounds: int, options: argparse.Namespace) -> Round:
    began, name = time.monotonic(), f"{database} {number + 1}/{rounds}"

    def say(line: str) -> None:
        print(f"{name:16} {time.monotonic() - began:5.0f} s  {line}", flush=True)

    kills = options.kills // rounds + (number < options.kills % rounds)
    return Round(options.messages // rounds, kills, options.conversations, options.seed + number, say)


@contextmanager
def _databases(database: str) -> Iterator[Any]:
    """The server, where there is one, and a function that makes a new database's URL."""
    if database == "postgresql":
        with Postgres(Path()) as server:
            yield server, server.new_database
        return
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        names = iter(range(1_000_000))
        yield None, lambda: f"sqlite+aiosqlite:///{folder}/{next(names)}.sqlite3"


def _kept(file: Path) -> Report:
    return Report(**json.loads(file.read_text()))


def account_of(reports: list[Report]) -> Account:
    whole = Account()
    for one in reports:
        whole = whole.add(Account(**one.account))
    return whole


def table(reports: dict[str, list[Report]]) -> str:
    """The figures side by side."""
    columns = {name: _figures(many) for name, many in reports.items()}
    names = list(next(iter(columns.values())))
    lines = [f"{'':34}" + "".join(f"{name:>14}" for name in columns)]
    lines += [f"{name:34}" + "".join(f"{column[name]:>14}" for column in columns.values()) for name in names]
    examples = [example for many in reports.values() for example in account_of(many).examples]
    return "\n".join(["", *lines, *examples])


def _figures(reports: list[Report]) -> dict[str, str]:
    account = account_of(reports)
    kills = sum((Counter(one.kills) for one in reports), Counter[str]())
    desks = kills.total() - kills["engine"] - kills["database"]
    counts = {
        "messages sent": account.sent, "acknowledged": account.acked, "answered": account.answered,
        "handed to staff": account.handed, "kills": kills.total(), "  of desks": desks,
        "  of engines": kills["engine"], "  of the database server": kills["database"],
        "polite stops": sum(one.stops for one in reports), "LOST": account.lost,
        "ANSWERED TWICE": account.answered_twice, "OUT OF ORDER": account.out_of_order,
        "ambiguous sends to Telegram": account.ambiguous, "  shown twice because of them": account.repeated_on_telegram,
    }  # fmt: skip
    times = {f"slowest recovery, {part}": _most(reports, part) for part in ("desk", "engine", "database")}
    times |= {
        "slowest polite stop": max(one.longest_stop for one in reports),
        "longest wait for an answer": max(one.longest_wait for one in reports),
        "time taken": sum(one.seconds for one in reports),
    }
    return {name: f"{count:,}" for name, count in counts.items()} | {
        name: f"{seconds:.1f} s" if seconds else "-" for name, seconds in times.items()
    }


def _most(reports: list[Report], part: str) -> float:
    return max((seconds for one in reports for seconds in one.recovery[part]), default=0.0)


if __name__ == "__main__":
    sys.exit(main())
