"""Marginal likelihood by bridge sampling, with an error that is checked against itself.

Meng and Wong (1996); the optimal bridge by iteration, and the relative mean-square error, as in
Gronau et al. (2017, J. Math. Psych. 81) and Fruehwirth-Schnatter (2004, Econometrics Journal 7). The
same rows, weighed against the mixture that they come from, are draws of the density (Kong et al. 2003,
J. R. Stat. Soc. B 65; Shirts and Chodera 2008, J. Chem. Phys. 129): many more independent ones than the
chains made.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from drawdown.errors import FitError
from drawdown.even import BATCHES
from drawdown.inference.proposal import Proposal

Rows = Callable[[np.ndarray], np.ndarray]
MAX_ROUNDS = 1000
TOLERANCE = 1e-8
UNSETTLED = (
    "the marginal likelihood does not settle: the draws of a hypothesis are not those of one smooth"
    " density. To do: run again without --quick, or with another --seed; if it stays, leave out what was"
    " last added, reports first and then judgements, until it settles"
)
SURPRISE = 3.0
"""Standard errors by which halves may differ before what they show is believed, and not the formula."""
TRIED = 4
"""Draws of the pool for each that is kept."""
CHUNK = 5_000
"""Proposals that are made at once."""


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

    log: Rows
    slopes: Rows
    along: Rows


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


@dataclass(frozen=True)
class Pool:
    """Draws of a density, from chains and proposals together.

    Attributes
    ----------
    draws : dims (draw, parameter)
        Equally likely. Each batch of consecutive ones comes from other parts of the chains and other
        proposals; within it they are in the order of what answers hang on.
    worth : float
        Independent draws that the pool is worth, of which these were chosen.
    """

    draws: np.ndarray
    worth: float


def bridge(
    chains: np.ndarray, density: Density, rng: np.random.Generator, fresh: int, kept: int
) -> tuple[Evidence, Pool]:
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
        Draws of the pool.

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
    logs, variances, pools = zip(*parts, strict=True)
    claimed = np.sqrt(sum(variances)) / 2.0
    shown = abs(logs[0] - logs[1]) / 2.0
    pool = Pool(
        draws=np.concatenate([p.draws for p in pools]), worth=4.0 / sum(1.0 / p.worth for p in pools)
    )
    se = shown if shown > SURPRISE * claimed else claimed
    return Evidence(float(np.mean(logs)), float(se)), pool


def _one_way(
    fit: np.ndarray, use: np.ndarray, density: Density, rng: np.random.Generator, fresh: int, kept: int
) -> tuple[float, float, Pool]:
    """Log of the integral, the variance of it, and draws, by a proposal fitted to the other half."""
    seen, used = (half.reshape(-1, half.shape[-1]) for half in (fit, use))
    proposal = Proposal.of(seen, density.slopes(seen))
    ratio_used = density.log(used) - proposal.log_density(used)
    ess = _effective_size(ratio_used.reshape(use.shape[:2]))
    new, ratio_new = _proposed(proposal, fresh, density, rng)
    log, variance = _iterate(ratio_used, ratio_new, ess)
    pool = _pool((used, ratio_used - log), (new, ratio_new - log), ess, kept * TRIED, rng)
    return log, variance, Pool(_evenly(pool.draws, density.along, rng), pool.worth)


def _pool(
    used: tuple[np.ndarray, np.ndarray],
    new: tuple[np.ndarray, np.ndarray],
    ess: float,
    kept: int,
    rng: np.random.Generator,
) -> Pool:
    """Draw from rows of both kinds, each given with the log of density over proposal."""
    # over the mixture of chains and proposals, so that weights are bounded whatever the proposal misses
    weight = [np.exp(r - np.logaddexp(np.log(ess) + r, np.log(len(new[0])))) for r in (used[1], new[1])]
    alike = np.repeat([len(used[0]) / ess, 1.0], [len(w) for w in weight])
    weights = np.concatenate(weight) / alike
    worth = weights.sum() ** 2 / (weights**2 * alike).sum()
    places = np.concatenate([(np.arange(len(w)) + 0.5) / len(w) for w in weight])
    order = np.argsort(places, kind="stable")
    chosen = order[_systematic(weights[order] / weights.sum(), kept, rng)]
    old = chosen < len(used[0])
    draws = np.empty((kept, used[0].shape[1]))
    draws[old], draws[~old] = used[0][chosen[old]], new[0][chosen[~old] - len(used[0])]
    return Pool(draws, float(worth))


def _evenly(draws: np.ndarray, along: Rows, rng: np.random.Generator) -> np.ndarray:
    """One, at random, of each few neighbours along what answers hang on, in each batch."""
    at = along(draws)
    batches = np.array_split(np.arange(len(draws)), BATCHES // 2)
    order = np.concatenate([batch[np.argsort(at[batch], kind="stable")] for batch in batches])
    neighbours = order.reshape(-1, TRIED)
    return draws[rng.permuted(neighbours, axis=1)[:, 0]]


def _proposed(
    proposal: Proposal, number: int, density: Density, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the proposal, and there the log of density over proposal."""
    rows = np.empty((number, len(proposal.odd) + len(proposal.plain)))
    ratio = np.empty(number)
    for start in range(0, number, CHUNK):
        part = slice(start, min(start + CHUNK, number))
        rows[part], log = proposal.draw(part.stop - start, rng)
        ratio[part] = density.log(rows[part]) - log
    return rows, ratio


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


def _systematic(weights: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Places of so many rows by their weights, evenly along their order."""
    at = (np.arange(number) + rng.random()) / number
    out: np.ndarray = np.minimum(np.searchsorted(np.cumsum(weights), at), len(weights) - 1)
    return out


def _effective_size(series: np.ndarray) -> float:
    """Effective number of draws for the mean of a series; dims (chain, draw)."""
    from arviz_stats.base import array_stats

    return float(min(array_stats.ess(series, method="mean"), series.size))
