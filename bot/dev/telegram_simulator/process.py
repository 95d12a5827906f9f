"""The simulator as a process of its own, and a client to act as its users: for tests and stories."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

Message = dict[str, Any]


class SimulatorProcess:
    """``with SimulatorProcess() as telegram: telegram.text(1001, "hello")``. Every wait is bounded by its timeout."""

    def __init__(self, *, token: str | None = None, scale: float = 1.0) -> None:
        self._arguments = ["--port", "0", "--scale", str(scale), *(["--token", token] if token else [])]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bot.dev.telegram_simulator", *self._arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert self.process.stdout
        started = json.loads(self.process.stdout.readline())
        self.url, self.token = started["url"], started["token"]
        self._http = httpx.Client(base_url=self.url, timeout=30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()

    def _post(self, path: str, document: dict[str, Any]) -> httpx.Response:
        """As ASCII, so that tests may send what is no proper text: lone surrogates."""
        return self._http.post(path, content=json.dumps(document), headers={"Content-Type": "application/json"})

    def reset(self) -> None:
        """Begin anew, as after a start."""
        self._post("/control/reset", {}).raise_for_status()

    def act(self, user: int, do: str, **given: Any) -> int:
        """Do something as `user`; returns the update's id. Raises ValueError where nobody could."""
        answer = self._post("/control/act", {"user": user, "do": do, **given})
        if answer.status_code != 200:
            raise ValueError(answer.json()["error"])
        return int(answer.json()["update_id"])

    def text(self, user: int, text: str) -> int:
        return self.act(user, "text", text=text)

    def press(self, user: int, title: str) -> int:
        return self.act(user, "press", title=title)

    def raw(self, update: dict[str, Any]) -> None:
        """Send any update, malformed ones too."""
        self._post("/control/raw", {"update": update}).raise_for_status()

    def add_user(self, user: int, language: str = "en", *, started: bool = False, name: str = "") -> None:
        given = {"id": user, "language_code": language, "started": started, "first_name": name}
        self._post("/control/users", given).raise_for_status()

    def faults(self, **switches: Any) -> None:
        """Set the fault switches (bot/dev/telegram_simulator/faults.py); those left out are off."""
        self._post("/control/faults", switches).raise_for_status()

    def messages(self, chat: int) -> list[Message]:
        """Everything in a chat, both ways, in order."""
        return list(self._http.get("/control/chat", params={"chat": chat}).json()["messages"])

    def from_bot(self, chat: int) -> list[Message]:
        return [message for message in self.messages(chat) if message["from"]["is_bot"]]

    def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """Every call of the bot, or those of one method."""
        calls = self._http.get("/control/calls").json()["calls"]
        return [call for call in calls if method in (None, call["method"])]

    def state(self) -> dict[str, Any]:
        return dict(self._http.get("/control/state").json())

    def wait_for(self, fact: Callable[[], Any], seconds: float = 10.0) -> Any:
        """What `fact` returns once it is true; raises TimeoutError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not (found := fact()):
            if time.monotonic() > deadline:
                raise TimeoutError("it did not become true")
            time.sleep(0.03)
        return found

    def wait_for_text(self, chat: int, part: str, seconds: float = 10.0) -> Message:
        """The first message of the bot in `chat` that contains `part`."""
        found: Message = self.wait_for(
            lambda: next((m for m in self.from_bot(chat) if part in m["text"]), None), seconds
        )
        return found
