"""A density near that of some draws, which can be drawn from: what draws are integrated against.

A normal of bent parameters. Each parameter is bent by the power of Yeo and Johnson (2000, Biometrika 87)
that makes its draws most nearly normal; correlations smaller than the greatest of so many that are
noise are put to nothing (the universal threshold of Donoho and Johnstone, on a correlation matrix as in
Bickel and Levina 2008, Annals of Statistics 36): of a hundred parameters thousands of pairs have nothing
to do with one another, and their noise together would keep the proposal away from the draws.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.stats import skew, yeojohnson_normmax

STRAIGHT = 0.3
"""Skewness up to which a parameter is left as it is: finding a power costs more than all the rest, and
few parameters are bent further."""
POWERS = (0.1, 1.9)
"""Range of powers: at 0 or 2 half of the line is a logarithm, which has no way back from everywhere."""
FLATTEST = 0.5
"""Share of the smallest spread of the draws, in any direction, that the threshold must leave."""
STEP = 0.9


@dataclass(frozen=True)
class Proposal:
    """A normal of bent parameters.

    Attributes
    ----------
    power : dims (parameter,)
        Of Yeo and Johnson; 1 is straight.
    mean : dims (parameter,)
        Of the bent parameters.
    root : dims (parameter, parameter)
        Lower Cholesky factor of their covariance.
    """

    power: np.ndarray
    mean: np.ndarray
    root: np.ndarray

    @staticmethod
    def of(draws: np.ndarray) -> "Proposal":
        """Fit to draws; dims (draw, parameter).

        Raises
        ------
        LinAlgError, ValueError
            If the draws lie in one plane or are not finite.
        """
        power = np.ones(draws.shape[1])
        for k in np.flatnonzero(np.abs(skew(draws)) > STRAIGHT):
            power[k] = np.clip(yeojohnson_normmax(draws[:, k]), *POWERS)
        bent = _bend(draws, power)
        return Proposal(power, bent.mean(axis=0), np.linalg.cholesky(_covariance(bent)))

    def draw(self, number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw rows, and their log density; dims (draw, parameter) and (draw,)."""
        noise = rng.standard_normal((number, len(self.mean)))
        rows = _straighten(self.mean + noise @ self.root.T, self.power)
        return rows, self._log(noise, rows)

    def log_density(self, rows: np.ndarray) -> np.ndarray:
        """Log density of rows; dims (draw,)."""
        away = _bend(rows, self.power) - self.mean
        return self._log(solve_triangular(self.root, away.T, lower=True).T, rows)

    def _log(self, noise: np.ndarray, rows: np.ndarray) -> np.ndarray:
        scale = np.log(np.diag(self.root)).sum() + 0.5 * len(self.mean) * np.log(2.0 * np.pi)
        bent = np.flatnonzero(self.power != 1.0)
        far = np.sign(rows[:, bent]) * np.log1p(np.abs(rows[:, bent]))
        slope = far @ (self.power[bent] - 1.0)
        out: np.ndarray = -0.5 * (noise**2).sum(axis=1) - scale + slope
        return out


def _bend(rows: np.ndarray, power: np.ndarray) -> np.ndarray:
    out, bent = rows.copy(), np.flatnonzero(power != 1.0)
    x = rows[:, bent]
    exponent = np.where(x >= 0.0, power[bent], 2.0 - power[bent])
    out[:, bent] = np.sign(x) * np.expm1(exponent * np.log1p(np.abs(x))) / exponent
    return out


def _straighten(rows: np.ndarray, power: np.ndarray) -> np.ndarray:
    out, bent = rows.copy(), np.flatnonzero(power != 1.0)
    y = rows[:, bent]
    exponent = np.where(y >= 0.0, power[bent], 2.0 - power[bent])
    out[:, bent] = np.sign(y) * np.expm1(np.log1p(exponent * np.abs(y)) / exponent)
    return out


def _covariance(bent: np.ndarray) -> np.ndarray:
    """Covariance of bent draws without correlations that may be noise."""
    covariance = np.cov(bent, rowvar=False)
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    one = np.eye(len(scale))
    pairs = max(len(scale) * (len(scale) - 1) / 2.0, 2.0)
    kept = np.where(np.abs(correlation) < np.sqrt(2.0 * np.log(pairs) / len(bent)), one, correlation)
    # leaving some out can leave a matrix that is none of a covariance
    flattest = FLATTEST * np.linalg.eigvalsh(correlation)[0]
    while np.linalg.eigvalsh(kept)[0] < flattest:
        kept = one + STEP * (kept - one)
    return kept * np.outer(scale, scale)
