"""What a mistaken report says: with an even chance that there is nothing, else a broad count.

Neither knows the truth. The chance of more than a count falls as slowly as the count grows: a Pareto
distribution in whole numbers, of tail index one. Under a lighter tail nothing but the truth could say a
wild number, and whoever makes one up would be believed.
"""

import numpy as np

NOTHING = 0.5
"""Chance that a mistaken report says none; of a question with yes or no it is a coin."""
MOST = 5000.0
"""Largest count that is made up; no file may say more."""


def at_least(count: np.ndarray, middle: np.ndarray | float) -> np.ndarray:
    """Chance of at least a count; dims as given."""
    some = (1.0 - NOTHING) * (middle + 1.0) / (middle + np.maximum(count, 1.0))
    return np.where(count <= 0.0, 1.0, some)


def chance(low: np.ndarray, high: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Chance of what a mistaken report says.

    Parameters
    ----------
    low, high : dims (observation,)
        Both ends of the interval belong to it; `high` may be infinite.
    middle : dims (observation,)
        About the median of what is not none, in the unit of the count.
    """
    bounded, some = np.isfinite(high), low > 0.0
    width = np.where(bounded, high, low) + 1.0 - low
    # the difference of two tails, written so that nothing cancels
    inside = at_least(low, middle) * width / (middle + low + width)
    inside = np.where(some, inside, 1.0 - at_least(low + width, middle))
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
    some = np.minimum(np.floor((middle + 1.0) / tail - middle), MOST)
    return np.where(rng.random(shape) < NOTHING, 0.0, some)
