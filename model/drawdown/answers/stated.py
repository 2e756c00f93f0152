"""Whether what was stated came as often as it was stated, against perfect calibration.

Every test compares a number with its distribution under perfect calibration, found by drawing what
comes from what was stated. So no test leans on many episodes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

Record = dict[str, Any]
SHOWN = 0.99
"""Of the bands in tables and figure."""
NULL = 40_000
"""Simulations of perfect calibration."""
AT_ONCE = 2000
EDGES = np.array([0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0])


@dataclass(frozen=True)
class Check:
    """One test.

    Attributes
    ----------
    name : str
    what : str
        What it compares, in words.
    p : float
        Chance of something as far off under perfect calibration.
    """

    name: str
    what: str
    p: float


def stated_tests(name: str, stated: np.ndarray, came: np.ndarray) -> tuple[list[Check], list[Record]]:
    """Test stated probabilities by two scores, by their means, and by bins."""
    rng = stage_generator(0, "calibration", name)
    cell = np.minimum(np.searchsorted(EDGES, stated, side="right") - 1, len(EDGES) - 2)
    measures = _measures(stated, cell)
    true = measures(came[None])
    parts = [measures(drawn) for drawn in _drawn(stated, rng)]
    null = {key: np.concatenate([part[key] for part in parts]) for key in true}
    what = {"brier": "Brier score", "log": "log score", "means": "how often each came"}
    tests = [
        Check(f"{name}: {key}", words, two_sided(float(true[key][0]), null[key]))
        for key, words in what.items()
        if key != "means"
    ]
    for key, words in (("means", what["means"]), ("bins", "how often it came, by bins")):
        tests.append(Check(f"{name}: {key}", words, upper(float(true[key][0]), null[key])))
    return tests, _bins(stated, cell, true["counts"][0], null["counts"])


Measures = Callable[[np.ndarray], dict[str, np.ndarray]]


def _measures(stated: np.ndarray, cell: np.ndarray) -> Measures:
    """Give what measures sets of outcomes; dims (simulation, episode) to (simulation,)."""
    with np.errstate(divide="ignore"):
        log = -np.log(stated)
    brier = (stated**2).sum(axis=1, keepdims=True) - 2.0 * stated + 1.0
    expected, each = stated.sum(axis=0), np.arange(len(stated))
    spread = np.diag(expected) - stated.T @ stated
    inverse = np.linalg.pinv(spread, rcond=1e-9)
    size = len(EDGES) - 1
    sums = np.bincount(cell.ravel(), stated.ravel(), size)
    variances = np.bincount(cell.ravel(), (stated * (1.0 - stated)).ravel(), size)

    def measure(came: np.ndarray) -> dict[str, np.ndarray]:
        number = np.stack([(came == o).sum(axis=1) for o in range(len(OUTCOMES))], axis=1)
        gap = number - expected
        at = cell[each, came] + size * np.arange(len(came))[:, None]
        counts = np.bincount(at.ravel(), minlength=size * len(came)).reshape(-1, size)
        # half a case keeps a bin in which nothing is expected from ruling the sum
        off = (counts - sums) ** 2 / (variances + 0.5)
        return {
            "brier": brier[each, came].mean(axis=1),
            "log": log[each, came].mean(axis=1),
            "means": np.einsum("si,ij,sj->s", gap, inverse, gap),
            "bins": off.sum(axis=1),
            "counts": counts,
        }

    return measure


def _drawn(stated: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Outcomes drawn from what was stated; dims (simulation, episode), in parts."""
    cut = np.cumsum(stated, axis=1)[:, :-1]
    parts = []
    for _ in range(NULL // AT_ONCE):
        u = rng.random((AT_ONCE, len(stated)))
        parts.append((u[:, :, None] > cut).sum(axis=2).astype(np.int8))
    return parts


def _bins(stated: np.ndarray, cell: np.ndarray, came: np.ndarray, null: np.ndarray) -> list[Record]:
    """How often came what was stated, by bins over all outcomes; a bin without any is left out."""
    rows = []
    for b in range(len(EDGES) - 1):
        inside = cell == b
        number = int(inside.sum())
        if not number:
            continue
        low, high = np.quantile(null[:, b], [(1 - SHOWN) / 2, (1 + SHOWN) / 2]) / number
        rows.append(
            {
                "from": float(EDGES[b]),
                "to": float(EDGES[b + 1]),
                "number": number,
                "stated": float(stated[inside].mean()),
                "came": float(came[b] / number),
                "band": [float(low), float(high)],
            }
        )
    return rows


def slope(stated: np.ndarray, came: np.ndarray) -> float | None:
    """Factor by which stated log odds would fit best what came, levels free; one is right.

    Below one the answers are too sure. None where so few episodes give no such factor.
    """
    log = np.log(np.maximum(stated, 1e-12))

    def loss(at: np.ndarray) -> float:
        odds = at[0] * log + np.append(at[1:], 0.0)
        fitted = odds[np.arange(len(came)), came] - logsumexp(odds, axis=1)
        return float(-fitted.mean())

    found = minimize(loss, np.array([1.0, 0.0, 0.0]), method="BFGS")
    return float(found.x[0]) if np.isfinite(found.fun) and abs(found.x[0]) < 10 else None


def upper(value: float, null: np.ndarray) -> float:
    """Chance of at least this under the simulated distribution."""
    return float((1 + (null >= value - 1e-9).sum()) / (1 + len(null)))


def two_sided(value: float, null: np.ndarray) -> float:
    """Chance of being as far out, on either side."""
    return min(1.0, 2.0 * min(upper(value, null), upper(-value, -null)))
