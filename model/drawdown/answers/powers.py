"""Power-scaling: how much each prior, and the reports, carry the answer.

Every prior is held a little less and a little more firmly (its density to a power, 0.8 and 1.25) and
the same draws are weighed again, those of the prior run too, so that the stated base rates still come
back. Kallioinen et al. (2024, Statistics and Computing 34, 57), asked of the outcomes.
"""

from dataclasses import dataclass, replace

import numpy as np

from drawdown.answers.assess import Question
from drawdown.answers.contribute import NOT_COMPUTED
from drawdown.answers.firmness import Held, judgements
from drawdown.answers.latents import Latents, bearing
from drawdown.answers.retell import Teller
from drawdown.answers.weigh import BATCHES, Besides, OutOfReach, weigh
from drawdown.inference.reweight import MAX_KHAT, MIN_ESS, Reweighted, reweight
from drawdown.outcomes import OUTCOMES

POWERS = (0.8, 1.25)
"""Further off the weights no longer hold: a half needs a refit."""
DOUBLINGS = float(np.log2(POWERS[1] / POWERS[0]))
FLAG = 0.05
"""Sensitivity above which a judgement is flagged, and below which reports are weak."""
BOUNDED = 4.0
"""Times the mean weight, that the largest may be whatever its k-hat."""
CONFLICT, STRONG = "potential prior-data conflict", "potential strong prior or weak likelihood"
Sums = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Scaled:
    """What holding one thing more firmly does to the outcomes.

    Attributes
    ----------
    path, what, said : str
    slope : dims (outcome,)
        Change of the probability for each doubling of the power; halving it takes as much away.
    mcse : dims (outcome,)
        Monte Carlo error of the slope.
    sensitivity : float
        Cumulative Jensen-Shannon distance of the outcomes for each doubling.
    method : str
        `exact`, `reweighted`, or `not computed` where the weights do not hold.
    khat : float or None
    ess : float or None
        Largest k-hat, fewest effective draws; none where nothing was weighed.
    """

    path: str
    what: str
    said: str
    slope: np.ndarray
    mcse: np.ndarray
    sensitivity: float
    method: str
    khat: float | None
    ess: float | None


@dataclass(frozen=True)
class _Seen:
    """The draws under another question: weights summed by batch, hypothesis and outcome."""

    posterior: np.ndarray
    prior: np.ndarray
    besides: Besides
    khat: float
    ess: float
    weighed: bool


class Powers:
    """Holds judgements more or less firmly, from the draws of one assessment.

    Parameters
    ----------
    teller : Teller
    """

    def __init__(self, teller: Teller):
        self.teller, a = teller, teller.base
        self.question = a.question
        self._says = bearing(a.question)
        self._draws, self._prior = {}, {}
        for h in OUTCOMES:
            fit, run = a.fits[h], a.prior_runs[h]
            self._draws[h] = Latents.of(fit.draws, fit.future, fit.heard)
            self._prior[h] = Latents.of(run.z, run.future)
        self._base = self._seen({}, {}, a.question.besides)

    def rows(self) -> list[Scaled]:
        """Every judgement, in the order of the files."""
        return [self.of_judgement(held) for held in judgements(self.question)]

    def of_judgement(self, held: Held) -> Scaled:
        """One judgement held less and more firmly."""
        seen = [self._under(held.to(self.question, power)) for power in POWERS]
        return self._scaled(held.path, held.what, held.said, seen)

    def of_reports(self, *, physical: bool = True, political: bool = True) -> Scaled:
        """All reports at once: their log likelihood times the power."""
        what = {(True, False): "physical", (False, True): "political"}.get((physical, political), "both")
        q, seen = self.question, []
        for power in POWERS:
            change = {}
            if physical and q.observations.reports:
                change = {h: (power - 1.0) * self._draws[h].log_likelihood() for h in OUTCOMES}
            log = q.log_politics * (power if political else 1.0)
            seen.append(self._seen(change, {}, q.besides.saying(log)))
        return self._scaled(f"likelihood.{what}", f"{what} reports", "", seen)

    def _under(self, other: Question) -> _Seen:
        """The draws weighed under the question with one prior to a power."""
        base, says = self.question, self._says
        change = {h: self._draws[h].log_change(base, other, h, says) for h in OUTCOMES}
        before = {h: self._prior[h].log_change(base, other, h, says) for h in OUTCOMES}
        return self._seen(change, before, other.besides)

    def _seen(
        self, change: dict[str, np.ndarray], before: dict[str, np.ndarray], besides: Besides
    ) -> _Seen:
        a, khat, ess = self.teller.base, -np.inf, np.inf
        posterior, prior, weighed = [], [], False
        for h in OUTCOMES:
            outcome, run = a.fits[h].outcome, a.prior_runs[h]
            weights = np.full(len(outcome), 1.0 / len(outcome))
            if h in change and np.ptp(change[h]) > 0.0:
                part = reweight(change[h])
                khat, ess, weighed = max(khat, _tail(part)), min(ess, part.ess), True
                weights = part.weights * np.exp(part.log_ratio)
            posterior.append(_by_batch(outcome, weights))
            weights = run.weights / len(run.weights)
            if h in before and np.ptp(before[h]) > 0.0:
                weights, weighed = weights * np.exp(before[h]), True
            prior.append(_by_batch(run.outcome, weights))
        sums = np.stack(posterior, axis=1), np.stack(prior, axis=1)
        return _Seen(*sums, besides, khat, ess, weighed)

    def _scaled(self, path: str, what: str, said: str, seen: list[_Seen]) -> Scaled:
        khat, ess = max(s.khat for s in seen), min(s.ess for s in seen)
        weighed = any(s.weighed for s in seen)
        method = "reweighted" if weighed else "exact"
        nothing = np.zeros(len(OUTCOMES))
        out = Scaled(
            *(path, what, said, nothing, nothing, 0.0, method),
            khat=khat if np.isfinite(khat) else None,
            ess=ess if np.isfinite(ess) else None,
        )
        if khat > MAX_KHAT or ess < MIN_ESS:
            return replace(out, method=NOT_COMPUTED)
        try:
            ends = [self._outcomes(s) for s in seen]
            slope = (ends[1] - ends[0]) / DOUBLINGS
            error = self._error(seen) if weighed else nothing
        except OutOfReach:
            return replace(out, method=NOT_COMPUTED)
        base = self._outcomes(self._base)
        moved = [distance(base, end) / abs(np.log2(p)) for end, p in zip(ends, POWERS, strict=True)]
        return replace(out, slope=slope, mcse=error, sensitivity=float(np.mean(moved)))

    def _outcomes(self, seen: _Seen, leave: int | None = None) -> np.ndarray:
        """Probability of each outcome; without one batch of draws where `leave` says so."""
        sums = [seen.posterior.sum(axis=0), seen.prior.sum(axis=0)]
        if leave is not None:
            scale = BATCHES / (BATCHES - 1)
            parts = (seen.posterior, seen.prior)
            sums = [scale * (s - part[leave]) for s, part in zip(sums, parts, strict=True)]
        table, prior = sums
        log_z = self.teller.base.log_z + np.log(table.sum(axis=1)) - np.log(prior.sum(axis=1))
        table = table / table.sum(axis=1, keepdims=True)
        prior = prior / prior.sum(axis=1, keepdims=True)
        return weigh(log_z, table, prior, seen.besides).outcomes

    def _error(self, seen: list[_Seen]) -> np.ndarray:
        """Standard error of the slope: batches of draws left out in turn; dims (outcome,)."""
        found = []
        for leave in range(BATCHES):
            ends = [self._outcomes(s, leave) for s in seen]
            found.append((ends[1] - ends[0]) / DOUBLINGS)
        out: np.ndarray = np.sqrt(BATCHES - 1) * np.std(found, axis=0)
        return out


def diagnosis(sensitivity: float, reports: float) -> str:
    """What the sensitivity to a prior says beside that to all reports; blank where it is small."""
    if sensitivity <= FLAG:
        return ""
    return CONFLICT if reports >= FLAG else STRONG


def distance(p: np.ndarray, q: np.ndarray) -> float:
    """Cumulative Jensen-Shannon distance of two distributions over the ordered outcomes.

    As power-scaling has it (0 to 1, the larger of both directions of the order), so that its limit of
    0.05 for each doubling applies.
    """
    return max(_one_way(p, q), _one_way(p[::-1], q[::-1]))


def _one_way(p: np.ndarray, q: np.ndarray) -> float:
    one, two = np.cumsum(p)[:-1], np.cumsum(q)[:-1]
    middle = 0.5 * (one + two)
    total = one @ np.log2(one / middle) + two @ np.log2(two / middle)
    return float(np.sqrt(max(total, 0.0) / (one.sum() + two.sum())))


def _tail(part: Reweighted) -> float:
    """K-hat of the weights; none where all are so small that no draw can carry the answer.

    Events that are rare in the draws give weights of a few sizes, in which the fit of a tail sees a
    tail that is not there.
    """
    small = part.weights.max() * len(part.weights) <= BOUNDED
    return -np.inf if small and not part.khat <= MAX_KHAT else part.khat


def _by_batch(outcome: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weights summed by batch of consecutive draws and outcome; dims (batch, outcome)."""
    batch = np.repeat(np.arange(BATCHES), [len(p) for p in np.array_split(outcome, BATCHES)])
    number = len(OUTCOMES)
    sums = np.bincount(batch * number + outcome, weights, BATCHES * number)
    out: np.ndarray = sums.reshape(BATCHES, number)
    return out
