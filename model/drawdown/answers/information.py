"""What an answer that is not yet there is worth: information, moves, and the split that says most.

Everything here starts from a joint chance of outcome and answer, without the reserve. The reserve
keeps its weight whatever is seen, as in `weigh`; the printed probabilities are then a mixture whose
share of the base rates never moves, and the information is that of the printed probabilities.
"""

from dataclasses import dataclass

import numpy as np

from drawdown.answers.weigh import Besides
from drawdown.outcomes import OUTCOMES

TINY = 1e-300


@dataclass(frozen=True)
class Branch:
    """One side of a look.

    Attributes
    ----------
    chance : float
        Of this side, once somebody has looked.
    outcomes : dims (outcome,)
        What the probabilities become, with the reserve.
    """

    chance: float
    outcomes: np.ndarray


@dataclass(frozen=True)
class Joint:
    """Outcome and answer of one look, or of two.

    Attributes
    ----------
    chance : dims (outcome, answer), sums to one; without the reserve
    besides : Besides
        Base rates and reserve.
    """

    chance: np.ndarray
    besides: Besides

    @property
    def answers(self) -> np.ndarray:
        """Chance of each answer; dims (answer,)."""
        out: np.ndarray = self.chance.sum(axis=0)
        return out

    @property
    def now(self) -> np.ndarray:
        """Probability of each outcome before the look, with the reserve; dims (outcome,)."""
        return _printed(self.chance.sum(axis=1, keepdims=True), self.besides)[:, 0]

    @property
    def then(self) -> np.ndarray:
        """Probability of each outcome after each answer, with the reserve; dims (outcome, answer)."""
        return _printed(self.chance, self.besides)

    @property
    def information(self) -> float:
        """Mutual information of outcome and answer, in bits; never negative.

        Summed as relative entropies, which lose no digits where the answer says next to nothing.
        """
        then, now = self.then, self.now[:, None]
        bits = (then * np.log2(np.maximum(then, TINY) / np.maximum(now, TINY))).sum(axis=0)
        return float(np.maximum(bits, 0.0) @ self.answers)

    @property
    def move(self) -> np.ndarray:
        """Expected absolute move of each outcome; dims (outcome,)."""
        out: np.ndarray = np.abs(self.then - self.now[:, None]) @ self.answers
        return out

    def split(self, at: int) -> "Joint":
        """The same look of which only a side is told: answers before `at`, or from it on."""
        sides = self.chance[:, :at].sum(axis=1), self.chance[:, at:].sum(axis=1)
        return Joint(np.stack(sides, axis=1), self.besides)

    @property
    def best_split(self) -> int:
        """The answer from which on a split says most."""
        below = np.cumsum(self.chance, axis=1)[:, :-1]
        both = np.stack([below, self.chance.sum(axis=1, keepdims=True) - below], axis=2)
        told = [Joint(np.maximum(side, 0.0), self.besides).information for side in both.swapaxes(0, 1)]
        return int(np.argmax(told)) + 1

    def branches(self) -> tuple[Branch, Branch]:
        """Both sides of the split that says most: from it on (seen), and before it (not seen)."""
        two = self.split(self.best_split)
        not_seen, seen = (Branch(float(p), o) for p, o in zip(two.answers, two.then.T, strict=True))
        return seen, not_seen


def entropy(chance: np.ndarray) -> float:
    """Entropy of chances that sum to one, in bits."""
    return float(-(chance * np.log2(np.maximum(chance, TINY))).sum())


def _printed(chance: np.ndarray, besides: Besides) -> np.ndarray:
    """Chances of the outcomes given each answer, with the reserve; dims (outcome, answer).

    An answer that cannot happen leaves the outcomes at their base rates; its weight is zero.
    """
    total = chance.sum(axis=0)
    known = np.where(total > 0.0, chance / np.maximum(total, TINY), besides.base_rates[:, None])
    rates = besides.base_rates[:, None]
    out: np.ndarray = (1.0 - besides.reserve) * known + besides.reserve * rates
    return out


def certain(outcome: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of draws by the outcome that each stands at; dims (draw, outcome)."""
    out: np.ndarray = np.eye(len(OUTCOMES))[outcome] * weight[:, None]
    return out
