"""Random numbers that fill their range evenly: a Latin hypercube in each batch of draws.

In every column each of m equal slices of a batch of m draws holds one number (McKay, Beckman and Conover
1979, Technometrics 21). What is added up over columns then has next to no error, and what is not has at
most that of independent numbers (Stein 1987). Batches stay independent of one another, so that their
spread still tells the error.
"""

from threading import Lock

import numpy as np
from scipy.special import ndtri

BATCHES = 40
"""Runs of consecutive draws, from which the Monte Carlo error of a table is read."""


def some(number: int, kept: int, rng: np.random.Generator) -> np.ndarray:
    """Places of so many of a number of draws: one, at random, of each stretch of the same length.

    Draws stand in some order within a batch, so that the first of each few, or the first few, would be
    biased. All of them where no more are there.
    """
    if kept >= number:
        return np.arange(number)
    out: np.ndarray = ((np.arange(kept) + rng.random(kept)) * number / kept).astype(int)
    return out


class Even:
    """Stands in for a generator where the first dimension of what is asked for are draws.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng: np.random.Generator):
        self._rng = rng

    def random(self, shape: int | tuple[int, ...]) -> np.ndarray:
        """Uniform numbers below 1."""
        out = self._rng.random(shape)
        size, larger = divmod(len(out), BATCHES)
        # as `array_split` has it: some batches of one more
        edge = larger * (size + 1)
        self._sort_into_slices(out[:edge], size + 1)
        self._sort_into_slices(out[edge:], size)
        return out

    def _sort_into_slices(self, numbers: np.ndarray, size: int) -> None:
        if numbers.size:
            batches = numbers.reshape(len(numbers) // size, size, -1)
            batches += self._rng.permuted(
                np.broadcast_to(np.arange(size)[:, None], batches.shape), axis=1
            )
            batches /= size

    def standard_normal(self, shape: int | tuple[int, ...]) -> np.ndarray:
        """Normal numbers."""
        # nothing and all have no quantile
        edge = np.finfo(float).eps
        out: np.ndarray = ndtri(np.clip(self.random(shape), edge, 1.0 - edge))
        return out

    def exponential(self, scale: float, shape: int | tuple[int, ...]) -> np.ndarray:
        """Exponential numbers of a mean."""
        out: np.ndarray = -scale * np.log1p(-self.random(shape))
        return out


class Tape:
    """Even numbers that are drawn once, and given again whenever they are played.

    Whoever plays it asks for the same shapes in the same order.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng: np.random.Generator):
        self._even, self._drawn, self._lock = Even(rng), list[np.ndarray](), Lock()

    def play(self) -> "Playing":
        """From the beginning."""
        return Playing(self)

    def at(self, place: int, draw: str, shape: int | tuple[int, ...]) -> np.ndarray:
        """What is at a place: drawn if nobody has been there."""
        with self._lock:
            if place == len(self._drawn):
                self._drawn.append(getattr(self._even, draw)(shape))
        # whoever has them may write over them
        return self._drawn[place].copy()


class Playing(Even):
    """Stands in for `Even`: the numbers of a tape, which are those that it would give."""

    def __init__(self, tape: Tape):
        self._tape, self._place = tape, 0

    def random(self, shape: int | tuple[int, ...]) -> np.ndarray:
        """Uniform numbers below 1."""
        return self._next("random", shape)

    def standard_normal(self, shape: int | tuple[int, ...]) -> np.ndarray:
        """Normal numbers."""
        return self._next("standard_normal", shape)

    def _next(self, draw: str, shape: int | tuple[int, ...]) -> np.ndarray:
        self._place += 1
        return self._tape.at(self._place - 1, draw, shape)


Random = np.random.Generator | Even
