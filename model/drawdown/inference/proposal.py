"""A density near that of some draws, which can be drawn from: what draws are integrated against.

Most parameters are nearly normal given a few odd ones (the days on which a force leaves). Of a normal
the slope of the log density is linear, and says the inverse of the covariance without the noise of
draws: of a hundred parameters thousands of pairs have nothing to do with one another, and their slopes
say just that, where their correlations in some thousand draws do not. So slopes are regressed on
parameters; by Stein's identity the coefficients are minus the inverse of the covariance whatever the
density, and what they leave over says which parameters are odd. Those are met by a mixture of normals.
"""

from dataclasses import dataclass

import numpy as np

from drawdown.inference.mixture import Mixture

ODD, MOST = 0.6, 12
"""A parameter is odd if less than this share of its slope is linear; so many at most."""
COMPONENTS = 4
SURE = 2.5
"""Standard errors below which a coefficient is taken for noise."""
RIDGE, FEW_RIDGE, FEW = 1e-6, 1.0, 2
"""Of the squares of the draws, added to them: next to nothing; where draws are fewer than twice the
parameters, as much as is there."""
FLATTEST = 0.05
"""Least curvature in any direction, of standard normal parameters 1: what is looser is narrowed."""


@dataclass(frozen=True)
class Proposal:
    """A mixture of normals over some parameters, and a normal of the others that leans on them.

    Attributes
    ----------
    odd, plain : int arrays
        Places of the parameters of either kind.
    mixture : Mixture or None
        Of the odd ones; None where there are none.
    middle : dims (plain,)
    lean : dims (odd, plain)
        How the middle of the plain ones moves with the odd ones.
    root : dims (plain, plain)
        Lower Cholesky factor of the covariance of the plain ones, given the odd ones.
    """

    odd: np.ndarray
    plain: np.ndarray
    mixture: Mixture | None
    middle: np.ndarray
    lean: np.ndarray
    root: np.ndarray

    @staticmethod
    def of(draws: np.ndarray, slopes: np.ndarray) -> "Proposal":
        """Fit to draws and the slopes of the log density there; dims (draw, parameter).

        Raises
        ------
        LinAlgError, ValueError
            If the draws lie in one plane or are not finite.
        """
        effect, linear = _regressed(draws, slopes)
        odd = np.sort(np.argsort(linear, kind="stable")[: min(MOST, int((linear < ODD).sum()))])
        plain = np.setdiff1d(np.arange(draws.shape[1]), odd)
        covariance = _inverse(-effect[np.ix_(plain, plain)])
        lean = effect[np.ix_(odd, plain)] @ covariance
        middle = (draws[:, plain] - draws[:, odd] @ lean).mean(axis=0)
        mixture = Mixture.of(draws[:, odd], COMPONENTS) if len(odd) else None
        return Proposal(odd, plain, mixture, middle, lean, np.linalg.cholesky(covariance))

    def draw(self, number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw rows, and their log density; dims (draw, parameter) and (draw,)."""
        rows = np.empty((number, len(self.odd) + len(self.plain)))
        if self.mixture:
            rows[:, self.odd] = self.mixture.draw(number, rng)
        noise = rng.standard_normal((number, len(self.plain)))
        rows[:, self.plain] = self._middle(rows) + noise @ self.root.T
        return rows, self._log(noise, rows)

    def log_density(self, rows: np.ndarray) -> np.ndarray:
        """Log density of rows; dims (draw,)."""
        away = rows[:, self.plain] - self._middle(rows)
        return self._log(away @ np.linalg.inv(self.root).T, rows)

    def _middle(self, rows: np.ndarray) -> np.ndarray:
        out: np.ndarray = self.middle + rows[:, self.odd] @ self.lean
        return out

    def _log(self, noise: np.ndarray, rows: np.ndarray) -> np.ndarray:
        scale = np.log(np.diag(self.root)).sum() + 0.5 * len(self.plain) * np.log(2.0 * np.pi)
        out: np.ndarray = -0.5 * (noise**2).sum(axis=1) - scale
        return out + self.mixture.log_density(rows[:, self.odd]) if self.mixture else out


def _regressed(draws: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Effect of each parameter (row) on each slope (column), and the linear share of each slope.

    What a standard normal would have is taken off first, so that of a parameter of which no report
    speaks nothing is left to regress; with few draws the rest is drawn half-way to nothing.
    """
    number, parameters = draws.shape
    away, pull = draws - draws.mean(axis=0), slopes - slopes.mean(axis=0)
    if np.linalg.matrix_rank(away) < max(1, min(len(np.unique(draws, axis=0)) - 1, parameters)):
        raise ValueError("the draws lie in one plane")
    one, ridge = np.eye(parameters), number * (FEW_RIDGE if number < FEW * parameters else RIDGE)
    inverse = np.linalg.inv(away.T @ away + ridge * one)
    effect = inverse @ (away.T @ (pull + away)) - one
    fitted = parameters - ridge * np.trace(inverse)
    over_var = ((pull - away @ effect) ** 2).sum(axis=0) / max(number - fitted - 1.0, 1.0)
    noise = np.sqrt(np.outer(np.diag(inverse), over_var))
    sure = (np.abs(effect) > SURE * noise) | one.astype(bool)
    return np.where(sure, effect, 0.0), 1.0 - over_var / pull.var(axis=0)


def _inverse(precision: np.ndarray) -> np.ndarray:
    """Covariance of a precision, of which each half says the same but for noise."""
    values, vectors = np.linalg.eigh((precision + precision.T) / 2.0)
    out: np.ndarray = (vectors / np.maximum(values, FLATTEST)) @ vectors.T
    return out
