"""What a mistaken report says: a broad count that does not know the truth.

Half of such reports say less than a middle count, and the chance of more than that falls as slowly as
the count grows: a Pareto distribution in whole numbers, of tail index one. Under a lighter tail nothing
but the truth could say a wild number, and whoever makes one up would be believed.
"""

import numpy as np

MOST = 5000.0
"""Largest count that is made up; no file may say more."""


def at_least(count: np.ndarray, middle: np.ndarray | float) -> np.ndarray:
    """Chance of at least a count; dims as given."""
    return middle / (middle + np.maximum(count, 0.0))


def chance(low: np.ndarray, high: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Chance of what a mistaken report says.

    Parameters
    ----------
    low, high : dims (observation,)
        Both ends of the interval belong to it; `high` may be infinite.
    middle : dims (observation,)
        Median, in the unit of the count.
    """
    bounded = np.isfinite(high)
    width = np.where(bounded, high, low) + 1.0 - low
    # the difference of the two tails, written so that nothing cancels
    inside = at_least(low, middle) * width / (middle + low + width)
    out: np.ndarray = np.where(bounded, inside, at_least(low, middle))
    return out


def draw(middle: np.ndarray, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Counts that mistaken reports say.

    Parameters
    ----------
    middle : dims broadcast to `shape`
    """
    # in (0, 1]: a chance of zero would be a count without end
    tail = 1.0 - rng.random(shape)
    return np.minimum(np.floor(middle * (1.0 / tail - 1.0)), MOST)
