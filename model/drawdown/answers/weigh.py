"""From marginal likelihoods and simulated futures to the probability of each outcome.

With h how the episode ends, o where it stands on the horizon, y the reports and c the codes:

    p(h, o | y, c)  is proportional to  P(h) Z_h(y) P(o | h, y) L(c | o)

P(h) is solved so that the simulation without reports gives back the stated base rates of o.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from drawdown.even import BATCHES
from drawdown.outcomes import OUTCOMES

PERTURBATIONS = 400
REACH = 0.005
"""Half a point: the base rates come back, or it is said that they cannot."""


class OutOfReach(ValueError):
    """No chances of the hypotheses give the stated base rates back."""


@dataclass(frozen=True)
class Table:
    """Chance of each outcome on the horizon, given how it ends.

    Attributes
    ----------
    chance : dims (hypothesis, outcome)
    batches : dims (batch, hypothesis, outcome)
        The same from runs of consecutive draws, for its Monte Carlo error.
    """

    chance: np.ndarray
    batches: np.ndarray

    @property
    def gain_se(self) -> np.ndarray:
        """Standard error of the log of the mean weight, draws being as dependent as they are.

        Nothing where the weights are even; dims (hypothesis,).
        """
        sums = self.batches.sum(axis=2)
        out: np.ndarray = sums.std(axis=0, ddof=1) / sums.mean(axis=0) / np.sqrt(BATCHES)
        return out

    def gain(self, pick: np.ndarray) -> np.ndarray:
        """Log of the mean weight with other batches, less that with these; dims (hypothesis,)."""
        sums = self.batches.sum(axis=2)
        again = np.take_along_axis(sums, pick, axis=0)
        out: np.ndarray = np.log(again.mean(axis=0)) - np.log(sums.mean(axis=0))
        return out


def tabulate(outcomes: list[np.ndarray], weights: list[np.ndarray] | None = None) -> Table:
    """Count outcomes by hypothesis.

    Parameters
    ----------
    outcomes : one int array a hypothesis, dims (draw,)
        Runs of them independent of one another, since the error is read from batches.
    weights : one float array a hypothesis, dims (draw,), optional
    """
    if weights is None:
        weights = [np.ones(len(o)) for o in outcomes]
    rows = []
    for outcome, weight in zip(outcomes, weights, strict=True):
        marks = np.eye(len(OUTCOMES))[outcome] * weight[:, None]
        rows.append(np.stack([part.sum(axis=0) for part in np.array_split(marks, BATCHES)]))
    sums = np.stack(rows, axis=1)
    total = sums.sum(axis=0)
    return Table(total / total.sum(axis=1, keepdims=True), sums)


def solve_hypotheses(
    prior_table: np.ndarray, base_rates: np.ndarray, reach: float = REACH
) -> tuple[np.ndarray, float]:
    """Chances of the hypotheses under which the outcomes have their base rates.

    Parameters
    ----------
    prior_table : dims (hypothesis, outcome)
    base_rates : dims (outcome,)
    reach : float
        How far from the base rates the nearest chances may leave the outcomes.

    Returns
    -------
    chances : dims (hypothesis,)
    gap : float
        How far they do.

    Raises
    ------
    OutOfReach
        If no mixture of the hypotheses comes so near.
    """
    chances, gap = nnls(prior_table.T, base_rates)
    if gap > reach:
        raise OutOfReach(f"no chances of the hypotheses give the base rates back (gap {gap:.3f})")
    return chances / chances.sum(), float(gap)


@dataclass(frozen=True)
class Besides:
    """What is weighed besides the physical reports.

    Attributes
    ----------
    base_rates : dims (outcome,)
    reserve : float
        Chance kept back for a wrong model.
    log_politics : dims (outcome,)
        Log likelihood of the political codes.
    reach : float
        How far from the base rates the outcomes may be left without reports.
    """

    base_rates: np.ndarray
    reserve: float
    log_politics: np.ndarray
    reach: float = REACH

    def saying(self, log_politics: np.ndarray) -> "Besides":
        """Return the same with other political codes."""
        return replace(self, log_politics=log_politics)


@dataclass(frozen=True)
class Weighed:
    """The answer.

    Attributes
    ----------
    outcomes : dims (outcome,)
        With the reserve spread over them by the base rates.
    hypotheses, prior_hypotheses : dims (hypothesis,)
    joint : dims (hypothesis, outcome), sums to one; without the reserve
    gap : float
        How far the outcomes without reports are from the base rates.
    """

    outcomes: np.ndarray
    hypotheses: np.ndarray
    prior_hypotheses: np.ndarray
    joint: np.ndarray
    gap: float


def weigh(
    log_z: np.ndarray,
    table: np.ndarray,
    prior_table: np.ndarray,
    besides: Besides,
) -> Weighed:
    """Weigh the hypotheses and their futures.

    Parameters
    ----------
    log_z : dims (hypothesis,)
        Log marginal likelihood of the physical reports.
    table, prior_table : dims (hypothesis, outcome)
        Where each hypothesis stands on the horizon, with and without the reports.
    besides : Besides
    """
    prior, gap = solve_hypotheses(prior_table, besides.base_rates, besides.reach)
    joint = prior[:, None] * np.exp(log_z - log_z.max())[:, None] * table
    joint = joint * np.exp(besides.log_politics - besides.log_politics.max())
    joint = joint / joint.sum()
    outcomes = (1.0 - besides.reserve) * joint.sum(axis=0) + besides.reserve * besides.base_rates
    return Weighed(outcomes, joint.sum(axis=1), prior, joint, gap)


@dataclass(frozen=True)
class Weighing:
    """What an answer is weighed from.

    Attributes
    ----------
    log_z, log_z_se : dims (hypothesis,)
        Log marginal likelihoods, and the error of the integral and of the mass of the prior's region.
    table, prior_table : Table
    besides : Besides
    """

    log_z: np.ndarray
    log_z_se: np.ndarray
    table: Table
    prior_table: Table
    besides: Besides

    @classmethod
    def of(
        cls,
        log_z: np.ndarray,
        integral_se: ArrayLike,
        table: Table,
        prior_table: Table,
        besides: Besides,
    ) -> "Weighing":
        """From the errors of the integrals alone; dims (hypothesis,)."""
        return cls(log_z, np.hypot(integral_se, prior_table.gain_se), table, prior_table, besides)

    @property
    def weighed(self) -> Weighed:
        """The answer."""
        return weigh(self.log_z, self.table.chance, self.prior_table.chance, self.besides)

    def perturbed(self, shift: np.ndarray, seen: np.ndarray, unseen: np.ndarray) -> np.ndarray:
        """Outcomes with log Z shifted and other batches of both tables; dims (outcome,)."""
        tables = _at(self.table, seen), _at(self.prior_table, unseen)
        return weigh(self.log_z + shift, *tables, self.besides).outcomes


def monte_carlo_error(weighing: Weighing, rng: np.random.Generator) -> np.ndarray:
    """Monte Carlo error of each outcome's probability; dims (outcome,).

    Marginal likelihoods are perturbed by their errors, tables by resampling their batches.
    """
    found = []
    for _ in range(PERTURBATIONS):
        shift = weighing.log_z_se * rng.standard_normal(len(OUTCOMES))
        found.append(weighing.perturbed(shift, _pick(rng), _pick(rng)))
    out: np.ndarray = np.std(found, axis=0)
    return out


def error_of_change(before: Weighing, after: Weighing, rng: np.random.Generator) -> np.ndarray:
    """Monte Carlo error of the change between two answers from the same draws; dims (outcome,).

    The error of the log Z of `before` is common to both and perturbed alike; batches of consecutive
    draws are resampled, the same for both, so that what weights add is as uncertain as draws that
    depend on one another make it.
    """
    found = []
    for _ in range(PERTURBATIONS):
        common = before.log_z_se * rng.standard_normal(len(OUTCOMES))
        seen, unseen = _pick(rng), _pick(rng)
        one = before.perturbed(common, seen, unseen)
        found.append(after.perturbed(common + after.table.gain(seen), seen, unseen) - one)
    out: np.ndarray = np.std(found, axis=0)
    return out


def _pick(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, BATCHES, (BATCHES, len(OUTCOMES)))


def _at(table: Table, pick: np.ndarray) -> np.ndarray:
    sums = np.stack([table.batches[pick[:, h], h].sum(axis=0) for h in range(len(OUTCOMES))])
    out: np.ndarray = sums / sums.sum(axis=1, keepdims=True)
    return out
