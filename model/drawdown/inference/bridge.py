"""Marginal likelihood by bridge sampling, with an error that is checked against itself.

Meng and Wong (1996); the optimal bridge by iteration, and the relative mean-square error, as in
Gronau et al. (2017, J. Math. Psych. 81) and Fruehwirth-Schnatter (2004, Econometrics Journal 7).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from drawdown.errors import FitError
from drawdown.inference.proposal import Proposal

LogDensity = Callable[[np.ndarray], np.ndarray]
MAX_ROUNDS = 1000
TOLERANCE = 1e-8
UNSETTLED = (
    "the marginal likelihood does not settle: the draws of a hypothesis are not those of one smooth"
    " density. To do: run again without --quick, or with another --seed; if it stays, leave out what was"
    " last added, reports first and then judgements, until it settles"
)
FRESH = 12
"""Proposals for each draw: in a hundred dimensions few land where the density is, and they are cheap."""
ROWS = 10_000
"""Proposals held at once."""


@dataclass(frozen=True)
class Evidence:
    """Log marginal likelihood of an unnormalised density.

    Attributes
    ----------
    log : float
        Mean over the two halves.
    se : float
        Standard error in nats: the larger of what the formula claims and what the halves show.
    """

    log: float
    se: float


def bridge(
    draws: np.ndarray, log_density: LogDensity, rng: np.random.Generator, fresh: int = FRESH
) -> Evidence:
    """Estimate the log of the integral of a density from draws of it.

    Each half of the chains is used once to fit a proposal and once to weigh against it.

    Parameters
    ----------
    draws : dims (chain, draw, parameter)
        At least two chains.
    log_density : callable
        Unnormalised log density of rows; dims (draw, parameter) to (draw,).
    rng : numpy.random.Generator
    fresh : int
        Proposals for each draw.

    Returns
    -------
    Evidence

    Raises
    ------
    FitError
        If it does not settle on a number.
    """
    half = draws.shape[0] // 2
    halves = draws[:half], draws[half:]
    try:
        parts = [_one_way(*pair, log_density, rng, fresh) for pair in (halves, halves[::-1])]
    except (np.linalg.LinAlgError, ValueError):
        # draws that all lie in one plane have no density, and chains that stand still are such draws
        parts = [(np.nan, np.nan)]
    logs, variances = np.array(parts).T
    if not (np.isfinite(logs).all() and np.isfinite(variances).all()):
        raise FitError(UNSETTLED)
    claimed = np.sqrt(variances.sum()) / 2.0
    shown = abs(logs[0] - logs[1]) / 2.0
    return Evidence(float(logs.mean()), float(max(claimed, shown)))


def _one_way(
    fit: np.ndarray,
    use: np.ndarray,
    log_density: LogDensity,
    rng: np.random.Generator,
    number: int,
) -> tuple[float, float]:
    proposal = Proposal.of(fit.reshape(-1, fit.shape[-1]))
    used = use.reshape(-1, use.shape[-1])
    ratio_used = log_density(used) - proposal.log_density(used)
    ratio_fresh = _ratios(proposal, number * len(used), log_density, rng)
    ess = _effective_size(ratio_used.reshape(use.shape[:2]))
    return _iterate(ratio_used, ratio_fresh, ess)


def _ratios(
    proposal: Proposal, number: int, log_density: LogDensity, rng: np.random.Generator
) -> np.ndarray:
    """Log of density over proposal at draws of the proposal, some rows at a time; dims (draw,)."""
    found = []
    for start in range(0, number, ROWS):
        rows, log = proposal.draw(min(ROWS, number - start), rng)
        found.append(log_density(rows) - log)
    return np.concatenate(found)


def _iterate(used: np.ndarray, fresh: np.ndarray, ess: float) -> tuple[float, float]:
    """Solve for the log ratio; also the variance of its logarithm."""
    share = ess / (ess + len(fresh))
    log_ratio = float(np.median(used))
    odds = np.log(share) - np.log1p(-share)
    for _ in range(MAX_ROUNDS):
        # density / (share * density + (1 - share) * ratio * proposal), and its mirror image
        top = logsumexp(fresh - np.logaddexp(np.log(share) + fresh, np.log1p(-share) + log_ratio))
        low = logsumexp(-np.logaddexp(np.log(share) + used, np.log1p(-share) + log_ratio))
        new = float(top - np.log(len(fresh)) - low + np.log(len(used)))
        done = abs(new - log_ratio) < TOLERANCE
        log_ratio = new
        if done:
            break
    else:
        return float("nan"), float("nan")
    weight_fresh = expit(fresh - log_ratio + odds) / share
    weight_used = expit(-(used - log_ratio) - odds) / (1.0 - share)
    variance = np.var(weight_fresh) / weight_fresh.mean() ** 2 / len(fresh)
    variance += np.var(weight_used) / weight_used.mean() ** 2 / ess
    return log_ratio, float(variance)


def _effective_size(series: np.ndarray) -> float:
    """Effective number of draws for the mean of a series; dims (chain, draw)."""
    from arviz_stats.base import array_stats

    return float(min(array_stats.ess(series, method="mean"), series.size))
