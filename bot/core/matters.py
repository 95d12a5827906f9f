"""Whether the parts of a message are two matters, and what else a message might have been about."""

from collections.abc import Sequence

from bot.core.decision import EMERGENCY_GROUP, REDIRECT_GROUPS, Scored, group_of, weigh

PART_AT = 0.5
"""The least probability of a part's topic."""
LOOSE_PART_AT, LOOSE_SUPPORT = 0.8, 0.05
"""The same for parts joined by no more than an "and", which are more often one story; and the least probability that
the whole message's reading gives the topic. Measured in docs/nlu.md."""
MOSTLY_DANGER = 0.5
"""From which probability of an emergency a part is no matter to offer: the notice stands for it."""
PLAUSIBLE_AT = 0.25
"""From which probability a topic is worth a button beside the answer that was assumed."""

_OUT_OF_SCOPE = "oos"
_NOTHING = "oos/general"
"""What a piece of a sentence most often reads like: it names no office to go to, so it is no matter to offer either."""
_NO_MATTER = ("chat", EMERGENCY_GROUP, "safety")
"""Groups that are never a matter beside another: small talk, what the notice is for, play with the assistant."""


def two_matters(
    whole: Sequence[Scored], parts: Sequence[Sequence[Scored]], *, loose: bool
) -> tuple[Scored, Scored] | None:
    """The topic to answer and the one to offer; None where the parts agree or are not sure.

    `whole`, `parts`: rankings (every topic, best first). They come in the message's order, except that what is ours
    goes before what is out of scope.
    """
    at, support = (LOOSE_PART_AT, LOOSE_SUPPORT) if loose else (PART_AT, 0.0)
    in_whole = dict(whole)
    found: dict[str, float] = {}
    for part in parts:
        scored = _matter_of(part, at)
        if scored and in_whole.get(scored[0], 0.0) >= support:
            found.setdefault(*scored)
    first_two = sorted(list(found.items())[:2], key=lambda scored: _is_outside(scored[0]))
    if len(first_two) < 2 or _is_outside(first_two[0][0]):
        return None
    return first_two[0], first_two[1]


def danger_of(ranking: Sequence[Scored]) -> float:
    """The probability of all emergency topics together."""
    danger = weigh(ranking).danger
    return danger[1] if danger else 0.0


def best_other(ranking: Sequence[Scored], topic: str) -> str | None:
    """The likeliest topic of ours other than `topic`, where it is plausible. `ranking`: best first, the top will do."""
    aside = (*_NO_MATTER, *REDIRECT_GROUPS)
    others = (name for name, p in ranking if p >= PLAUSIBLE_AT and name != topic and group_of(name) not in aside)
    return next(others, None)


def _matter_of(ranking: Sequence[Scored], at: float) -> Scored | None:
    if danger_of(ranking) >= MOSTLY_DANGER:
        return None
    evidence = weigh(ranking)
    scored = evidence.first or evidence.redirect
    if scored is None or scored[1] < at or group_of(scored[0]) in _NO_MATTER or scored[0] == _NOTHING:
        return None
    return scored


def _is_outside(topic: str) -> bool:
    return group_of(topic) == _OUT_OF_SCOPE
