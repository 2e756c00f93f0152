"""Marginal likelihood by bridge sampling, with an error that is checked against itself.

Meng and Wong (1996); the optimal bridge by iteration, and the relative mean-square error, as in
Gronau et al. (2017, J. Math. Psych. 81) and Fruehwirth-Schnatter (2004, Econometrics Journal 7).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from drawdown.errors import FitError
from drawdown.inference.chosen import CHUNK, Chosen, Rows, choose
from drawdown.inference.proposal import Proposal

OfRows = Callable[[np.ndarray], np.ndarray]
MAX_ROUNDS = 1000
TOLERANCE = 1e-8
UNSETTLED = (
    "the marginal likelihood does not settle: the draws of a hypothesis are not those of one smooth"
    " density. To do: run again without --quick, or with another --seed; if it stays, leave out what was"
    " last added, reports first and then judgements, until it settles"
)
SURPRISE = 3.0
"""Standard errors by which halves may differ before what they show is believed, and not the formula."""


@dataclass(frozen=True)
class Density:
    """An unnormalised density.

    Attributes
    ----------
    log : callable
        Of rows; dims (draw, parameter) to (draw,).
    slopes : callable
        Gradients of the same; dims (draw, parameter) to (draw, parameter).
    along : callable
        A number of each row that answers hang on, along which draws are chosen evenly; dims (draw,).
    """

    log: OfRows
    slopes: OfRows
    along: OfRows


@dataclass(frozen=True)
class Evidence:
    """Log marginal likelihood of an unnormalised density.

    Attributes
    ----------
    log : float
        Mean over the two halves.
    se : float
        Standard error in nats: what the formula claims, unless the halves show that it is more.
    """

    log: float
    se: float


def bridge(
    chains: np.ndarray, density: Density, rng: np.random.Generator, fresh: int, kept: int
) -> tuple[Evidence, Chosen]:
    """Integrate a density given draws of it, and draw more.

    Each half of the chains is used once to fit a proposal and once to weigh against it.

    Parameters
    ----------
    chains : dims (chain, draw, parameter)
        At least two chains.
    density : Density
    rng : numpy.random.Generator
    fresh : int
        Proposals.
    kept : int
        Draws to choose from chains and proposals.

    Raises
    ------
    FitError
        If it does not settle on a number.
    """
    half = chains.shape[0] // 2
    halves = chains[:half], chains[half:]
    try:
        parts = [
            _one_way(fit, use, density, rng, fresh // 2, kept // 2)
            for fit, use in (halves, halves[::-1])
        ]
    except (np.linalg.LinAlgError, ValueError) as error:
        # draws that all lie in one plane have no density, and chains that stand still are such draws
        raise FitError(UNSETTLED) from error
    logs, variances, chosen = zip(*parts, strict=True)
    claimed = np.sqrt(sum(variances)) / 2.0
    shown = abs(logs[0] - logs[1]) / 2.0
    se = shown if shown > SURPRISE * claimed else claimed
    return Evidence(float(np.mean(logs)), float(se)), Chosen.of_halves(chosen)


def _one_way(
    fit: np.ndarray, use: np.ndarray, density: Density, rng: np.random.Generator, fresh: int, kept: int
) -> tuple[float, float, Chosen]:
    """Log of the integral, the variance of it, and draws, by a proposal fitted to the other half."""
    seen, used = (half.reshape(-1, half.shape[-1]) for half in (fit, use))
    proposal = Proposal.of(seen, density.slopes(seen))
    ratio_used = density.log(used) - proposal.log_density(used)
    ess = _effective_size(ratio_used.reshape(use.shape[:2]))
    z, ratio_new = _joined(used, proposal, fresh, density, rng)
    log, variance = _iterate(ratio_used, ratio_new, ess)
    ratio = np.concatenate([ratio_used, ratio_new]) - log
    return log, variance, choose(Rows(z, ratio, len(used), ess), kept, density.along, rng)


def _joined(
    used: np.ndarray, proposal: Proposal, fresh: int, density: Density, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of chains with proposals behind them, and of these the log of density over proposal."""
    z, ratio = np.empty((len(used) + fresh, used.shape[1])), np.empty(fresh)
    z[: len(used)] = used
    for start in range(0, fresh, CHUNK):
        part = slice(start, min(start + CHUNK, fresh))
        rows, log = proposal.draw(part.stop - start, rng)
        z[len(used) + start : len(used) + part.stop] = rows
        ratio[part] = density.log(rows) - log
    return z, ratio


def _iterate(used: np.ndarray, fresh: np.ndarray, ess: float) -> tuple[float, float]:
    """Solve for the log ratio; also the variance of its logarithm.

    Raises
    ------
    FitError
        If it does not settle.
    """
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
        raise FitError(UNSETTLED)
    weight_fresh = expit(fresh - log_ratio + odds) / share
    weight_used = expit(-(used - log_ratio) - odds) / (1.0 - share)
    variance = np.var(weight_fresh) / weight_fresh.mean() ** 2 / len(fresh)
    variance += np.var(weight_used) / weight_used.mean() ** 2 / ess
    if not (np.isfinite(log_ratio) and np.isfinite(variance)):
        raise FitError(UNSETTLED)
    return log_ratio, float(variance)


def _effective_size(series: np.ndarray) -> float:
    """Effective number of draws for the mean of a series; dims (chain, draw)."""
    from arviz_stats.base import array_stats

    return float(min(array_stats.ess(series, method="mean"), series.size))
