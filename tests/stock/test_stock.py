"""The same trained model and the same conversations, message by message: our engine on Python 3.12 and slim libraries,
and Rasa 3.6.21 as published on Python 3.10 with TensorFlow and all. ``make test-stock`` builds the latter."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from benchmarks.sample import cut, make_release, pick
from bot.action_route import create_action_app, same_token
from bot.desk.effects import OpenTurns, TurnContext
from tests.engine.running import TOKEN, Desk, RunningEngine
from tests.stock.beside import PYTHON, StockRasa, before_message, message_of, ours, theirs
from tests.stock.conversations import CONVERSATIONS, TOPICS

pytestmark = [
    pytest.mark.stock,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PYTHON.exists(), reason="stock Rasa is not installed; `make test-stock` builds it"),
]
SEEN: set[str] = set()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(cut(pick(TOPICS), examples=20), tmp_path_factory.mktemp("stock"))


@pytest.fixture(scope="module")
def engine(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with RunningEngine.started(release, tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture(scope="module")
def stock(release: Path) -> Iterator[StockRasa]:
    with StockRasa.started(release / "model.tar.gz", release.parent / "stock.log") as running:
        yield running


@pytest.fixture
async def desk(engine: RunningEngine) -> AsyncIterator[Desk]:
    async with Desk.opened(engine) as opened_desk:
        yield opened_desk


@pytest.fixture
async def http_actions() -> AsyncIterator[tuple[str, OpenTurns]]:
    """The department's own actions over HTTP, as stock Rasa calls them: their address and the turns they know."""
    turns = OpenTurns()
    runner = web.AppRunner(create_action_app(same_token(TOKEN), turns), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}/webhook", turns
    await runner.cleanup()


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_the_same_conversation_gives_the_same_replies_events_and_slots(
    name: str, release: Path, desk: Desk, stock: StockRasa, http_actions: tuple[str, OpenTurns]
):
    (url, turns), sender = http_actions, f"stock {name}"
    for number, message in enumerate(CONVERSATIONS[name]):
        answer = await desk.say(message, release=release.name)
        said = message_of(answer)
        turns.open(sender, TurnContext("conversation", "widget", "en"))
        handled = await asyncio.to_thread(
            stock.ask, sender=sender, before=before_message(answer), text=said["text"], parse_data=said["parse_data"],
            actions=url, token=TOKEN,
        )  # fmt: skip
        assert theirs(handled, turns.close(sender)) == ours(desk, answer), f"message {number + 1}: {message}"
        SEEN.add(answer["outcome"])


async def test_the_model_understands_the_same_on_both(desk: Desk, stock: StockRasa):
    """The NLU components run there too; other versions of lingua and numpy may move a probability a little."""
    texts = [text for steps in CONVERSATIONS.values() for text in steps if isinstance(text, str)]
    for text in texts:
        here = (await desk.post("/parse", {"text": text, "language": "en"})).json()
        there = await asyncio.to_thread(stock.ask, parse=text, language="en")
        assert there["language"] == here["language"], text
        assert _topics(there) == [here["topic"], here["also_topic"], *(choice["topic"] for choice in here["choices"])]
        assert _confidence(there) == pytest.approx(here["confidence"], abs=0.02), text


def _topics(parsed: dict[str, Any]) -> list[str | None]:
    """What a first message is answered with, what is offered beside it, and the choices."""
    if parsed["matters"]:
        return [one["topic"] for one in parsed["matters"]]
    return [parsed["frontdesk"]["topic"], None, *(choice["topic"] for choice in parsed["frontdesk"]["choices"])]


def _confidence(parsed: dict[str, Any]) -> float:
    return float(parsed["matters"][0]["p"] if parsed["matters"] else parsed["frontdesk"]["confidence"])


def test_the_conversations_meet_every_kind_of_outcome():
    assert {"answer", "form", "choices", "handoff", "smalltalk", "no_answer"} <= SEEN, sorted(SEEN)


def test_stock_is_the_published_rasa_on_python_310(stock: StockRasa):
    assert stock.python.startswith("3.10.")
    assert "rasa==3.6.21 " in (Path(__file__).parents[2] / "stock" / "requirements.lock").read_text()
