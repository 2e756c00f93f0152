"""Places of true values among the draws of their posteriors: anywhere, if the model is sound."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import bdtr, bdtrc

from drawdown.answers.stated import AT_ONCE, NULL
from drawdown.seeds import stage_generator

Record = dict[str, Any]


def uniform(places: np.ndarray) -> float:
    """Chance that the distribution function of uniform places strays as far at any point.

    The test of the simultaneous bands of Saeilynoja, Buerkner and Vehtari (2022, Statistics and
    Computing 32): at each of the points 1/N .. (N-1)/N the count of places below is binomial; how far
    it strays is the smaller of its two tails, and the least of these over the points is the statistic.
    """
    number = len(places)
    if number < 2:
        return 1.0
    counts = np.bincount(np.minimum((places * number).astype(int), number - 1), minlength=number)
    null = _null_tails(number)
    return float((1 + (null <= _least_tail(counts[None]) + 1e-12).sum()) / (1 + len(null)))


def _least_tail(counts: np.ndarray) -> np.ndarray:
    """Least tail of the counts below each point; dims (simulation, cell) to (simulation,)."""
    tails = _tails(counts.shape[1])
    below = np.cumsum(counts, axis=1)[:, :-1]
    out: np.ndarray = tails[np.arange(below.shape[1]), below].min(axis=1)
    return out


@lru_cache(maxsize=64)
def _tails(number: int) -> np.ndarray:
    """The smaller tail of a count, by point and count; dims (number - 1, number + 1)."""
    at, count = np.arange(1, number)[:, None] / number, np.arange(number + 1)[None, :]
    more = np.where(count > 0, bdtrc(np.maximum(count - 1, 0), number, at), 1.0)
    out: np.ndarray = np.minimum(bdtr(count, number, at), more)
    return out


@lru_cache(maxsize=64)
def _null_tails(number: int) -> np.ndarray:
    rng = stage_generator(0, "calibration", "uniform", str(number))
    even = np.full(number, 1.0 / number)
    parts = [_least_tail(rng.multinomial(number, even, AT_ONCE)) for _ in range(NULL // AT_ONCE)]
    return np.concatenate(parts)


def band(number: int, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, and the least and greatest share of uniform places below each, all at once.

    Returns
    -------
    points, low, high : dims (number - 1,)
    """
    inside = _tails(number) >= np.quantile(_null_tails(number), 1.0 - level)
    low = inside.argmax(axis=1)
    high = number - inside[:, ::-1].argmax(axis=1)
    return np.arange(1, number) / number, low / number, high / number


def by_name(found: Sequence[Record], key: str) -> dict[str, np.ndarray]:
    """Places of each quantity, by case and name, over the episodes that have it."""
    out: dict[str, list[float]] = {}
    for t in found:
        for name, place in t[key].items():
            out.setdefault(f"{t['case']} {name}", []).append(place)
    return {name: np.array(places) for name, places in out.items()}


def one_each(found: Sequence[Record], key: str) -> dict[str, np.ndarray]:
    """Places of one quantity of each kind an episode, drawn by lot; a kind ends at its bracket.

    The parameters of one episode depend on one another, one of each episode do not.
    """
    rng = stage_generator(0, "calibration", "one of each", key)
    out: dict[str, list[float]] = {}
    for t in found:
        kinds: dict[str, list[float]] = {}
        for name, place in t[key].items():
            kinds.setdefault(name.partition("[")[0], []).append(place)
        for kind, places in kinds.items():
            out.setdefault(kind, []).append(places[rng.integers(len(places))])
    return {kind: np.array(places) for kind, places in out.items()}
