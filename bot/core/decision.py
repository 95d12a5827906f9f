"""From probabilities to what the assistant does: answer, offer choices, redirect, or stop for an emergency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.core.outcome import Outcome, outcome_of

Scored = tuple[str, float]

EMERGENCY_GROUP = "emergency"
# Groups whose "answer" is a redirection: the resident is told plainly that this desk does not do that.
OUT_OF_SCOPE_GROUP = "oos"
REDIRECT_GROUPS = (OUT_OF_SCOPE_GROUP, "safety")
MOST_CHOICES = 4
FEWEST_CHOICES = 2
FAR_BEHIND = 8.0
# Beside a redirection stand the nearest topics of ours that are at least this likely: it may be the wrong refusal.
MOST_BESIDE = 2
WORTH_SHOWING = 0.08


@dataclass(frozen=True)
class Thresholds:
    """Calibrated probabilities at and above which something is done; training chooses them on out-of-fold data.

    `answer`: of the first topic. `redirect`: of all out-of-scope topics together. `choices`: of all offered topics
    together. `emergency`, `notice`: of all emergency topics together.
    """

    answer: float
    redirect: float
    choices: float
    emergency: float
    notice: float


@dataclass(frozen=True)
class Decision:
    """`confidence` is the calibrated probability of the first topic, also where it was not enough to answer. `choices`
    are offered: instead of an answer, or beside a redirection."""

    outcome: Outcome
    topic: str | None
    confidence: float
    choices: tuple[Scored, ...] = ()
    notice: bool = False


@lru_cache(maxsize=4096)
def group_of(topic: str) -> str:
    return topic.split("/", 1)[0]


@dataclass(frozen=True)
class Evidence:
    """What a ranking says once emergencies are set aside: the figures the thresholds are compared with.

    `first`: the first topic, None when the first is out of scope. `offered`: the topics choices would show.
    """

    danger: Scored | None
    first: Scored | None
    redirect: Scored | None
    offered: tuple[Scored, ...]
    confidence: float

    @property
    def beside(self) -> tuple[Scored, ...]:
        """The topics shown beside a redirection."""
        if not self.redirect or group_of(self.redirect[0]) != OUT_OF_SCOPE_GROUP:
            return ()
        return tuple(scored for scored in self.offered[:MOST_BESIDE] if scored[1] >= WORTH_SHOWING)

    @property
    def offered_mass(self) -> float:
        return sum(p for _, p in self.offered)


def weigh(ranking: Sequence[Scored]) -> Evidence:
    """Sum up a ranking (every topic, best first). `danger` and `redirect` carry their whole group's probability."""
    danger = [scored for scored in ranking if group_of(scored[0]) == EMERGENCY_GROUP]
    others = _without_danger(ranking, _mass(danger))
    outside = [scored for scored in others if group_of(scored[0]) in REDIRECT_GROUPS]
    known = [scored for scored in others if group_of(scored[0]) not in REDIRECT_GROUPS]
    leads = bool(known) and known[0] == others[0]
    return Evidence(
        danger=(danger[0][0], _mass(danger)) if danger else None,
        first=known[0] if leads else None,
        redirect=(outside[0][0], _mass(outside)) if outside else None,
        offered=tuple(offer(known)),
        confidence=others[0][1] if others else 0.0,
    )


def decide(ranking: Sequence[Scored], thresholds: Thresholds, *, forms: Mapping[str, str]) -> Decision:
    """Decide on one message. `ranking`: every topic with its probability, best first; `forms`: topic -> form it opens.

    In doubt about an emergency the rest is decided as if there were none, under a notice (`notice` true).
    """
    evidence = weigh(ranking)
    danger = evidence.danger
    if danger and danger[1] >= thresholds.emergency:
        return Decision(Outcome.EMERGENCY, danger[0], danger[1])
    ordinary = _decide_ordinary(evidence, thresholds, forms=forms)
    return replace(ordinary, notice=danger is not None and danger[1] >= thresholds.notice)


def _decide_ordinary(evidence: Evidence, thresholds: Thresholds, *, forms: Mapping[str, str]) -> Decision:
    first, redirect, confidence = evidence.first, evidence.redirect, evidence.confidence
    if first and first[1] >= thresholds.answer:
        return Decision(outcome_of(first[0], form=forms.get(first[0])), first[0], confidence)
    if redirect and redirect[1] >= thresholds.redirect:
        return Decision(Outcome.NO_ANSWER, redirect[0], confidence, evidence.beside)
    if len(evidence.offered) >= FEWEST_CHOICES and evidence.offered_mass >= thresholds.choices:
        return Decision(Outcome.CHOICES, None, confidence, evidence.offered)
    return Decision(Outcome.NO_ANSWER, None, confidence)


def offer(known: Sequence[Scored]) -> list[Scored]:
    """The 2 to 4 topics worth a button: one far behind the first only makes the list longer to read."""
    worth = [scored for scored in known[:MOST_CHOICES] if scored[1] >= known[0][1] / FAR_BEHIND]
    return list(known[: max(FEWEST_CHOICES, len(worth))])


def _without_danger(ranking: Sequence[Scored], mass: float) -> list[Scored]:
    rest = max(1.0 - mass, 1e-6)
    return [(topic, p / rest) for topic, p in ranking if group_of(topic) != EMERGENCY_GROUP]


def _mass(scored: Sequence[Scored]) -> float:
    return sum(p for _, p in scored)
