"""Proper scores of stated probabilities of the outcomes: lower is better."""

from dataclasses import dataclass

import numpy as np

from drawdown.outcomes import OUTCOMES

NAMES = ("rps", "log", "brier")


@dataclass(frozen=True)
class Scored:
    """Scores of a set of forecasts.

    Attributes
    ----------
    stated : dims (case, outcome)
    outcome : int array, dims (case,)
    rps, log, brier : dims (case,)
        Ranked probability score over the ordered outcomes, from 0 to 1 (the sum over thresholds
        halved); negative log probability, in nats; Brier score from 0 to 2.
    """

    stated: np.ndarray
    outcome: np.ndarray
    rps: np.ndarray
    log: np.ndarray
    brier: np.ndarray

    def means(self) -> dict[str, float]:
        """Mean scores, and the number of cases."""
        out = {name: float(getattr(self, name).mean()) for name in NAMES}
        return out | {"n": len(self.outcome)}

    def take(self, cases: np.ndarray) -> "Scored":
        """Return some of the cases."""
        parts = (self.stated, self.outcome, self.rps, self.log, self.brier)
        return Scored(*(part[cases] for part in parts))


def score(stated: np.ndarray, outcome: np.ndarray) -> Scored:
    """Score stated probabilities against what came.

    Parameters
    ----------
    stated : dims (case, outcome), rows sum to one
    outcome : int array, dims (case,), counted from zero

    Raises
    ------
    ValueError
        If a row is no distribution: the rules of the library would score it all the same.
    """
    import scoringrules

    if stated.min(initial=0.0) < 0.0 or not np.allclose(stated.sum(axis=1), 1.0):
        raise ValueError("stated probabilities that do not sum to one")
    # one-hot, since the library counts categories from one and takes a zero without a word
    came = np.eye(len(OUTCOMES))[outcome]
    said = stated[np.arange(len(outcome)), outcome]
    # the log score of what was called impossible is infinite, and no accident
    with np.errstate(divide="ignore"):
        log = scoringrules.log_score(np.ones(len(said)), said)
    return Scored(
        stated=stated,
        outcome=outcome,
        rps=scoringrules.rps_score(came, stated, onehot=True) / (len(OUTCOMES) - 1),
        log=log,
        brier=scoringrules.brier_score(came, stated).sum(axis=1),
    )


def difference(ours: Scored, theirs: Scored) -> dict[str, dict[str, float]]:
    """Mean of the paired differences and its standard error; negative where ours is better."""
    out = {}
    for name in NAMES:
        gap = getattr(ours, name) - getattr(theirs, name)
        out[name] = {"mean": float(gap.mean()), "se": float(gap.std(ddof=1) / np.sqrt(len(gap)))}
    return out
