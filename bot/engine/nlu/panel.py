"""Everything that votes on a message of one route: the linear head, the nearest examples, and the letters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import Neighbours

Votes = dict[str, NDArray[np.float64]]
"""Group -> what its examples said of the messages, n x classes."""


@dataclass(frozen=True)
class Weights:
    """Shares in the mean of log probabilities; they add up to one (docs/nlu.md). `near`: group -> share.

    A group is an encoder and the language of examples, as that encoder sees them: "use:en", or "use:rest" for all
    languages without a route of their own.
    """

    head: float
    letters: float
    near: Mapping[str, float]

    def learnt_from(self, examples: float) -> "Weights":
        """The shares where a topic has this many examples: few have shown the letters few of its words."""
        return self.with_letters(self.letters * min(1.0, examples / ENOUGH))

    def with_letters(self, share: float) -> "Weights":
        """What the letters lose by this, the nearest examples gain, each group in its proportion."""
        grown = 1 + (self.letters - share) / sum(self.near.values())
        return replace(self, letters=share, near={group: grown * old for group, old in self.near.items()})


# Examples a topic from which on the letters have all of their share (docs/nlu.md).
ENOUGH = 20
WEIGHTS: Mapping[str, Weights] = {
    "en": Weights(head=0.15, letters=0.2, near={"minilm:en": 0.35, "use:en": 0.3}),
    "other": Weights(head=0.15, letters=0.25, near={"use:en": 0.3, "use:rest": 0.3}),
}


def parts_of(group: str) -> tuple[str, str]:
    """The encoder and the language of a group."""
    encoder, _, language = group.partition(":")
    return encoder, language


@dataclass(frozen=True)
class Panel:
    """`near`: group -> its examples; two panels may share a group."""

    head: LinearHead
    near: Mapping[str, Neighbours]
    weights: Weights

    def fuse(
        self, vectors: Mapping[str, NDArray[np.float32]], letters: NDArray[np.float64], votes: Votes
    ) -> NDArray[np.float64]:
        """The weighted mean (n x classes, not normalised) of what the head, the examples and the letters say.

        `vectors`: encoder -> n x dimension of the messages; encoders this panel does not know are left out, and without
        any known one the letters decide alone. `votes`: those of groups asked before; those asked now are added.
        """
        known = {name: rows for name, rows in vectors.items() if name in self.head.weights}
        if not known:
            return letters
        shares = {group: share for group, share in self.weights.near.items() if self._can_vote(group, known)}
        for group in shares:
            if group not in votes:
                votes[group] = self.near[group].votes(known[parts_of(group)[0]])
        near = sum(self.weights.near.values()) if shares else 0.0
        fused = (1 - self.weights.letters - near) * self.head.log_probabilities(known) + self.weights.letters * letters
        return np.asarray(fused + near * self._mean(shares, votes) if shares else fused, np.float64)

    def _can_vote(self, group: str, vectors: Mapping[str, NDArray[np.float32]]) -> bool:
        return group in self.near and parts_of(group)[0] in vectors

    def _mean(self, shares: Mapping[str, float], votes: Votes) -> NDArray[np.float64]:
        """Of each class, the mean vote of the groups that know it; one that none knows has the best it can get."""
        share = {group: share * self.near[group].knows for group, share in shares.items()}
        total = np.sum(list(share.values()), axis=0)
        mean = np.sum([share[group] * votes[group] for group in shares], axis=0) / np.where(total > 0, total, 1.0)
        return np.where(total > 0, mean, np.max([votes[group] for group in shares], axis=0))
