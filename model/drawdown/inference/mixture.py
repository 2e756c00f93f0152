"""A mixture of normals over a few parameters, fitted to draws of them.

Of our own since no library that is here has one: an iteration of expectation and maximisation
(Dempster, Laird and Rubin 1977) is a page.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

ROUNDS = 40
"""Of the iteration: the proposal need not be the most likely mixture, only near the draws."""


@dataclass(frozen=True)
class Mixture:
    """A mixture of normals.

    Attributes
    ----------
    log_chance : dims (component,)
    mean : dims (component, parameter)
    root : dims (component, parameter, parameter)
        Lower Cholesky factors of the covariances.
    """

    log_chance: np.ndarray
    mean: np.ndarray
    root: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, number: int) -> "Mixture":
        """Fit so many components to rows; dims (draw, parameter).

        A component's mean and covariance are those of its rows and of as many more, as there are
        parameters, with the mean and covariance of all rows, so that none falls into one plane. It
        begins with slices of equal size along the direction in which rows lie furthest apart.

        Raises
        ------
        LinAlgError
            If all rows lie in one plane.
        """
        overall = np.atleast_2d(np.cov(rows, rowvar=False))
        far = np.argsort((rows - rows.mean(axis=0)) @ np.linalg.eigh(overall)[1][:, -1])
        share = np.zeros((len(rows), number))
        for k, slice_ in enumerate(np.array_split(far, number)):
            share[slice_, k] = 1.0
        found = cls._most_likely(rows, share, overall)
        for _ in range(ROUNDS):
            parts = found._log_parts(rows)
            share = np.exp(parts - logsumexp(parts, axis=1, keepdims=True))
            found = cls._most_likely(rows, share, overall)
        return found

    @classmethod
    def _most_likely(cls, rows: np.ndarray, share: np.ndarray, overall: np.ndarray) -> "Mixture":
        more = rows.shape[1]
        size = share.sum(axis=0)
        mean = (share.T @ rows + more * rows.mean(axis=0)) / (size + more)[:, None]
        covariance = []
        for k, middle in enumerate(mean):
            away = rows - middle
            scatter = (share[:, k, None] * away).T @ away
            covariance.append((scatter + more * overall) / (size[k] + more))
        return cls(np.log(size + 1.0) - np.log((size + 1.0).sum()), mean, np.linalg.cholesky(covariance))

    def draw(self, number: int, rng: np.random.Generator) -> np.ndarray:
        """Draw rows; dims (draw, parameter)."""
        which = rng.choice(len(self.mean), number, p=np.exp(self.log_chance))
        noise = rng.standard_normal((number, self.mean.shape[1]))
        rows = np.empty_like(noise)
        for k, (mean, root) in enumerate(zip(self.mean, self.root, strict=True)):
            mine = which == k
            rows[mine] = mean + noise[mine] @ root.T
        return rows

    def log_density(self, rows: np.ndarray) -> np.ndarray:
        """Log density of rows; dims (draw,)."""
        out: np.ndarray = logsumexp(self._log_parts(rows), axis=1)
        return out

    def _log_parts(self, rows: np.ndarray) -> np.ndarray:
        """Log of chance times density of each component; dims (draw, component)."""
        out = np.empty((len(rows), len(self.mean)))
        for k, (mean, root) in enumerate(zip(self.mean, self.root, strict=True)):
            noise = (rows - mean) @ np.linalg.inv(root).T
            out[:, k] = -0.5 * (noise**2).sum(axis=1) - np.log(np.diag(root)).sum()
        out += self.log_chance - 0.5 * rows.shape[1] * np.log(2.0 * np.pi)
        return out
