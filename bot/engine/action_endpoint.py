"""Where Rasa's actions are run: in the desk, over its Unix socket. Stands in for Rasa's EndpointConfig.

Rasa's own opens a session for every call and logs bodies when something fails. This one keeps one pool of connections,
sends a part of the domain and the conversation's tail instead of all of it, bounds time and size, and logs nothing.
aiohttp rounds limits of five seconds and more up to the next whole second of its clock; `ceil_threshold` keeps this one
within the desk's attempt.
"""

import json as json_format
import math
from types import MappingProxyType
from typing import Any

import aiohttp
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError

TIMEOUT = 5.0  # seconds; the desk gives an attempt 6
LARGEST_ANSWER = 512 * 1024  # bytes
SENT_EVENTS = 60
"""The last events an action sees: a form's longest exchange of questions and answers, several times over."""


class ActionFailed(RasaException):  # type: ignore[misc]
    """The actions did not answer usefully. Says how, not what was in the answer."""


class ActionEndpoint:
    """`request` is all that Rasa's RemoteAction calls; `url` and `kwargs` are what else it looks at."""

    url = "http://desk/webhook"
    kwargs = MappingProxyType({"enable_selective_domain": True})
    """Rasa then leaves the domain out; `request` adds the part that actions use."""

    def __init__(self, socket: str, token: str, *, timeout: float = TIMEOUT) -> None:
        self._socket, self._token, self._timeout = socket, token, timeout
        self._session: aiohttp.ClientSession | None = None
        self._domain: dict[str, Any] = {}

    def use_domain(self, domain: Domain) -> None:
        whole = domain.as_dict()
        self._domain = {"forms": whole.get("forms", {}), "slots": whole.get("slots", {})}

    async def request(self, *, json: dict[str, Any], **_unused: Any) -> Any:
        """The parsed answer. Raises ClientResponseError for a refusal by the action (400), else ActionFailed."""
        try:
            async with self._open_session().post(self.url, json=self._shortened(json)) as response:
                body = await response.content.read(LARGEST_ANSWER + 1)
                return self._answer(response.status, body, complete=response.content.at_eof())
        except TimeoutError as error:
            raise ActionFailed("the actions did not answer in time") from error
        except aiohttp.ClientError as error:
            if isinstance(error, ClientResponseError):
                raise
            raise ActionFailed("the actions cannot be reached") from error

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _answer(self, status: int, body: bytes, *, complete: bool) -> Any:
        if not complete:
            raise ActionFailed("the actions' answer is too long")
        if status == 400 and b"action_name" in body:
            raise ClientResponseError(status, "rejected", body.decode("utf-8", "replace"))
        if status != 200:
            raise ActionFailed(f"the actions answered {status}")
        try:
            return json_format.loads(body)
        except (ValueError, RecursionError):
            raise ActionFailed("the actions' answer is not JSON") from None

    def _shortened(self, call: dict[str, Any]) -> dict[str, Any]:
        tracker = dict(call["tracker"])
        tracker["events"] = tracker["events"][-SENT_EVENTS:]
        return {**call, "tracker": tracker, "domain": self._domain}

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=self._socket, limit=16),
                timeout=aiohttp.ClientTimeout(total=self._timeout, ceil_threshold=math.inf),
                headers={"Authorization": f"Bearer {self._token}"},
            )
        return self._session
