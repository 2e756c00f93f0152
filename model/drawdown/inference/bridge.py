"""Marginal likelihood by bridge sampling, with an error that is checked against itself.

Meng and Wong (1996); the optimal bridge by iteration, and the relative mean-square error, as in
Gronau et al. (2017, J. Math. Psych. 81) and Fruehwirth-Schnatter (2004, Econometrics Journal 7).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import expit, logsumexp

from drawdown.errors import FitError

LogDensity = Callable[[np.ndarray], np.ndarray]
MAX_ROUNDS = 1000
TOLERANCE = 1e-8
UNSETTLED = (
    "the marginal likelihood does not settle: the draws of a hypothesis are not those of one smooth"
    " density. To do: run again without --quick, or with another --seed; if it stays, leave out what was"
    " last added, reports first and then judgements, until it settles"
)
FRESH = 6
"""Proposals for each draw: in a hundred dimensions few land where the density is, and they are cheap."""


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


def bridge(draws: np.ndarray, log_density: LogDensity, rng: np.random.Generator) -> Evidence:
    """Estimate the log of the integral of a density from draws of it.

    Each half of the chains is used once to fit a normal proposal and once to weigh against it.

    Parameters
    ----------
    draws : dims (chain, draw, parameter)
        At least two chains.
    log_density : callable
        Unnormalised log density of rows; dims (draw, parameter) to (draw,).
    rng : numpy.random.Generator

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
        parts = [_one_way(fit, use, log_density, rng) for fit, use in (halves, (halves[1], halves[0]))]
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
    fit: np.ndarray, use: np.ndarray, log_density: LogDensity, rng: np.random.Generator
) -> tuple[float, float]:
    flat = fit.reshape(-1, fit.shape[-1])
    mean, root = flat.mean(axis=0), np.linalg.cholesky(_shrunk_covariance(flat))
    used = use.reshape(-1, use.shape[-1])
    fresh = mean + rng.standard_normal((FRESH * len(used), used.shape[1])) @ root.T
    ratio_used = log_density(used) - _log_normal(used, mean, root)
    ratio_fresh = log_density(fresh) - _log_normal(fresh, mean, root)
    ess = _effective_size(ratio_used.reshape(use.shape[:2]))
    return _iterate(ratio_used, ratio_fresh, ess)


def _shrunk_covariance(flat: np.ndarray) -> np.ndarray:
    """Sample covariance with its off-diagonal drawn in by the share that is sampling noise."""
    cov = np.cov(flat, rowvar=False)
    scale = np.sqrt(np.diag(cov))
    corr = cov / np.outer(scale, scale)
    off = corr - np.eye(len(corr))
    noise = off.size / len(flat)
    keep = max(0.0, 1.0 - noise / max((off**2).sum(), 1e-12))
    return (np.eye(len(corr)) + keep * off) * np.outer(scale, scale)


def _log_normal(x: np.ndarray, mean: np.ndarray, root: np.ndarray) -> np.ndarray:
    z = solve_triangular(root, (x - mean).T, lower=True)
    out: np.ndarray = -0.5 * (z**2).sum(axis=0) - np.log(np.diag(root)).sum()
    return out - 0.5 * len(mean) * np.log(2.0 * np.pi)


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
