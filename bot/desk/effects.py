"""Turns that are with an engine now, and the effects their actions asked for. Nothing is written here: the turn's one
transaction applies the effects, or drops them with the attempt."""

from dataclasses import dataclass, field

from bot.core.effects import Effect


class TurnClosed(Exception):
    """The turn is unknown or was given up: its actions may ask for nothing more."""


@dataclass(frozen=True)
class TurnContext:
    """What an action may know about its turn, read-only. `topic`: the last topic answered before it, if any."""

    conversation_id: str
    channel: str
    language: str
    topic: str | None = None


@dataclass
class _Turn:
    context: TurnContext
    effects: list[Effect] = field(default_factory=list)


class OpenTurns:
    """The registry the desk opens a turn in before it calls an engine, and closes it in whatever came of that."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}

    def open(self, turn_id: str, context: TurnContext) -> None:
        """Raises ValueError for a turn id that is open already: every attempt has an id of its own."""
        if turn_id in self._turns:
            raise ValueError("This turn is open already.")
        self._turns[turn_id] = _Turn(context)

    def is_open(self, turn_id: str) -> bool:
        return turn_id in self._turns

    def context(self, turn_id: str) -> TurnContext:
        """Raises TurnClosed."""
        return self._find(turn_id).context

    def add(self, turn_id: str, effect: Effect) -> None:
        """Raises TurnClosed; nothing is kept then."""
        self._find(turn_id).effects.append(effect)

    def close(self, turn_id: str) -> list[Effect]:
        """The effects in the order they were asked for; none for a turn that is not open. Closing twice is harmless."""
        turn = self._turns.pop(turn_id, None)
        return turn.effects if turn else []

    def _find(self, turn_id: str) -> _Turn:
        try:
            return self._turns[turn_id]
        except KeyError:
            raise TurnClosed("The turn is not open.") from None
