"""Finished forecasts of one question combined, and how far they are apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from drawdown.errors import InputError, Problem
from drawdown.files.forecasts import Forecast
from drawdown.outcomes import OUTCOMES

METHODS = ("log", "linear", "median")


@dataclass(frozen=True)
class Pooled:
    """Forecasts and what they come to together.

    Attributes
    ----------
    forecasts : tuple of Forecast
    weights : dims (forecast,)
        Sum to one.
    method : str
    outcomes : dims (outcome,)
    pairs : tuple of (name, name, float)
        How far each two are apart; largest first.
    """

    forecasts: tuple[Forecast, ...]
    weights: np.ndarray
    method: str
    outcomes: np.ndarray
    pairs: tuple[tuple[str, str, float], ...]

    @property
    def chances(self) -> np.ndarray:
        """What each says; dims (forecast, outcome)."""
        return _chances(self.forecasts)

    @property
    def disagreement(self) -> float:
        """How far two of them are apart in the mean over pairs."""
        return float(np.mean([apart for _, _, apart in self.pairs]))

    @property
    def vetoes(self) -> tuple[tuple[str, str], ...]:
        """Forecaster and outcome where a zero forces the pool by log odds to zero."""
        if self.method != "log":
            return ()
        return tuple(
            (forecast.name, outcome)
            for forecast, weight in zip(self.forecasts, self.weights, strict=True)
            for outcome in OUTCOMES
            if forecast.chances[outcome] == 0.0 and weight > 0.0
        )


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """How far two answers are apart: the largest difference of an outcome.

    Since differences sum to zero this is also half the sum of their sizes: the share of the
    probability that would have to be moved.
    """
    return float(np.abs(one - other).max())


def pool(
    forecasts: Sequence[Forecast], method: str = "log", weights: Sequence[float] | None = None
) -> Pooled:
    """Combine forecasts.

    Parameters
    ----------
    forecasts : sequence of Forecast
        At least two, of one case and horizon.
    method : str
        `log` for the mean of log odds between the outcomes, which is the geometric mean scaled to sum
        to one; `linear` for the mean; `median` for the median of each outcome, scaled.
    weights : sequence of float, optional
        One a forecast; equal unless said. Scaled to sum to one.

    Raises
    ------
    InputError
        If nothing is left of any outcome.
    """
    share = np.ones(len(forecasts)) if weights is None else np.asarray(weights, dtype=float)
    share = share / share.sum()
    combine = {"log": _log, "linear": _linear, "median": _median}[method]
    combined = combine(_chances(forecasts), share)
    if not combined.sum() > 0.0:
        wrong = "every outcome is ruled out by somebody"
        raise InputError([Problem(f"--method {method}", 0, 0, wrong, "`linear`")])
    pairs = [
        (one.name, two.name, distance(*_chances([one, two]))) for one, two in combinations(forecasts, 2)
    ]
    pairs.sort(key=lambda pair: -round(pair[2], 12))
    return Pooled(tuple(forecasts), share, method, combined / combined.sum(), tuple(pairs))


def record(found: Pooled) -> dict[str, Any]:
    """Return what `pool --json` prints."""
    low, high = found.chances.min(axis=0), found.chances.max(axis=0)
    first = found.forecasts[0]
    return {
        "case": first.case,
        "horizon": first.horizon.isoformat(),
        "method": found.method,
        "outcomes": dict(zip(OUTCOMES, map(float, found.outcomes), strict=True)),
        "range": {o: [float(a), float(b)] for o, a, b in zip(OUTCOMES, low, high, strict=True)},
        "disagreement": {
            "mean": found.disagreement,
            "pairs": [{"between": [one, two], "distance": d} for one, two, d in found.pairs],
        },
        "ruled_out": [{"by": name, "outcome": outcome} for name, outcome in found.vetoes],
        "forecasts": [
            {
                "name": forecast.name,
                "source": forecast.source,
                "as_of": forecast.as_of.isoformat(),
                "weight": float(weight),
                "outcomes": forecast.chances,
            }
            for forecast, weight in zip(found.forecasts, found.weights, strict=True)
        ],
    }


def _chances(forecasts: Sequence[Forecast]) -> np.ndarray:
    return np.array([[forecast.chances[o] for o in OUTCOMES] for forecast in forecasts])


def _log(chances: np.ndarray, weights: np.ndarray) -> np.ndarray:
    used = weights > 0.0
    with np.errstate(divide="ignore"):
        logs = weights[used] @ np.log(chances[used])
    # scaled by the largest, lest many small chances vanish together
    out: np.ndarray = np.exp(logs - logs.max()) if np.isfinite(logs).any() else np.zeros(len(logs))
    return out


def _linear(chances: np.ndarray, weights: np.ndarray) -> np.ndarray:
    out: np.ndarray = weights @ chances
    return out


def _median(chances: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted median of each outcome; between two values where just half lies on either side."""
    out = []
    for column in chances.T:
        order = np.argsort(column, kind="stable")
        upto = np.cumsum(weights[order])
        low = column[order][np.searchsorted(upto, 0.5 - 1e-12)]
        high = column[order][np.searchsorted(upto, 0.5 + 1e-12)]
        out.append((low + high) / 2.0)
    return np.array(out)
