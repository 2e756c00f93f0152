"""Draws of a density, chosen from chains and proposals together.

Rows of both, weighed against the mixture that they come from, are draws of the density (Kong et al.
2003, J. R. Stat. Soc. B 65; Shirts and Chodera 2008, J. Chem. Phys. 129): many more independent ones
than the chains made. Against the mixture no weight is large, whatever the proposal misses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drawdown.even import BATCHES

TRIED = 16
"""Draws of the mixture for each that is kept."""
CHUNK = 5_000
"""Rows that are made, or looked at along what answers hang on, at once."""


@dataclass(frozen=True)
class Rows:
    """Rows of chains, and behind them rows of a proposal.

    Attributes
    ----------
    z : dims (row, parameter)
    ratio : dims (row,)
        Log of the density, as it integrates to one, over the proposal.
    used : int
        How many are of chains.
    ess : float
        Independent draws that these are worth.
    """

    z: np.ndarray
    ratio: np.ndarray
    used: int
    ess: float


@dataclass(frozen=True)
class Chosen:
    """Draws of a density.

    Attributes
    ----------
    draws : dims (draw, parameter)
        Equally likely. Each batch of consecutive ones comes from other parts of the chains and other
        proposals; within it they are in the order of what answers hang on.
    worth : float
        Independent draws that the rows are worth from which these were chosen.
    """

    draws: np.ndarray
    worth: float

    @classmethod
    def of_halves(cls, halves: Sequence["Chosen"]) -> "Chosen":
        """As many draws of each of two."""
        worth = len(halves) ** 2 / sum(1.0 / half.worth for half in halves)
        return cls(np.concatenate([half.draws for half in halves]), worth)


def choose(
    rows: Rows, kept: int, along: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator
) -> Chosen:
    """Choose draws of half of the chains.

    Parameters
    ----------
    rows : Rows
    kept : int
    along : callable
        A number of each row that answers hang on, along which draws are chosen evenly; dims (draw,).
    rng : numpy.random.Generator
    """
    fresh = len(rows.z) - rows.used
    # draws of a chain that are alike count as fewer
    alike = np.repeat([rows.used / rows.ess, 1.0], [rows.used, fresh])
    weights = np.exp(rows.ratio - np.logaddexp(np.log(rows.ess) + rows.ratio, np.log(fresh))) / alike
    worth = weights.sum() ** 2 / (weights**2 * alike).sum()
    # as many of each kind in any part of the order
    places = np.concatenate([(np.arange(n) + 0.5) / n for n in (rows.used, fresh)])
    order = np.argsort(places, kind="stable")
    tried = order[_systematic(weights[order], kept * TRIED, rng)]
    parts = np.array_split(tried, -(-len(tried) // CHUNK))
    at = np.concatenate([along(rows.z[part]) for part in parts])
    return Chosen(rows.z[tried[_evenly(at, rng)]], float(worth))


def _systematic(weights: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Places of so many rows by their weights, evenly along their order."""
    at = (np.arange(number) + rng.random()) / number
    upto = np.cumsum(weights)
    out: np.ndarray = np.minimum(np.searchsorted(upto, at * upto[-1]), len(weights) - 1)
    return out


def _evenly(at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Places of one, at random, of each few neighbours, in each batch; dims (draw,)."""
    batches = np.array_split(np.arange(len(at)), BATCHES // 2)
    order = np.concatenate([batch[np.argsort(at[batch], kind="stable")] for batch in batches])
    out: np.ndarray = rng.permuted(order.reshape(-1, TRIED), axis=1)[:, 0]
    return out
